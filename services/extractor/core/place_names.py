"""Nouns of the place room: a gazetteer's entries, their folded keys, and what a gazetteer promises.

Pure: nothing here reads a file. The gazetteer itself (SQLite) is `services.extractor.gazetteer`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import asin, cos, radians, sin, sqrt
from typing import Protocol

EARTH_RADIUS_KM = 6371.0
# Readings that are areas with a government or a name of their own, not points.
AREA_KINDS = frozenset({"country", "admin1", "admin2", "region", "sea", "island", "valley", "mountains", "continent"})
# Readings that may hold a narrower place in "X, Y" or "Y's X".
CONTAINER_KINDS = AREA_KINDS - {"sea", "continent"}

_APOSTROPHES = "'’‘ʼʻ`´ʹ′ʾʿ＇\"“”"
_FOLD = str.maketrans(
    dict.fromkeys(_APOSTROPHES + ".,()", "")
    | dict.fromkeys("-‐‑‒–—−_/", " ")
    | {"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ə": "e", "ð": "d", "þ": "th", "ħ": "h"}
)
_SHORT = {"st": "saint", "ste": "sainte", "mt": "mount", "ft": "fort"}
_ARTICLES = "al el ad ed ar er as es at et an en az ez adh edh ash esh ath"
ARABIC_ARTICLES = frozenset(_ARTICLES.split())


def fold(name: str) -> str:
    """Return the key of a name: no diacritics, case, apostrophes; hyphens are spaces; 'St.' is 'saint'."""
    if name.isascii():
        if name.isalpha():
            return name.lower()  # most words, at a fraction of the cost
    else:
        name = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    words = name.casefold().translate(_FOLD).split()
    if len(words) > 1 and words[0] in _SHORT:
        words[0] = _SHORT[words[0]]
    return " ".join(words)


def without_article(key: str) -> str | None:
    """Return a folded key without its leading Arabic article ('ad damazin' -> 'damazin'), or None."""
    head, _, rest = key.partition(" ")
    return rest if rest and len(rest) > 2 and head in ARABIC_ARTICLES else None


_SPELLING = (
    (re.compile(r"(ei|ey|ai|ay|ee|ie|e|y|j)"), "i"),
    (re.compile(r"(oo|ou|au|aw|o)"), "u"),
    (re.compile(r"(kh|q|ck|x|c)"), "k"),
    (re.compile(r"(gh)"), "g"),
    (re.compile(r"(zh|dz|z)"), "z"),
    (re.compile(r"(tch|ch|sch|sh)"), "s"),
    (re.compile(r"(ph)"), "f"),
    (re.compile(r"(th)"), "t"),
    (re.compile(r"(dh)"), "d"),
    (re.compile(r"[wv]"), "u"),
    (re.compile(r"(.)\1+"), r"\1"),
)
_SPELLING_LETTERS_MIN = 5  # shorter names collide with everything once their vowels are levelled


def spelling(key: str) -> str | None:
    """Level the ways of romanising a folded key ('hodeidah', 'al hudaydah' -> 'hudida'); None if too short.

    Two names of one levelled spelling may be one place; they are not surely so. A hit by it is the
    weakest evidence and needs the report's theatre to agree.
    """
    level = (without_article(key) or key).replace(" ", "")
    for pattern, letter in _SPELLING:
        level = pattern.sub(letter, level)
    level = level.rstrip("hi") if len(level) > _SPELLING_LETTERS_MIN else level
    return level if len(level) >= _SPELLING_LETTERS_MIN else None


@dataclass(frozen=True, slots=True)
class Place:
    """One reading of a name. Coordinates in WGS 84 degrees; None where only the country is known.

    `primary`: the name asked for is the entry's own name or a common alias, not a rare alternate.
    `countries` lists every country of a cross-border place; `country` is then None.
    `radius_km` bounds how far from (lat, lon) the place may still be; None for a settlement.
    """

    name: str
    country: str | None
    lat: float | None
    lon: float | None
    geonames_id: int | None = None
    population: int = 0
    kind: str = "city"
    primary: bool = True
    admin1: str | None = None
    timezone: str | None = None
    radius_km: float | None = None
    countries: tuple[str, ...] = ()

    def lies_in(self, country: str) -> bool:
        return self.country == country or country in self.countries


@dataclass(frozen=True, eq=False)
class TheatreWeights:
    """How much each sign of a theatre counts, and the facts about countries that it needs."""

    narrow_place: float = 2.0  # a town or region that can only be in one country
    located: float = 1.5  # times this after a locative preposition
    country_named: float = 1.0  # countries are named as actors as often as they are places
    dominant_reading: float = 0.5  # times this where the name has lesser readings elsewhere
    seat: float = 0.2  # times this for seats of diplomacy and datelines: talked in, not fought in
    neighbour: float = 0.1  # share of a country's weight that spills over each border
    neighbours: Mapping[str, frozenset[str]] = field(default_factory=dict)
    zones: Mapping[str, str] = field(default_factory=dict)  # a country's main IANA zone
    seats: frozenset[str] = frozenset()  # folded names


class Gazetteer(Protocol):
    """What the core needs of a gazetteer: names in, readings out, no I/O that it can see."""

    @property
    def version(self) -> str: ...

    @property
    def weights(self) -> TheatreWeights: ...

    def lookup(self, name: str) -> tuple[Place, ...]:
        """Readings of a name in any spelling that folds to its key, best known first; () if none."""
        ...

    def lookup_spelling(self, name: str) -> tuple[Place, ...]:
        """Readings whose levelled spelling is the name's; all with `primary` false."""
        ...


def distance_km(a: Place, b: Place) -> float | None:
    """Great-circle distance in km (haversine), or None where either has no coordinates."""
    if a.lat is None or a.lon is None or b.lat is None or b.lon is None:
        return None
    la, lb = radians(a.lat), radians(b.lat)
    h = sin((lb - la) / 2) ** 2 + cos(la) * cos(lb) * sin(radians(b.lon - a.lon) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(h)))
