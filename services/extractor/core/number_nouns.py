"""The noun phrase that a number counts, found by form alone, and the measure its noun stands for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

# "12 heavily armed pro-government tribal militia fighters": further from its number no noun is looked for.
PHRASE_WORDS_MAX = 6
NOUN_WORD = re.compile(r"(?:\s{1,3})?((?:[A-Z]\.){2,}(?=\s)|[^\W\d_][\w’']*(?:-\w+)*)")


@dataclass(frozen=True, slots=True)
class Counted:
    """A noun phrase; `known` where its noun is in units.yaml, which may measure nothing."""

    start: int
    end: int
    known: bool
    measure: str | None


def plural_of(noun: str) -> str:
    """By rule: shells, bodies, churches."""
    if noun.endswith(("s", "x", "ch", "sh")):
        return noun + "es"
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + "s"


def looks_plural(word: str) -> bool:
    """Lower-case or Capitalised, in s: jets, Russians; not US, Russia's, various, class."""
    return (
        len(word) > 3
        and word.endswith("s")
        and not word.isupper()
        and not word.endswith(("ss", "ous", "us", "'s", "’s", "is"))
    )


class NounReader:
    """Finds what a number counts. Immutable once built."""

    def __init__(self, words: Mapping[str, object], units: Mapping[str, object]) -> None:
        self.stops = frozenset(cast("list[str]", words["stops"]))
        self._others = frozenset(cast("list[str]", words["others"]))
        entries = cast("Mapping[str, Mapping[str, str | None]]", units)
        self._singular = {noun.lower(): entry["measure"] for noun, entry in entries.items()}
        self._plural = {
            (entry.get("plural") or plural_of(noun)).lower(): entry["measure"] for noun, entry in entries.items()
        }
        self._invariant = frozenset(noun.lower() for noun, entry in entries.items() if entry.get("plural") == noun)

    def read(self, text: str, at: int, end: int, *, one: bool) -> Counted | None:
        """The phrase that begins at `at` (blanks allowed) and its noun: singular after `one`, else plural."""
        spans = self._words(text, at, end)
        table = self._singular if one else self._plural
        begin = 0
        while begin < len(spans) and text[slice(*spans[begin])].lower() in self._others:
            begin += 1
        if begin == len(spans):
            others = begin and text[slice(*spans[begin - 1])].lower() == "others"
            return Counted(*spans[begin - 1], known=False, measure=None) if others else None
        for index in range(begin, len(spans)):
            measure, known = self._look_up(text, spans, index, table)
            plural = not one and looks_plural(text[slice(*spans[index])])
            if not known and not plural:
                continue
            if index + 1 < len(spans):
                following, more = self._look_up(text, spans, index + 1, table)
                word = text[slice(*spans[index])].lower()
                pushes_on = more or (word in self._invariant and looks_plural(text[slice(*spans[index + 1])]))
                if pushes_on and not one:
                    index, measure, known = index + 1, following, more
                elif one and (more or looks_plural(text[slice(*spans[index + 1])])):
                    continue
            return Counted(spans[begin][0], spans[index][1], known, measure)
        return None

    def _words(self, text: str, at: int, end: int) -> list[tuple[int, int]]:
        spans: list[tuple[int, int]] = []
        while len(spans) < PHRASE_WORDS_MAX and (match := NOUN_WORD.match(text, at, end)):
            if match[1].lower() in self.stops or (spans and match.start() == match.start(1)):
                break
            spans.append(match.span(1))
            at = match.end()
        return spans

    def _look_up(
        self, text: str, spans: list[tuple[int, int]], index: int, table: Mapping[str, str | None]
    ) -> tuple[str | None, bool]:
        word = text[slice(*spans[index])].lower()
        if index:
            pair = f"{text[slice(*spans[index - 1])].lower()} {word}"
            if pair in table:
                return table[pair], True
        return table.get(word), word in table

    def is_plural_unit(self, word: str) -> bool:
        """Whether units.yaml has it as a plural."""
        return word.lower() in self._plural
