"""What a number is that counts nothing: a date, an age, a distance, a sum of money, a weapon's or a road's name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from services.extractor.core.number_amounts import Amount, any_of

TAIL_CHARS_MAX = 48
TAIL_WORDS_MAX = 4
AGE_YEARS_MAX = 120

OPENERS = "(['\"“‘"
SENTENCE_ENDS = frozenset('.!?:;"“‘(—–\n')
SUBJECT = re.compile(r"\s{1,3}(?:were|was|have|has|had|are|more|others|fled|died)\b")
SERIAL_AFTER = re.compile(r"\s\d|%|°|[.:/]\d|[^\W\d_]")
SERIAL_BEFORE = re.compile(r"\d\s$|[$€£¥]\s?$")
HYPHENED = re.compile(r"-(?!(?:plus|odd)\b)\w")


@dataclass(frozen=True, slots=True)
class AmountRange:
    """An amount, the one it ranges to if any, and the text they take."""

    low: Amount
    high: Amount | None
    start: int
    stop: int


YEAR_MIN = 1900


class Vetoes:
    """The tables of what is no count. Immutable once built."""

    def __init__(self, words: Mapping[str, object]) -> None:
        groups = cast("Mapping[str, list[str]]", words["not_counts"])
        months = cast("list[str]", words["months"])
        self._names = frozenset(cast("list[str]", words["names_before"]))
        self.year_cues = frozenset(cast("list[str]", words["year_cues"]))
        self._not_counts = frozenset(word.lower() for group in groups.values() for word in group)
        month = any_of([*months, *(name.upper() for name in months)])
        self._month_before = re.compile(
            rf"(?<!in\s)\b{month}\.?\s(?:the\s)?(?:\d{{1,2}}(?:st|nd|rd|th)?(?:,\s|\s(?:and|to|or)\s|[-–]|\s))?$"
        )
        self._after = re.compile(
            rf"[\s-]{{0,3}}(?:(?:more|other|long|full|whole|consecutive|straight|US|million|billion)\s)?"
            rf"{any_of(word for group in groups.values() for word in group)}(?![\w-])"
            rf"|(?:\s(?:and|to|or)\s\d{{1,2}}|\s?[-–]\s?\d{{1,2}})?\s(?:of\s)?{month}\b"
        )

    def no_count(self, text: str, floor: int, end: int, span: AmountRange) -> bool:
        """Whether what stands right before or after makes it a date, a measurement, a serial or a name."""
        last, at = span.high or span.low, span.start
        if HYPHENED.match(text, last.stop, end) or self._after.match(text, last.stop, end):
            return True
        before = text[max(floor, at - 30) : at]
        if last.kind == "digits" and (SERIAL_AFTER.match(text, last.stop, end) or SERIAL_BEFORE.search(before)):
            return True
        names = before.split()[-2:]
        if names and (names[-1] in self._names or " ".join(names) in self._names):
            return True  # "MiG 29 jets", "Resolution 1973", "aged 20 to 30"
        dated = self._month_before.search(before)
        if dated is None:
            return False
        # "August 8, 12 soldiers": after a whole date only a year goes on with it
        return not (dated.group().endswith(", ") and (last.kind != "digits" or last.value < YEAR_MIN))

    def measured(self, phrase: str) -> bool:
        """Whether a unit is inside the phrase: "thousands of square kilometres"."""
        return not self._not_counts.isdisjoint(phrase.lower().split())

    @staticmethod
    def bare_name(text: str, floor: int, span: AmountRange, start: int) -> bool:
        """Whether a number with neither noun nor verb beside it is an age, a name's, a score or a clock's."""
        at, low = span.start, span.low
        if low.kind not in ("digits", "words", "one") or span.high is not None:
            return False
        behind, ahead = text[max(floor, at - 2) : at], text[low.stop : low.stop + 1]
        digits = low.kind == "digits"
        if digits and low.value <= AGE_YEARS_MAX and ahead and ahead in ",).;" and behind in (", ", " ("):
            return True
        previous = text[max(floor, start - 30) : start].split()
        last = previous[-1] if previous else ""
        if last == "at" or text[start : start + 5].lower() == "under":
            return True  # "at 10", "children under 18"
        if text[at].isupper() and behind.strip() and behind.strip()[-1] not in SENTENCE_ENDS:
            return True  # "Channel Four", "the Group of Seven"
        if not digits or not last[:1].isupper() or not last[-1:].isalnum():
            return False
        # "Iskander 9", and the score "Spain 3, Italy 0"
        return (len(previous) > 1 or ahead == ",") and SUBJECT.match(text, low.stop) is None


def is_year(text: str, at: int, amount: Amount) -> bool:
    """Whether the amount at `at` is written as a year: 1900 to 2100, four digits."""
    return amount.stop - at == 4 and amount.unit == 1 and 1900 <= amount.value <= 2100 and text[at].isdigit()


def words_before(text: str, floor: int, at: int) -> list[str]:
    """The last words before `at`, at most four, in lower case, none from beyond a punctuation mark."""
    words = text[max(floor, at - TAIL_CHARS_MAX) : at].lower().split()[-TAIL_WORDS_MAX:]
    if not words or not text[at - 1].isspace():
        return []
    for index in range(len(words) - 1, -1, -1):
        if not words[index][-1].isalnum():
            return words[index + 1 :]
        if not words[index][0].isalnum():
            return [words[index].lstrip(OPENERS), *words[index + 1 :]]
    return words


def start_of(text: str, at: int, words: int) -> int:
    """Where the last so many words before `at` begin."""
    for _ in range(words):
        while at > 0 and text[at - 1].isspace():
            at -= 1
        while at > 0 and not text[at - 1].isspace() and text[at - 1] not in OPENERS:
            at -= 1
    return at
