"""The plan of a day on a real store: order, sketch, times, calendar files."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QWidget

from crm_desktop.model.columns import parse_instant
from crm_desktop.rules.route import Impossible, Route
from tests.unit.ui.window.shell_for_tests import ME, FixedClock, TestShell, press, receive, shots
from ui.presenters import day_route
from ui.presenters.day_plan import load_planning, load_waiting
from ui.window.error_banner import error_words
from ui.window.i18n import tr
from ui.window.views import plan_page
from ui.window.views.plan_page import PlanPage
from ui.window.widgets.button import Button

PLACES = {"acc-1": ("Berlin", "52.524370", "13.410530"), "acc-2": ("Brandenburg", "52.416670", "12.550000"),
          "acc-3": ("Leipzig", "51.339620", "12.371290"), "acc-4": ("Potsdam", "52.398860", "13.065660")}  # fmt: skip


@pytest.fixture
def page(shell: TestShell, monkeypatch: pytest.MonkeyPatch) -> PlanPage:
    """Four visits tomorrow in a bad order, one of them fixed; their places are known."""
    monkeypatch.setattr(day_route, "find_towns", lambda wanted: {})
    day = shell.app.clock.now().replace(minute=0) + timedelta(days=1)
    visits = [
        {"id": f"v-{account}", "account_id": account, "owner_id": ME, "status": "planned", "subject": "Visit",
         "starts_at": day.replace(hour=hour).isoformat(), "duration_min": 45, "fixed": account == "acc-3"}
        for account, hour in (("acc-1", 8), ("acc-3", 12), ("acc-4", 14), ("acc-2", 16))
    ]  # fmt: skip
    receive(
        shell.app.store,
        {
            "account": [{"id": "acc-4", "name": "Havelkontor", "owner_id": ME, "visit_rhythm_days": 30},
                        {"id": "acc-5", "name": "Blauer See Delikatessen", "owner_id": ME, "visit_rhythm_days": 30}],
            "address": [
                {"id": f"adr-{account}", "account_id": account, "city": city, "country": "Germany",
                 "latitude": latitude, "longitude": longitude, "kind": "visit"}
                for account, (city, latitude, longitude) in PLACES.items()
            ],
            "visit": visits,
        },
        gone=[("visit", "vis-4")],
    )  # fmt: skip
    page = PlanPage(shell)
    shell.put(page)
    page.open(day=day.astimezone().date())
    shell.settle()
    return page


def said(widget: QWidget) -> str:
    return "\n".join(label.accessibleName() for label in widget.findChildren(QLabel) if label.isVisible())


def starts(shell: TestShell) -> dict[str, str]:
    rows = shell.app.store.read(lambda reader: reader.where("visit", status="planned"))
    return {row["id"]: parse_instant(row["starts_at"]).astimezone().strftime("%H:%M") for row in rows}


def test_a_day_gets_a_good_order_and_its_times_by_keys(shell: TestShell, page: PlanPage) -> None:
    route = page.route
    assert isinstance(route, Route)
    order = [stop.key for stop in route.stops]
    assert sorted(order) == ["v-acc-1", "v-acc-2", "v-acc-3", "v-acc-4"]
    before = starts(shell)
    assert order != sorted(order, key=before.__getitem__)
    text = said(page)
    for number, key in enumerate(order, start=1):
        assert f"\n{number}\n" in text
        assert PLACES[key.removeprefix("v-")][0] in text
    described = page.sketch.accessibleDescription()
    assert described.startswith("1 ")
    assert "4 " in described
    assert len(page.sketch.places()) == 4
    shots(shell, "plan")
    press(page, Qt.Key.Key_A)
    shell.settle()
    after = starts(shell)
    assert after["v-acc-3"] == before["v-acc-3"], "a fixed visit never moves"
    assert sorted(order, key=after.__getitem__) == order
    assert not page.apply_button.isEnabled()
    assert shell.undo is not None
    shell.undo()
    shell.settle()
    assert starts(shell) == before


def test_fixed_visits_that_clash_are_named_and_nothing_is_offered(shell: TestShell, page: PlanPage) -> None:
    at = starts(shell)["v-acc-3"]
    shell.app.records.update("visit", "v-acc-1", {"fixed": True, "starts_at": f"{page.day}T{at}:00.000Z"})
    shell.settle()
    assert isinstance(page.route, Impossible)
    assert page.problem.isVisible()
    assert not page.apply_button.isEnabled()
    press(page, Qt.Key.Key_A)
    shell.settle()
    assert shell.toasts == []


def test_a_day_that_is_done_says_no_way_and_draws_none(shell: TestShell, page: PlanPage) -> None:
    assert page.sketch.isVisible()
    narrow = page.columns.main.width()
    for visit_id in starts(shell):
        shell.app.records.update("visit", visit_id, {"status": "done"})
    shell.settle()
    assert page.said.plain_text() == "No drive on this day"
    assert not page.sketch.isVisible()
    assert page.columns.main.width() > narrow  # no empty column where the way would be
    assert "km" not in said(page)


def test_a_day_with_a_thousand_visits_reads_and_shows_no_more_than_a_full_one(shell: TestShell, page: PlanPage) -> None:
    day = (shell.app.clock.now() + timedelta(days=3)).replace(minute=0)
    visits = [
        {"id": f"many-{number:04}", "account_id": "acc-5", "owner_id": ME, "status": "planned", "subject": "Visit",
         "starts_at": (day.replace(hour=7) + timedelta(seconds=30 * number)).isoformat(), "duration_min": 10}
        for number in range(1000)
    ]  # fmt: skip
    receive(shell.app.store, {"visit": visits})
    before = shell.app.store.rows_fetched
    page.open(day=day.astimezone().date())
    shell.settle()
    lines = [part for part in page.findChildren(QWidget) if part.accessibleName().startswith("Fix")]
    assert len(lines) == day_route.STOPS_PLANNED
    assert shell.app.store.rows_fetched - before < 10 * day_route.STOPS_PLANNED
    assert "1,000 visits" in said(page)
    assert "940 later visits are not planned here." in said(page)
    link = next(part for part in page.findChildren(Button) if part.accessibleName() == "All visits of the day")
    QTest.mouseClick(link, Qt.MouseButton.LeftButton)
    where = shell.visited[-1][1]
    assert (shell.visited[-1][0], where["sort"]) == ("visits", "starts_at")


def test_a_time_is_fixed_and_freed_on_the_page(shell: TestShell, page: PlanPage) -> None:
    def button(name: str) -> QWidget:
        return next(part for part in page.findChildren(QWidget) if part.accessibleName() == name and part.isVisible())

    press(button("Fix this time: Alfreds Futterkiste"), Qt.Key.Key_Space)
    shell.settle()
    route = page.route
    assert isinstance(route, Route)
    at = starts(shell)["v-acc-1"]
    assert [f"{stop.begins // 60:02d}:{stop.begins % 60:02d}" for stop in route.stops if stop.key == "v-acc-1"] == [at]
    press(button("Let the route choose the time: Alfreds Futterkiste"), Qt.Key.Key_Space)
    shell.settle()
    visit = shell.app.store.read(lambda reader: reader.get("visit", "v-acc-1"))
    assert visit is not None
    assert visit["fixed"] is False


def test_places_not_known_stay_out_and_coordinates_found_are_kept(
    shell: TestShell, page: PlanPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crm_desktop.rules.travel import Point

    receive(shell.app.store, {"address": [{"id": "adr-acc-2", "account_id": "acc-2", "city": "Brandenburg",
                                           "country": "Germany", "kind": "visit"}]})  # fmt: skip
    shell.settle()
    assert "Place unknown" in said(page)
    monkeypatch.setattr(
        day_route,
        "find_towns",
        lambda wanted: {town: Point(52.41667, 12.55) for town in wanted if town.city != "London"},
    )
    page.planning = None
    page.open()
    shell.settle()
    assert "Place unknown" not in said(page)
    address = shell.app.store.read(lambda reader: reader.get("address", "adr-acc-2"))
    assert address is not None
    assert address["latitude"] is None, "only planning with these times keeps the coordinates"
    page.apply()
    shell.settle()
    address = shell.app.store.read(lambda reader: reader.get("address", "adr-acc-2"))
    assert address is not None
    assert address["latitude"] == "52.416670"


def test_other_days_and_a_visit_put_on_the_day(shell: TestShell, page: PlanPage) -> None:
    day = page.day
    press(page, Qt.Key.Key_Right)
    shell.settle()
    assert page.day == day + timedelta(days=1)
    assert "Add one of the customers below, who wait for a visit, or read your calendar." in said(page)
    assert " km" not in said(page)
    assert page.sketch.isHidden()
    shots(shell, "plan-nothing")
    begin = next(part for part in page.findChildren(Button) if part.accessibleName() == "Plan a visit")
    press(begin, Qt.Key.Key_Space)
    values = shell.visited[-1][1]["values"]
    assert parse_instant(values["starts_at"]).astimezone().date() == page.day
    add = next(button for button in page.findChildren(QWidget) if button.accessibleName().startswith("Add to this day"))
    press(add, Qt.Key.Key_Space)
    shell.settle()
    assert page.planning is not None
    assert len(page.planning.plan.stops) == 1
    press(page, Qt.Key.Key_Left)
    shell.settle()
    assert page.day == day
    assert page.planning.plan.day == day


def test_a_calendar_file_dropped_becomes_visits(shell: TestShell, page: PlanPage, tmp_path: Path) -> None:
    file = tmp_path / "team.ics"
    file.write_text(
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART:20261120T170000Z\nSUMMARY:Havelkontor\nEND:VEVENT\n"
        "BEGIN:VEVENT\nUID:b\nSUMMARY:Without a start\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    where = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(page, QDragEnterEvent(QPoint(50, 50), *where))
    QApplication.sendEvent(page, QDropEvent(QPointF(50, 50), *where))
    shell.settle()
    assert page.planning is not None
    assert shell.errors == []
    taken = [stop for stop in page.planning.plan.stops if stop.visit["calendar_uid"] == "a"]
    assert [(stop.name, stop.visit["fixed"]) for stop in taken] == [("Havelkontor", True)]
    assert "Line 7 has no start. Without a start" in said(page)
    shots(shell, "plan-calendar")
    assert shell.undo is not None
    shell.undo()
    shell.settle()
    assert not [stop for stop in page.planning.plan.stops if stop.visit["calendar_uid"]]


def test_several_calendar_files_are_taken_told_and_taken_back_together(
    shell: TestShell, page: PlanPage, tmp_path: Path
) -> None:
    def uids() -> list[str]:
        visits = shell.app.store.read(lambda reader: reader.where("visit"))
        return sorted(visit["calendar_uid"] for visit in visits if visit["calendar_uid"])

    entry = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:{0}\nDTSTART:20261120T170000Z\nSUMMARY:{0}\nEND:VEVENT\nEND:VCALENDAR\n"
    for name in ("one", "two"):
        (tmp_path / f"{name}.ics").write_text(entry.format(name))
    page.calendar.take(tmp_path / "one.ics", tmp_path / "gone.ics", tmp_path / "two.ics")
    shell.settle()
    assert uids() == ["one", "two"]
    assert "Taken from one.ics" in said(page)
    assert "Taken from two.ics" in said(page)
    assert error_words(shell.errors[-1])[0] == "Not added: gone.ics"
    assert shell.undo is not None
    shell.undo()
    shell.settle()
    assert uids() == []


def test_a_place_that_is_being_looked_up_is_not_called_unknown(
    shell: TestShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()

    def find(wanted: Any) -> dict[Any, Any]:
        assert gate.wait(60)
        return {}

    monkeypatch.setattr(day_route, "find_towns", find)
    page = PlanPage(shell)
    shell.put(page)
    page.open()
    wait_until(lambda: "Alfreds Futterkiste" in said(page))
    assert tr("plan.looking") in said(page)
    assert tr("plan.no_place") not in said(page)
    gate.set()
    shell.settle()
    assert tr("plan.no_place") in said(page)


def test_a_whole_day_stands_above_the_route_and_takes_nothing_of_it(
    shell: TestShell, page: PlanPage, tmp_path: Path
) -> None:
    def hours() -> list[tuple[str, int]]:
        assert isinstance(page.route, Route)
        return [(stop.key, stop.begins) for stop in page.route.stops]

    before = hours()
    file = tmp_path / "fair.ics"
    file.write_text(
        f"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nDTSTART;VALUE=DATE:{page.day:%Y%m%d}\nSUMMARY:Havelkontor\n"
        "END:VEVENT\nEND:VCALENDAR\n"
    )
    page.calendar.take(file)
    shell.settle()
    assert page.planning is not None
    assert [stop.name for stop in page.planning.plan.stops if stop.whole_day] == ["Havelkontor"]
    assert hours() == before
    text = said(page)
    assert text.index("\nWhole day\nHavelkontor\n") < text.index("\n1\n")
    assert "1 whole day stands in the list of its day and takes no time of the route." in text
    shots(shell, "plan-whole-day")
    line = next(part for part in page.findChildren(QWidget) if part.accessibleName().startswith("Whole day, Havel"))
    press(line, Qt.Key.Key_Return)
    assert shell.visited[-1][0] == "note"


def test_the_calendar_goes_out_and_is_chosen_by_keys(
    shell: TestShell, page: PlanPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "visits.ics"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    press(page, Qt.Key.Key_E)
    shell.settle()
    assert file.read_bytes().count(b"BEGIN:VEVENT") == 6
    assert shell.toasts[-1] == "6 visits are in visits.ics"
    press(page, Qt.Key.Key_I)
    shell.settle()
    assert "New visits: 0, changed: 0, as they were: 6." in said(page)
    file.write_text("nothing")
    press(page, Qt.Key.Key_I)
    shell.settle()
    assert "This is no calendar file." in said(page)
    file.unlink()
    press(page, Qt.Key.Key_I)
    shell.settle()
    assert [getattr(error, "code", "") for error in shell.errors] == ["cannot_read"]


def test_today_begins_now_and_leaves_out_what_is_over(shell: TestShell, monkeypatch: pytest.MonkeyPatch) -> None:
    found: dict[Any, Any] = {}
    monkeypatch.setattr(day_route, "find_towns", lambda wanted: found)
    clock = shell.app.clock
    assert isinstance(clock, FixedClock)
    now = datetime(2026, 11, 19, 9, 4, tzinfo=UTC).astimezone()
    assert day_route.begins_at(now.date(), now) == now.hour * 60 + 5
    assert day_route.begins_at(now.date() + timedelta(days=1), now) == 8 * 60


def test_the_day_stands_there_before_it_is_known_who_waits(shell: TestShell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(day_route, "find_towns", lambda wanted: {})
    day_gate, waiting_gate = threading.Event(), threading.Event()

    def late(gate: threading.Event, load: Any) -> Any:
        def loaded(*args: Any, **kinds: Any) -> Any:
            assert gate.wait(60)
            return load(*args, **kinds)

        return loaded

    monkeypatch.setattr(plan_page, "load_planning", late(day_gate, load_planning))
    monkeypatch.setattr(plan_page, "load_waiting", late(waiting_gate, load_waiting))
    receive(shell.app.store, {"account": [{"id": "acc-5", "name": "Blauer See", "owner_id": ME,
                                           "visit_rhythm_days": 30}]})  # fmt: skip
    page = PlanPage(shell)
    shell.put(page)
    page.open()
    wait_until(lambda: page.skeleton.isVisible() and page.waiting_skeleton.isVisible())
    assert "19 November" in said(page)
    day_gate.set()
    wait_until(lambda: page.planning is not None and not page.skeleton.isVisible())
    assert page.waiting_skeleton.isVisible()
    assert "Blauer See" not in said(page)
    waiting_gate.set()
    shell.settle()
    assert not page.waiting_skeleton.isVisible()
    assert "Blauer See" in said(page)


def wait_until(holds: Callable[[], bool]) -> None:
    for _ in range(3000):
        if holds():
            return
        QTest.qWait(10)
    raise AssertionError("it did not come")
