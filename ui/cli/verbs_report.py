"""The verb that tells what was won and lost, as the page does."""

import argparse
from dataclasses import asdict
from datetime import date
from typing import Any

from ui.cli.output import Output, table_lines
from ui.cli.verbs_sync import Verb
from ui.compose import App
from ui.presenters.outcomes import PERIODS, Group, Outcome, Sums, load_outcomes, span, total

_HEADER = ("day", "result", "what", "account", "net", "competitor")


def declare(verb: Verb) -> None:
    """Add the verb of this module."""
    report = verb("report", "what was won and lost, by the day of closing")
    kinds = report.add_subparsers(dest="report", metavar="won-lost", required=True)
    outcomes = kinds.add_parser("won-lost", help="quotes and opportunities decided in a period, with sums and reasons")
    outcomes.add_argument("--json", action="store_true", default=argparse.SUPPRESS)
    outcomes.add_argument("--period", choices=PERIODS, default=PERIODS[0], help=f"default: {PERIODS[0]}")
    outcomes.add_argument("--from", dest="first", type=date.fromisoformat, metavar="DATE", help="instead of a period")
    outcomes.add_argument("--until", dest="last", type=date.fromisoformat, metavar="DATE", help="default: today")
    outcomes.set_defaults(run=_won_lost)


def _won_lost(app: App, arguments: argparse.Namespace, out: Output) -> int:
    today = app.clock.now().astimezone().date()
    first, last = span(arguments.period, today)
    if arguments.first or arguments.last:
        first, last = arguments.first or first, arguments.last or today
    found = app.store.read(lambda reader: load_outcomes(reader, first, last))
    data = {
        "first": first,
        "last": last,
        "won": [asdict(one) for one in found.won],
        "lost": [asdict(one) for one in found.lost],
        "won_total": dict(total(found.won)),
        "lost_total": dict(total(found.lost)),
        "rate_percent": found.rate,
        "open": found.open_count,
        "reasons": [_group(group) for group in found.reasons],
        "competitors": [_group(group) for group in found.competitors],
    }
    rows = [
        (one.day, out.word("won" if one.won else "not_won"), one.title, one.account, _amount(one), one.competitor)
        for one in (*found.won, *found.lost)
    ]
    sums = out.word("won_lost", won=_money(total(found.won)), lost=_money(total(found.lost)), open=found.open_count)
    out.say(data, *table_lines(_HEADER, rows, out.word("none")), sums)
    return 0


def _group(group: Group) -> dict[str, Any]:
    return {"key": group.key, "count": group.count, "sums": dict(group.sums)}


def _amount(one: Outcome) -> str:
    return "" if one.amount is None else f"{one.amount:.2f} {one.currency}"


def _money(sums: Sums) -> str:
    return " + ".join(f"{amount:.2f} {currency}" for currency, amount in sums) or "0"
