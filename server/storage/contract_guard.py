"""The terms of a signed contract are refused, whoever sends them."""

from crm_desktop.model.operations import Create, Operation
from crm_desktop.rules.contract_freeze import broken_terms
from crm_desktop.rules.merge import Refused
from server.storage.records_in_work import Record
from server.storage.written import written_values


def check_terms(op: Operation, record: Record | None) -> None:
    """Refused where an operation would change what a signature is under."""
    if op.e != "contract" or record is None or record.deleted or isinstance(op, Create):
        return
    if broken_terms(record.row, written_values(op)):
        raise Refused("contract_terms_signed", op.id)
