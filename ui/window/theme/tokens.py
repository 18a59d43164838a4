"""The design tokens: the only place where a colour, a type size or a space is written.

Palette, style sheet, delegates and icons read these tables; both schemes carry the same names.
Colours are `#rrggbb`; sizes are logical pixels at 100 % text size.
"""

from typing import Final, Literal

Scheme = Literal["light", "dark"]

LIGHT: Final[dict[str, str]] = {
    "canvas": "#FFFFFF",
    "side": "#F4F3EF",
    "sunken": "#FAF9F6",
    "raised": "#FFFFFF",
    "hover": "#F3F2ED",
    "select": "#E2EEF2",
    "selectdim": "#ECEAE4",
    "line": "#E8E6E0",
    "line2": "#D6D3CB",
    "field": "#8F8B83",
    "t1": "#1C1F22",
    "t2": "#50555A",
    "t3": "#63686D",
    "accent": "#0E6480",
    "accentfill": "#0E6480",
    "accenthover": "#0A5069",
    "onaccent": "#FFFFFF",
    "accentsoft": "#E2EEF2",
    "ok": "#25703A",
    "oksoft": "#E4F1E6",
    "okfill": "#3C8A51",
    "warn": "#855300",
    "warnsoft": "#FBF0D8",
    "warnfill": "#C58512",
    "bad": "#AE241C",
    "badsoft": "#FBE8E5",
    "badfill": "#C8372D",
    "ask": "#67399B",
    "asksoft": "#F0E9F8",
    "askfill": "#7C4DB3",
    "toast": "#1C1F22",
    "ontoast": "#FFFFFF",
    "toastlink": "#6CC0DC",
    "scrim": "#1C1F22",
    "shadow": "#1C1F22",
}

DARK: Final[dict[str, str]] = {
    "canvas": "#17191B",
    "side": "#101214",
    "sunken": "#1B1E20",
    "raised": "#24282B",
    "hover": "#202427",
    "select": "#17343F",
    "selectdim": "#292D30",
    "line": "#2A2E31",
    "line2": "#3D4246",
    "field": "#747A80",
    "t1": "#ECEDEE",
    "t2": "#B7BBBF",
    "t3": "#9CA1A6",
    "accent": "#6CC0DC",
    "accentfill": "#1E7691",
    "accenthover": "#237D96",
    "onaccent": "#FFFFFF",
    "accentsoft": "#17343F",
    "ok": "#7FCB92",
    "oksoft": "#1A3022",
    "okfill": "#4FA667",
    "warn": "#E8B85A",
    "warnsoft": "#382C14",
    "warnfill": "#D39A32",
    "bad": "#F49088",
    "badsoft": "#40211F",
    "badfill": "#D9564B",
    "ask": "#C6A7EE",
    "asksoft": "#31264A",
    "askfill": "#9468CC",
    "toast": "#ECEDEE",
    "ontoast": "#17191B",
    "toastlink": "#0E6480",
    "scrim": "#000000",
    "shadow": "#000000",
}

TABLES: Final[dict[Scheme, dict[str, str]]] = {"light": LIGHT, "dark": DARK}

SCRIM_ALPHA: Final[dict[Scheme, int]] = {"light": 92, "dark": 150}
"""How dense the scrim behind the overlay is, 0 to 255."""

TYPE: Final[dict[str, tuple[int, int]]] = {
    "h0": (26, 600),
    "h1": (22, 600),
    "h2": (15, 600),
    "h3": (13, 600),
    "m": (13, 500),
    "body": (13, 400),
    "prose": (14, 400),
    "sec": (12, 400),
    "over": (12, 600),
    "cap": (12, 400),
    "tiny": (11, 400),
    "key": (11, 400),
}
"""Kinds of text: size in px and weight. A label names its kind by the property `t`."""

TIGHT_FROM: Final = 20
"""From this size up, letters stand 0.3 px closer."""

TEXT_FACTOR_MIN: Final = 0.9
TEXT_FACTOR_MAX: Final = 1.5
