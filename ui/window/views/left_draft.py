"""At the start of the program: a form was not saved to its end, and the way to it. Loads no form."""

from typing import Any

from ui.window.i18n import tr
from ui.window.page import Shell

KEY = "form"
"""Of the draft in the store: there is one, of the form that was open."""


def tell_left_draft(shell: Shell) -> None:
    """At the start: a form was not saved to its end, and the way to it."""
    store = shell.app.store

    def tell(draft: dict[str, Any] | None) -> None:
        if draft is not None:
            place = dict(draft["place"])
            shell.toast(tr("form.left_draft"), opens=lambda: shell.navigate("record", **place))

    shell.tasks.read(lambda: store.load_draft(KEY), tell, key="form draft")
