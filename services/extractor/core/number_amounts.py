"""Amounts as written: "12,000", "1.5 million", "two hundred and five", "several dozen", "tens of thousands"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, cast

# The contract has no use for more than the people on earth; a longer run of digits is an identifier.
AMOUNT_MAX = 10_000_000_000
# "nine hundred and ninety-nine thousand nine hundred and ninety-nine" has 9 words and 2 "and".
NUMBER_WORDS_MAX = 12

S = r"\s{1,3}"
DIGITS = re.compile(r"(?P<whole>\d{1,3}(?:,\d{3}){1,3}(?!\d)|\d{1,10}(?!\d))(?P<fraction>\.\d{1,3}(?!\d))?")


@dataclass(frozen=True, slots=True)
class Amount:
    """`value` read from text up to `stop`; `unit` is what its last scale multiplies ("3 million": 1000000).

    `vague`: no less than. `kind`: digits, words, or the phrase itself ("both", "a pair of").
    """

    value: int
    stop: int
    unit: int
    vague: bool
    kind: str
    qualifier: str | None = None


def any_of(words: Iterable[str]) -> str:
    """An alternation, longest first, in which a space is one to three blanks."""
    ordered = sorted(words, key=len, reverse=True)
    return "(?:" + "|".join(re.escape(word).replace(r"\ ", S) for word in ordered) + ")"


_UNCASED: Final = str.maketrans({"\u0130": "i", "\u0131": "i", "\u017f": "s", "\u0307": None})
"""Letters that a case-blind pattern takes for i and s, and that `lower` leaves as they are."""


def key_of(text: str) -> str:
    """How the tables write a word: lower case, single blanks."""
    return " ".join(text.translate(_UNCASED).lower().split())


class AmountReader:
    """Reads one amount at a position. Immutable once built."""

    def __init__(self, words: Mapping[str, object]) -> None:
        units, tens = cast("list[str]", words["units"]), cast("list[str]", words["tens"])
        self._small = {word: at for at, word in enumerate(units, 1)} | {w: 10 * at for at, w in enumerate(tens, 2)}
        self._scales = cast("Mapping[str, int]", words["scales"])
        self._vague = cast("Mapping[str, int]", words["vague"])
        self._several = cast("Mapping[str, int]", words["several"])
        self._scaled = cast("Mapping[str, int]", words["several_scaled"])
        self._vague_of = cast("Mapping[str, int]", words["vague_of"])
        self._vague_scales = cast("Mapping[str, int]", words["vague_scales"])
        self._phrases = cast("Mapping[str, list[object]]", words["phrases"])
        long_scales = [scale for scale in self._scales if len(scale) > 1]
        scale = any_of(long_scales)
        number = rf"{any_of([*self._small, *long_scales])}"
        self._scale = re.compile(rf"(?:{S}({scale})|([{''.join(s for s in self._scales if len(s) == 1)}]))\b", re.I)
        joined = "|".join(rf"(?<={word}){S}and{S}" for word in ("hundred", "thousand", "million"))
        self._words = re.compile(
            rf"(?:{number}\b|an?{S}(?={scale}\b))(?:(?:-|{joined}|,?{S})?{number}\b){{0,{NUMBER_WORDS_MAX}}}", re.I
        )
        self._special = re.compile(
            rf"(?P<phrase>{any_of(self._phrases)})\b"
            rf"|(?P<several>{any_of(self._scaled)}){S}(?P<of_scale>{scale})\b"
            rf"|(?P<tens>{any_of(self._vague_of)}){S}of{S}(?P<vague_scale>{any_of(self._vague_scales)})\b"
            rf"|(?P<vague>{any_of([*self._vague, *self._several])})\b",
            re.I,
        )
        phrases = [
            *self._phrases,
            *self._vague,
            *self._vague_of,
            *self._scaled,
            *self._several,
            *self._small,
            "a",
            "an",
        ]
        # The words an amount can begin with: it is tried at no other.
        self.starters = frozenset(re.split(r"\W", phrase)[0] for phrase in phrases)

    def read(self, text: str, at: int, end: int) -> Amount | None:
        """The amount that begins at `at`, or None."""
        if text[at].isdigit():
            return self._digits(text, at, end)
        if (special := self._special.match(text, at, end)) is not None:
            return self._named(special)
        match = self._words.match(text, at, end)
        return self._spelled(match) if match else None

    def _digits(self, text: str, at: int, end: int) -> Amount | None:
        match = DIGITS.match(text, at, end)
        if match is None or (match["whole"][0] == "0" and len(match["whole"]) > 1):
            return None
        scale = self._scale.match(text, match.end(), end)
        unit = self._scales[(scale[1] or scale[2]).lower()] if scale else 1
        value = float(match["whole"].replace(",", "") + (match["fraction"] or "")) * unit
        if value > AMOUNT_MAX or (match["fraction"] and unit < 1000):
            return None  # a decimal counts nothing, nor does "12.000" in English
        return Amount(round(value), scale.end() if scale else match.end(), unit, False, "digits")

    def _named(self, match: re.Match[str]) -> Amount:
        if match["phrase"]:
            value, qualifier = self._phrases[key_of(match["phrase"])]
            return Amount(cast("int", value), match.end(), 1, False, key_of(match["phrase"]), cast("str", qualifier))
        if match["several"]:
            unit = self._scales[key_of(match["of_scale"])]
            return Amount(self._scaled[key_of(match["several"])] * unit, match.end(), unit, True, "several")
        if match["tens"]:
            unit = self._vague_scales[key_of(match["vague_scale"])]
            return Amount(self._vague_of[key_of(match["tens"])] * unit, match.end(), unit, True, "vague")
        word = key_of(match["vague"])
        kind = "several" if word in self._several else word
        return Amount(self._vague.get(word) or self._several[word], match.end(), 1, True, kind)

    def _spelled(self, match: re.Match[str]) -> Amount | None:
        """The longest run of the words that is one number: below a scale, hundreds, tens and units descend."""
        total, group, floor, unit, stop, last_scale = 0, 0, 1000, 1, 0, AMOUNT_MAX * 10
        for word in re.finditer(r"[a-z]+", match[0].lower()):
            name = word[0]
            if name == "and":
                continue
            if name in ("a", "an"):
                group, floor = 1, 1
            elif name in self._small:
                value = self._small[name]
                if value >= floor or (floor == 10 and value > 9):
                    break
                group, floor = group + value, 10 if value >= 20 else 1
            else:
                scale = self._scales[name]
                if group == 0 or scale >= last_scale or (scale <= 100 and group > 99):
                    break
                unit = scale
                if scale <= 100:
                    group, floor = group * scale, 100
                else:
                    total, group, floor, last_scale = total + group * scale, 0, 1000, scale
            stop = word.end()
        value = total + group
        if stop == 0 or not 0 < value <= AMOUNT_MAX:
            return None
        kind = "one" if match[0][:stop].lower() == "one" else "words"
        if match[0][:stop].lower() in ("a", "an"):
            return None
        return Amount(value, match.start() + stop, unit, False, kind)
