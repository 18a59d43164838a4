"""Which revision of a quote is the current one."""

from crm_desktop.model.wire import Row
from crm_desktop.rules.named_ids import is_named


def is_fork(revision: Row) -> bool:
    """Whether a revision (row with `id`) was split off another one of the same number: see `rules.forks`."""
    return is_named(revision["id"])


def current_last(revision: Row) -> tuple[int, bool, str]:
    """Sorts revisions (rows with `id`), the current one last: of one number that is the one that is no fork."""
    return revision["revision"] or 0, not is_fork(revision), revision["id"]
