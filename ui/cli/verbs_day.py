"""Verbs of the day: departure check, overdue visits, route, calendar."""

import argparse
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from crm_desktop.errors import InvalidInput
from crm_desktop.exchange.calendar_export import calendar_of, upcoming_visits
from crm_desktop.exchange.calendar_import import import_calendar
from crm_desktop.named_files import reading, writing
from crm_desktop.rules.route import Impossible
from crm_desktop.services.departure import DAYS, Departure, check_departure
from crm_desktop.services.rhythm import overdue_visits
from ui.cli.lookup import day_given, find
from ui.cli.output import Output
from ui.cli.verbs_sync import Verb
from ui.compose import App
from ui.presenters.day_route import DayPlan, begins_at, load_day, locate_stops, route_of
from ui.presenters.last_run import load_last_run

WEEKS = 4


def declare(verb: Verb) -> None:
    """Add the verbs of this module."""
    departure = verb("departure", "check whether everything for the next days is on this laptop")
    departure.add_argument("--days", type=_count, default=DAYS, metavar="N", help=f"how many days (default: {DAYS})")
    departure.add_argument("--pack", action="store_true", help="synchronise and fetch what is missing first")
    departure.set_defaults(run=_departure)
    overdue = verb("overdue", "customers who wait for a visit longer than agreed")
    overdue.set_defaults(run=_overdue)
    plan = verb("plan", "plan a visit at ACCOUNT on a day")
    plan.add_argument("account", metavar="ACCOUNT")
    plan.add_argument("day", type=day_given, metavar="DATE")
    plan.add_argument("--subject", default="")
    plan.set_defaults(run=_plan)
    route = verb("route", "put the visits of a day in a good order")
    route.add_argument("day", type=day_given, nargs="?", metavar="DATE", help="default: today")
    route.add_argument("--from-first", action="store_true", help="begin at the first visit and not at the company")
    route.add_argument("--apply", action="store_true", help="give the visits these times")
    route.set_defaults(run=_route)
    calendar = verb("calendar", "write visits as a calendar file, or take appointments from one")
    actions = calendar.add_subparsers(dest="action", metavar="export|import", required=True)
    out = actions.add_parser("export")
    out.add_argument("file", type=Path, metavar="FILE")
    out.add_argument("--weeks", type=_count, default=WEEKS, metavar="N")
    out.set_defaults(run=_export)
    into = actions.add_parser("import")
    into.add_argument("file", type=Path, metavar="FILE")
    into.set_defaults(run=_import)


