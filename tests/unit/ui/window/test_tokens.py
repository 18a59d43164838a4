"""The tokens are the only source of colour, and every pair that meets can be read."""

import re
from pathlib import Path

import pytest

import ui
from ui.window.theme import sheet
from ui.window.theme.tokens import TABLES, Scheme

MEANINGS = ("ok", "warn", "bad", "ask")
SURFACES = ("canvas", "side", "sunken", "raised", "hover", "select", "selectdim")

TEXT_PAIRS = [
    *[(text, ground) for text in ("t1", "t2", "t3") for ground in SURFACES],
    *[("accent", ground) for ground in SURFACES if ground != "selectdim"],
    *[(text, "accentsoft") for text in ("accent", "t1", "t2")],
    ("onaccent", "accentfill"),
    ("onaccent", "accenthover"),
    ("ontoast", "toast"),
    ("toastlink", "toast"),
    *[(name, f"{name}soft") for name in MEANINGS],
    *[(name, ground) for name in MEANINGS for ground in SURFACES if ground != "selectdim"],
    *[(text, f"{name}soft") for name in MEANINGS for text in ("t1", "t2")],
]
SHAPE_PAIRS = [
    *[("field", ground) for ground in ("canvas", "sunken", "raised")],
    *[(f"{name}fill", "canvas") for name in MEANINGS],
    ("accent", "canvas"),
    ("accentfill", "canvas"),
]
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
SHEET_PART = re.compile(r"_[A-Z]+$")
BOTH: tuple[Scheme, ...] = ("light", "dark")


def luminance(color: str) -> float:
    """Relative luminance after WCAG 2."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_formula_knows_its_ends() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", BOTH)
def test_text_can_be_read_on_every_ground_it_stands_on(scheme: Scheme) -> None:
    table = TABLES[scheme]
    weak = {pair: round(found, 2) for pair in TEXT_PAIRS if (found := contrast(table[pair[0]], table[pair[1]])) < 4.5}
    assert weak == {}


@pytest.mark.parametrize("scheme", BOTH)
def test_fields_bars_and_ring_can_be_seen(scheme: Scheme) -> None:
    table = TABLES[scheme]
    weak = {pair: round(found, 2) for pair in SHAPE_PAIRS if (found := contrast(table[pair[0]], table[pair[1]])) < 3}
    assert weak == {}


@pytest.mark.parametrize("scheme", BOTH)
def test_every_rule_of_the_sheet_that_names_text_and_ground_can_be_read(scheme: Scheme) -> None:
    table = TABLES[scheme]
    met, weak = set(), {}
    parts = [text for name, text in vars(sheet).items() if isinstance(text, str) and SHEET_PART.match(name)]
    for selector, body in RULE.findall("".join(parts)):
        text = re.search(r"(?:^|[;{\s])color:\s*\$(\w+)", body)
        ground = re.search(r"background:\s*\$(\w+)", body)
        if text and ground:
            met.add((text[1], ground[1]))
            found = contrast(table[text[1]], table[ground[1]])
            if found < 4.5:
                weak[selector.strip()] = round(found, 2)
    assert ("onaccent", "accentfill") in met, "the rules are not found any more"
    assert weak == {}


def test_both_schemes_name_the_same_tokens() -> None:
    assert TABLES["light"].keys() == TABLES["dark"].keys()


def test_no_color_is_written_outside_the_tokens() -> None:
    root = Path(ui.__path__[0])
    written = {
        f"{file.relative_to(root)}:{number}"
        for file in root.rglob("*.py")
        if file.name != "tokens.py"
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"#(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b|\brgba?\(", line)
    }
    assert written == set()
