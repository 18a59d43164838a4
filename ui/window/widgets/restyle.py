"""Applying the style sheet again after a property it selects by has changed."""

from PySide6.QtWidgets import QWidget


def restyle(widget: QWidget) -> None:
    """Qt looks at property selectors only when a widget is polished."""
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
    widget.update()