def _count(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 60:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 60")
    return int(text)


def _departure(app: App, arguments: argparse.Namespace, out: Output) -> int:
    def check() -> Departure:
        def read(reader: Any) -> Departure:
            last = load_last_run(reader)
            return check_departure(reader, app.user_id, app.clock.now(), last.at if last else None, arguments.days)

        return app.store.read(read)

    found = check()
    if arguments.pack:
        for file in found.files:
            app.attachments.fetch(file.id)
        report = app.sync_once()
        if report.error is not None:
            raise report.error
        found = check()
    gaps = [(account.name or account.account_id, gap) for account in found.accounts for gap in account.gaps]
    gaps += [("", gap) for gap in found.gaps]
    data = {
        "ready": found.ready,
        "accounts": len(found.accounts),
        "complete": found.complete,
        "bytes": found.size,
        "synced_at": found.synced_at,
        "price_lists": [row["name"] for row in found.price_lists],
        "gaps": [
            {"account": name, "reason": gap.reason, "entity": gap.entity, "id": gap.record_id, "count": gap.count,
             "size": gap.size, "day": gap.day}
            for name, gap in gaps
        ],
    }  # fmt: skip
    lines = [out.word("departure", complete=found.complete, accounts=len(found.accounts))]
    lines += [
        f"- {name + ': ' if name else ''}" + out.word(f"gap_{gap.reason}", count=gap.count, day=gap.day)
        for name, gap in gaps
    ]
    out.say(data, *lines)
    return 0


def _overdue(app: App, _arguments: argparse.Namespace, out: Output) -> int:
    today = app.clock.now().astimezone().date()
    found = app.store.read(lambda reader: overdue_visits(reader, app.user_id, today))
    data = [
        {"account_id": item.account["id"], "account": item.account["name"], "due_on": item.due_on,
         "days_over": item.days_over, "last_visit_at": item.last_visit_at, "rhythm_days": item.rhythm_days}
        for item in found
    ]  # fmt: skip
    rows = [(item.account["name"], item.days_over, (item.last_visit_at or "")[:10], item.rhythm_days) for item in found]
    header = ("account", "days over", "last visit", "rhythm")
    out.table(data, header if out.language == "en" else ("Kunde", "Tage darüber", "letzter Besuch", "Rhythmus"), rows)
    return 0


def _plan(app: App, arguments: argparse.Namespace, out: Output) -> int:
    account = app.store.read(lambda reader: find(reader, "account", arguments.account))
    visit_id = app.day_plan.plan_visit(account["id"], arguments.day, subject=arguments.subject)
    out.say({"id": visit_id}, out.word("created", what=visit_id))
    return 0


def _route(app: App, arguments: argparse.Namespace, out: Output) -> int:
    now = app.clock.now()
    day = arguments.day or now.astimezone().date()
    plan = app.store.read(lambda reader: load_day(reader, app.user_id, day))
    plan, found, _ = locate_stops(plan, {})
    route = route_of(plan, begins_at(day, now), from_home=not arguments.from_first)
    if isinstance(route, Impossible):
        raise _no_route(plan, route)
    if arguments.apply:
        app.day_plan.set_starts({stop.key: _moment(day, stop.begins) for stop in route.stops}, found, "route")
    names = {stop.visit["id"]: stop.name for stop in plan.stops}
    data = {
        "day": day,
        "km": round(route.km, 1),
        "driving_min": route.driving,
        "stops": [
            {"visit_id": stop.key, "account": names[stop.key], "starts_at": _moment(day, stop.begins).isoformat(),
             "km": round(stop.km, 1), "driving_min": stop.driving}
            for stop in route.stops
        ],
        "without_place": [stop.name for stop in plan.stops if stop.point is None and not stop.whole_day],
    }  # fmt: skip
    rows = [
        (f"{s.begins // 60:02d}:{s.begins % 60:02d}", names[s.key], f"{s.km:.0f} km", s.driving) for s in route.stops
    ]
    header = ("start", "account", "way", "min") if out.language == "en" else ("Beginn", "Kunde", "Weg", "Min.")
    out.table(data, header, rows)
    return 0


def _no_route(plan: DayPlan, route: Impossible) -> InvalidInput:
    names = {stop.visit["id"]: stop.name for stop in plan.stops}
    if route.clash is None:
        return InvalidInput(
            "route_too_much", "The visits do not fit into one day.", "Plan one of them for another day."
        )
    first, second = (names[key] for key in route.clash)
    return InvalidInput(
        "route_clash",
        f"After the fixed visit at {first}, the one at {second} cannot be reached in time.",
        "Agree on another time for one of them.",
        first=first,
        second=second,
    )


def _moment(day: date, minute: int) -> datetime:
    return datetime.combine(day, time(minute // 60, minute % 60)).astimezone()


def _export(app: App, arguments: argparse.Namespace, out: Output) -> int:
    now = app.clock.now()

    def read(reader: Any) -> tuple[int, bytes]:
        visits = upcoming_visits(reader, app.user_id, now, arguments.weeks)
        return len(visits), calendar_of(reader, visits, now)

    count, data = app.store.read(read)
    with writing(arguments.file):
        arguments.file.write_bytes(data)
    out.say({"file": str(arguments.file), "visits": count}, out.word("calendar_written", count=count))
    return 0


def _import(app: App, arguments: argparse.Namespace, out: Output) -> int:
    with reading(arguments.file):
        data = arguments.file.read_bytes()
    midnight = datetime.combine(app.clock.now().astimezone().date(), time()).astimezone()
    done = import_calendar(app.store, app.records, data, midnight)
    answer = {
        "made": len(done.made),
        "changed": len(done.changed),
        "same": done.same,
        "whole_days": done.whole_days,
        "skipped": [{"line": item.line, "why": item.why, "summary": item.summary} for item in done.skipped],
    }
    lines = [out.word("calendar_taken", made=len(done.made), changed=len(done.changed), same=done.same)]
    lines += [out.word("calendar_whole_days", count=done.whole_days)] if done.whole_days else []
    lines += [out.word(f"skip_{item.why}", line=item.line, summary=item.summary) for item in done.skipped]
    out.say(answer, *lines)
    return 0
