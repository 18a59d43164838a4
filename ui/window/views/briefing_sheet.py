"""The words of a briefing on paper, the same as on its page."""

from datetime import date, datetime

from crm_desktop.documents.briefing_pdf import BriefingRow, BriefingSection
from crm_desktop.model.columns import parse_instant
from crm_desktop.model.wire import Row, field_facts
from crm_desktop.rules.whole_day import moment_of
from ui.presenters.visit_briefing import VisitBriefing
from ui.window.i18n import fmt_date, fmt_money, fmt_near_day, language, tr
from ui.window.views.account_words import question
from ui.window.views.briefing_words import case_title, change_words, quote_words


def briefing_lines(found: VisitBriefing, now: datetime) -> tuple[str, ...]:
    """What stands below the name: the visit, the person, the place."""
    visit, person = found.visit, found.people[0] if found.people else None
    when = ""
    if visit is not None and visit["starts_at"]:
        when = fmt_near_day(moment_of(visit), now)
    who = ", ".join(part for part in (person["name"], person["job_title"]) if part) if person is not None else ""
    subject = visit["subject"] if visit is not None else ""
    first = " · ".join(part for part in (when, subject) if part)
    second = " · ".join(part for part in (who, found.phone, found.place) if part)
    return tuple(line for line in (first, second) if line)


def briefing_sections(found: VisitBriefing, now: datetime) -> tuple[BriefingSection, ...]:
    """The sections that hold something."""
    briefing, since = found.briefing, found.since
    sections = [
        BriefingSection(tr("briefing.last_visits"), tuple(_visit(visit) for visit in briefing.visits)),
        BriefingSection(tr("briefing.promises"), tuple(_dated(task, task["subject"], now) for task in briefing.tasks)),
        BriefingSection(
            tr("note.open_quotes"),
            tuple(
                BriefingRow(title, sub, fmt_money(quote.total, quote.currency))
                for quote in briefing.quotes
                for title, sub in [quote_words(quote)]
            ),
        ),
        BriefingSection(tr("briefing.cases"), tuple(_dated(case, case_title(case), now) for case in briefing.cases)),
    ]
    if since.visit is not None:
        day = fmt_date(parse_instant(since.visit["starts_at"]))
        rows = tuple(
            BriefingRow(title, sub, fmt_near_day(parse_instant(change.at), now) if change.at else "")
            for change in since.changes
            for title, sub in [change_words(change)]
        )
        sections.append(BriefingSection(tr("briefing.changes", day=day), rows))
    if briefing.question is not None:
        asked = BriefingRow(question(briefing.question))
        sections.append(BriefingSection(tr("account.next_question"), (asked,)))
    return tuple(section for section in sections if section.rows)


def _visit(visit: Row) -> BriefingRow:
    when = fmt_date(parse_instant(visit["starts_at"])) if visit["starts_at"] else ""
    outcome = field_facts("visit")["outcome"].choice_label(visit["outcome"], language()) if visit["outcome"] else ""
    promised = f"{tr('word.next_step')}: {visit['next_step']}" if visit["next_step"] else ""
    text = "\n".join(part for part in (visit["note"].strip(), promised) if part)
    return BriefingRow(" · ".join(part for part in (visit["subject"], outcome) if part) or when, text, when)


def _dated(record: Row, title: str, now: datetime) -> BriefingRow:
    due = fmt_near_day(date.fromisoformat(record["due_on"]), now) if record["due_on"] else ""
    return BriefingRow(title, "", due)
