"""Who is known already, said in the form of an account, a contact or a lead while it is typed."""

from collections.abc import Callable

from crm_desktop.services.duplicates import Likeness, wanted_of
from ui.presenters.record_form import FormData
from ui.window.i18n import tr
from ui.window.page import Shell
from ui.window.views.child_rows import ChildRows
from ui.window.views.duplicate_hint import DuplicateHint
from ui.window.views.form_fields import FormFields

# Fields that tell who somebody is; an entity stands for its repeated rows.
_TELLING = frozenset({"name", "company", "email", "phone", "channel"})
_ASKED = frozenset({"account", "contact", "lead"})


class FormKnown:
    """`hint` is the banner. `touch` marks a field as changed, `give_up` forgets what was typed."""

    def __init__(
        self, shell: Shell, fields: FormFields, touch: Callable[[str], None], give_up: Callable[[], None]
    ) -> None:
        self._shell = shell
        self._fields = fields
        self._touch = touch
        self._give_up = give_up
        self._data: FormData | None = None
        self.hint = DuplicateHint(shell, self.take)

    def begin(self, data: FormData) -> None:
        """Another record is in the form."""
        self._data = data
        self.hint.set_show(self._go_to if data.entity == "lead" else None)
        self.hint.forget()

    def edited(self, name: str, channels: ChildRows | None) -> None:
        """Something was typed. Of a record that exists only a lead may still turn out to be somebody known."""
        data = self._data
        if data is None or data.entity not in _ASKED or name not in _TELLING or data.refused:
            return
        if data.record_id and data.entity != "lead":
            return
        typed = {field: editor.value() for field, (_, editor) in self._fields.editors.items() if field in _TELLING}
        rows = [values for _, values in (channels.pending() or [])] if channels is not None else []
        self.hint.look(wanted_of(data.entity, typed, rows, data.record_id or ""))

    def take(self, item: Likeness) -> None:
        """A lead belongs to the record that is known; another new record is not begun, the known one comes instead."""
        data = self._data
        if data is None:
            return
        self.hint.forget()
        if data.entity == "lead" and item.entity != "lead":
            self._link(item)
            return
        typed, _ = self._fields.typed()
        entity, values = data.entity, {name: value for name, value in typed.items() if value}
        self._give_up()
        self._go_to(item)
        shell = self._shell
        shell.toast(
            tr("known.not_saved", name=item.name), lambda: shell.navigate("record", entity=entity, values=values)
        )

    def _link(self, item: Likeness) -> None:
        is_person = item.entity == "contact"
        for name, value, title in (
            ("account_id", item.account_id, item.place if is_person else item.name),
            ("contact_id", item.id if is_person else None, item.name),
        ):
            if value:
                self._fields.editors[name][1].set_value(value, title)
                self._touch(name)

    def _go_to(self, item: Likeness) -> None:
        if item.entity == "account":
            self._shell.navigate("account", account_id=item.id)
        else:
            self._shell.navigate("record", entity=item.entity, record_id=item.id)
