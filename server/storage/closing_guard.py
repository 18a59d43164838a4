"""An opportunity is lost with a reason, and with the name of who won it, or it is not closed."""

from crm_desktop.model.operations import Create, Operation, Patch
from crm_desktop.model.wire import Row
from crm_desktop.rules.closing import LOST, closing_gap, codes_of
from crm_desktop.rules.merged import Refused
from server.storage.commit import Commit
from server.storage.records_in_work import Record


def check_closing(commit: Commit, op: Operation, record: Record | None) -> None:
    """Refused where an operation would leave an opportunity lost without a word on it."""
    if op.e != "opportunity" or not isinstance(op, (Create, Patch)):
        return
    written: Row = dict(op.v) if isinstance(op, Create) else {name: change.new for name, change in op.set.items()}
    if "stage" not in written:
        return
    own = [
        commit.live("opportunity_stage", stage_id) for stage_id in commit.where("opportunity_stage", "outcome", LOST)
    ]
    lost = codes_of((stage.row for stage in own if stage is not None), LOST)
    gap = closing_gap(({} if record is None else record.row) | written, lost)
    if gap == "opportunity_lost_reason_missing":
        raise Refused("opportunity_lost_reason_missing", op.id)
    if gap:
        raise Refused("opportunity_competitor_missing", op.id)
