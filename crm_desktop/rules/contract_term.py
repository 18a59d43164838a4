"""When a contract wants attention: the last day for notice, the day of its reminder, how far it renews."""

import calendar
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

RUNNING = ("active",)  # a draft binds nobody, and where notice was given nothing is left to decide


def _day(value: Any) -> date | None:
    return date.fromisoformat(str(value)) if value else None


def notice_on(contract: Mapping[str, Any]) -> date | None:
    """The last day on which notice may be given; None where no end is agreed."""
    ends_on = _day(contract.get("ends_on"))
    return ends_on - timedelta(days=contract.get("notice_days") or 0) if ends_on else None


def remind_on(contract: Mapping[str, Any]) -> date | None:
    """The day from which the contract is on the reminder list."""
    last = notice_on(contract)
    return last - timedelta(days=contract.get("remind_days") or 0) if last else None


def is_due(contract: Mapping[str, Any], today: date) -> bool:
    """Whether somebody has to decide on a running contract: renew it, or give notice."""
    begins = remind_on(contract)
    return contract.get("status") in RUNNING and begins is not None and begins <= today


def renewed_until(contract: Mapping[str, Any], today: date) -> date | None:
    """The end after the renewals agreed, the first that is not past; None where it does not renew by itself."""
    ends_on, months = _day(contract.get("ends_on")), contract.get("renews_months") or 0
    if ends_on is None or months <= 0:
        return None
    times = 1
    while (end := months_later(ends_on, months * times)) < today:
        times += 1
    return end


def months_later(start: date, months: int) -> date:
    """The same day so many months later, the last of the month where it has no such day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))
