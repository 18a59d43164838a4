"""Words on the screen: messages in the current language, figures and dates, Qt's own texts."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QObject, QTranslator, Signal

from crm_desktop.errors import BugError
from ui.catalogue import catalogue
from ui.window import formats

Language = Literal["en", "de"]
LANGUAGES: tuple[Language, ...] = ("en", "de")


class LanguageNotifier(QObject):
    """Tells open pages that the words have changed; the argument is the new language."""

    language_changed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.current: Language = "en"
        self.qt_texts: QTranslator | None = None


notifier = LanguageNotifier()
language_changed = notifier.language_changed


def language() -> Language:
    """The language on the screen."""
    return notifier.current


def set_language(wanted: Language) -> None:
    """Switch words, figures, dates and Qt's own texts; open pages hear `language_changed`."""
    if wanted not in LANGUAGES:
        raise BugError(f"no catalogue for language {wanted}")
    notifier.current = wanted
    QLocale.setDefault(QLocale(formats.LOCALES[wanted]))
    _switch_qt_texts(wanted)
    notifier.language_changed.emit(wanted)


def tr(key: str, /, **values: object) -> str:
    """The message of a key with its placeholders filled.

    `count` also chooses between `one` and `other`, and is written with separators. BugError if no catalogue
    knows the key or a placeholder has no value.
    """
    message = catalogue(notifier.current).get(key) or catalogue("en").get(key)
    if message is None:
        raise BugError(f"no message for {key}")
    if isinstance(message, dict):
        message = message["one" if values.get("count") == 1 else "other"]
    if not values:
        return message
    count = values.get("count")
    if isinstance(count, int):
        values["count"] = fmt_number(count)
    try:
        return message.format_map(values)
    except (KeyError, IndexError) as missing:
        raise BugError(f"message {key} needs a value for {missing}") from missing


def fmt_money(amount: Decimal | str | None, currency: str = "EUR") -> str:
    """€3,011.22 or 3.011,22 €; "–" for no amount."""
    return formats.money(amount, currency, notifier.current)


def fmt_number(value: Decimal | int | str | None, decimals: int | None = None) -> str:
    """12,480 or 12.480; "–" for no value."""
    return formats.number(value, notifier.current, decimals)


def fmt_amount(value: Decimal | str | None, currency: str = "EUR") -> str:
    """3,011.22, in yen 3,011: money where the currency stands elsewhere."""
    return formats.amount(value, currency, notifier.current)


def fmt_unit_price(value: Decimal | str | None, currency: str = "EUR") -> str:
    """18.00, 29.4515, in yen 1,542: as on the paper."""
    return formats.unit_price(value, currency, notifier.current)


def fmt_percent(value: Decimal | int | str | None, decimals: int | None = None) -> str:
    """22 becomes "22 %"."""
    return formats.percent(value, notifier.current, decimals)


def fmt_date(value: date | datetime | None, style: formats.DateStyle = "long") -> str:
    """long: 3 November 2026; short: 3 Nov; year: 3 Nov 2026; day: Tue 3."""
    return formats.day(value, notifier.current, style)


def date_field_format() -> str:
    """Fri 27 Nov 2026 or Fr. 27. Nov. 2026, for a field one types a date into."""
    return formats.FIELD_DATES[notifier.current]


def fmt_time(value: datetime) -> str:
    """07:41 in the local zone."""
    return formats.clock(value, notifier.current)


def fmt_month(value: date) -> str:
    """November 2026."""
    return formats.month(value, notifier.current)


def fmt_near_day(value: date | datetime | None, now: datetime, *, capital: bool = True) -> str:
    """Near dates as people say them: Today 07:41, Yesterday, Wed 18; far ones as 3 November 2026.

    `now` is given by the caller, so that a page and its tests share one clock. `capital` False is for the
    middle of a sentence.
    """
    if value is None:
        return formats.MISSING
    word = {0: "today", -1: "yesterday", 1: "tomorrow"}.get(formats.days_from(value, now))
    if word is not None:
        named = tr(f"day.{word}")
        text = f"{named} {fmt_time(value)}" if isinstance(value, datetime) else named
        return text[0].upper() + text[1:] if capital else text
    return fmt_date(value, "day" if formats.is_near(value, now) else "long")


def _switch_qt_texts(wanted: Language) -> None:
    app = QCoreApplication.instance()
    if app is None:
        return
    if notifier.qt_texts is not None:
        app.removeTranslator(notifier.qt_texts)
        notifier.qt_texts = None
    if wanted == "en":
        return
    translator = QTranslator(notifier)
    if translator.load(f"qtbase_{wanted}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(translator)
        notifier.qt_texts = translator
