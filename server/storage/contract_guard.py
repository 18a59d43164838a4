"""Other terms of a signed contract, and its deletion, are refused, whoever sends them."""

from crm_desktop.model.operations import Create, Delete, Operation
from crm_desktop.rules.contract_freeze import broken_terms, stands
from crm_desktop.rules.merged import Refused
from server.storage.records_in_work import Record
from server.storage.written import written_values


def check_terms(op: Operation, record: Record | None) -> None:
    """Refused where an operation would change what a signature is under, or take the whole of it away."""
    if op.e != "contract" or record is None or record.deleted or isinstance(op, Create):
        return
    if isinstance(op, Delete):
        if stands(record.row):
            raise Refused("contract_signed", op.id)
        return
    if broken_terms(record.row, written_values(op)):
        raise Refused("contract_terms_signed", op.id)
