"""The help that comes with the program: a Markdown text per task and language, pictures where they are packed."""

import re
from importlib import resources

TOPICS = (
    ("first-steps", "sun"),
    ("today", "calendar"),
    ("plan", "route"),
    ("find", "search"),
    ("customer", "building-2"),
    ("note", "pen-line"),
    ("quote", "file-text"),
    ("approval", "badge-check"),
    ("leads", "user-plus"),
    ("pipeline", "kanban"),
    ("contracts", "handshake"),
    ("sync", "git-compare-arrows"),
    ("settings", "settings"),
    ("keys", "square-check-big"),
)
"""Name and icon of each, in reading order; the titles are messages."""

_ABOUT = {
    "today": "today",
    "plan": "plan",
    "briefing": "plan",
    "accounts": "find",
    "contacts": "find",
    "visits": "find",
    "quotes": "find",
    "orders": "find",
    "tasks": "find",
    "account": "customer",
    "record": "customer",
    "note": "note",
    "quote": "quote",
    "order": "quote",
    "approvals": "approval",
    "leads": "leads",
    "lead_capture": "leads",
    "pipeline": "pipeline",
    "board": "pipeline",
    "stages": "pipeline",
    "outcomes": "pipeline",
    "contracts": "contracts",
    "cases": "contracts",
    "news": "sync",
    "outbox": "sync",
    "conflicts": "sync",
    "sync_history": "sync",
    "settings": "settings",
}
_ABOUT_RECORD = {
    "visit": "note",
    "lead": "leads",
    "opportunity": "pipeline",
    "stage": "pipeline",
    "contract": "contracts",
    "case": "contracts",
    "task": "today",
}
_PICTURE = re.compile(r"^!\[[^\]]*\]\(([\w-]+)\)\n", re.MULTILINE)


def topic_about(page: str, entity: str = "") -> str:
    """What helps on a page, or on the form of an `entity`; the first steps where nothing is closer."""
    if page == "record" and entity in _ABOUT_RECORD:
        return _ABOUT_RECORD[entity]
    return _ABOUT.get(page, TOPICS[0][0])


def read_text(topic: str, language: str) -> str:
    """The Markdown of a topic, without the pictures that were not packed."""
    text = (resources.files("resources") / "help" / language / f"{topic}.md").read_text(encoding="utf-8")
    return _PICTURE.sub(lambda found: found[0] if read_picture(found[1], language) else "", text)


def read_picture(name: str, language: str) -> bytes:
    """A packed picture as PNG; empty where there is none."""
    file = resources.files("resources") / "help" / "pictures" / f"{name}-{language}.png"
    return file.read_bytes() if file.is_file() else b""


def pictures_of(text: str) -> tuple[str, ...]:
    """The names of the pictures a text shows."""
    return tuple(_PICTURE.findall(text))
