"""Whether two names mean the same company or person: typing errors, umlauts, word order and legal form do not count."""

from collections.abc import Sequence
from functools import lru_cache

from crm_desktop.rules.folding import search_terms

# Legal forms and small words, folded. They tell companies apart too seldom to count.
NOISE = frozenset(
    "gmbh mbh ag kg kga kgaa ohg gbr ug se ev eg co inc incorporated corp corporation company companies ltd limited "
    "plc llc llp lp sa sas sarl spa srl bv nv oy oyj ab as asa aps sro ltda cia the and und et y e".split()
)
_LONG = 7
_LONG_NOISE = tuple(sorted(word for word in NOISE if len(word) >= _LONG))  # also where they are misspelt
SAME = 100
_SHORT = 4  # below it, only the same name is the same company
_ONE_SLIP = 8
_TWO_SLIPS = 15
_CLOSE_LENGTHS = 4  # letters by which spellings of one name differ at most
_FIRST_LOOK = 72  # of 100: what is less alike at first sight is not looked at letter by letter


def name_words(name: str) -> tuple[str, ...]:
    """The folded words that count; all of them where nothing else is left."""
    words = search_terms(name.replace("'", "").replace("’", "").replace(".", ""))
    return tuple(word for word in words if not _is_noise(word)) or tuple(words)


@lru_cache(maxsize=1 << 14)
def _is_noise(word: str) -> bool:
    from rapidfuzz.distance import OSA

    if word in NOISE:
        return True
    return len(word) >= _LONG - 1 and any(OSA.distance(word, noise, score_cutoff=1) <= 1 for noise in _LONG_NOISE)


def slips_allowed(letters: int) -> int:
    """How many typing errors a name of so many letters may hold and still be meant."""
    if letters < _SHORT:
        return 0
    return 1 if letters < _ONE_SLIP else 2 if letters < _TWO_SLIPS else 3


def likeness(wanted: Sequence[str], other: Sequence[str]) -> int:
    """0 to 100 for words of `name_words`; 0: another name."""
    from rapidfuzz.distance import OSA
    from rapidfuzz.fuzz import token_sort_ratio

    one, two = "".join(wanted), "".join(other)
    if not one or not two:
        return 0
    if one == two or sorted(wanted) == sorted(other):
        return SAME
    if abs(len(one) - len(two)) > _CLOSE_LENGTHS:
        return 0
    most = slips_allowed(min(len(one), len(two)))
    slips = OSA.distance(one, two, score_cutoff=most)
    if slips > most and len(wanted) == len(other) > 1:
        if token_sort_ratio(" ".join(wanted), " ".join(other)) < _FIRST_LOOK:
            return 0
        slips = _slips_by_words(wanted, other, most)
    return max(1, SAME - slips * 100 // max(len(one), len(two))) if slips <= most else 0


def _slips_by_words(wanted: Sequence[str], other: Sequence[str], most: int) -> int:
    """Typing errors where the words stand in another order: each finds its nearest, the longest first."""
    from rapidfuzz.distance import OSA

    left = list(other)
    slips = 0
    for word in sorted(wanted, key=len, reverse=True):
        distances = [OSA.distance(word, there) for there in left]
        nearest = min(distances)
        slips += nearest
        if slips > most:
            break
        left.pop(distances.index(nearest))
    return slips
