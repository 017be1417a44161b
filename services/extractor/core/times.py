"""The grammar of time: finds the expressions of time in a text. The words are in `data/time_words.yaml`.

Method: a chain of atoms that complete each other is one mention ("early on Tuesday, 19 January"), and two
chains joined by "to", "and" or a dash are a range. Every repetition in the compiled expressions is bounded,
so the time taken is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import cast

from services.extractor.core.time_atoms import DAY, WORD, Atom, AtomReader, any_of
from services.extractor.core.time_mentions import (
    NIGHTS,
    CalendarDay,
    Moment,
    Months,
    Resolved,
    Span,
    Tense,
    TimeMention,
    Weekday,
)
from services.extractor.core.time_resolution import resolve_mention

__all__ = ["Moment", "Resolved", "Tense", "TimeGrammar", "TimeMention"]

# How far back a preposition with its hedge can begin: "no later than approximately ".
RELATION_CHARS_MAX = 34
# After these a year is a year even before a plural ("in 1999 troops crossed"), unless it is a round number.
YEAR_RELATIONS = frozenset({"in", "since", "during"})
# What a number of that size may count: "a force of 2000 men", "reinforced by 1950 rebels".
COUNTED = re.compile(
    r"\s{1,3}(?:men|people|women|children|police|personnel|aircraft|k[mg]|"
    r"(?!was\b|is\b|has\b|as\b|this\b|its\b|his\b)[a-z]{2,20}s)\b"
)
GLUE = re.compile(
    r"(?P<comma>\s{0,2},)?\s{1,3}(?:(?P<word>on|at|of|in|into|from|to)\s{1,3})?(?:(?:about|around)\s{1,3})?"
    r"|(?<=[Mm]id-)"
)
RANGE = re.compile(r"\s{0,2}[-–—]\s{0,2}|\s{1,3}(?P<word>to|until|till|through|and)\s{1,3}")
CAPITALISED_BEFORE = re.compile(r"[A-Z]\w{0,18}\s$")
BARE_DAY = re.compile(DAY)


class TimeGrammar:
    """Finds and resolves times. Immutable once built; safe to share between threads."""

    def __init__(self, atoms: AtomReader, words: Mapping[str, object]) -> None:
        self._atoms = atoms
        self._relations = cast("Mapping[str, str]", words["relations"])
        names = cast("Mapping[str, list[str]]", words["weekday_names"])
        self._hedges = frozenset(cast("list[str]", words["hedges"]))
        self._name_before = re.compile(any_of(names["after"]) + r"\s$")
        self._name_after = re.compile(r"\s" + any_of(names["before"]) + r"\b")

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, object]) -> TimeGrammar:
        """From the parsed `time_words.yaml`. Raises KeyError where a table is missing, ValueError on a bad
        hour or offset, ZoneInfoNotFoundError on an unknown zone."""
        return cls(AtomReader(mapping), mapping)

    def resolve(
        self,
        mention: TimeMention,
        *,
        published: datetime,
        zone: tzinfo,
        tense: Tense,
        anchor: Resolved | None = None,
    ) -> Resolved | None:
        """See `resolve_mention`."""
        return resolve_mention(mention, published=published, zone=zone, tense=tense, anchor=anchor)

    def find(self, text: str, start: int, end: int) -> tuple[TimeMention, ...]:
        """The mentions inside text[start:end], in order, not overlapping; offsets count from the text's start."""
        mentions: list[TimeMention] = []
        floor = start
        for word in WORD.finditer(text, start, end):
            at = word.start()
            if at < floor or not (text[at].isdigit() or word[0].lower() in self._atoms.starters):
                continue
            match = self._atoms.match(text, at, end)
            mention = self._mention(text, floor, end, match) if match else None
            if mention is not None:
                mentions.append(mention)
                floor = mention.end
        return tuple(mentions)

    def _mention(self, text: str, floor: int, end: int, match: re.Match[str]) -> TimeMention | None:
        start = match.start()
        relation, begins = self._relation_before(text, floor, start)

        def mention(stop: int, moment: Moment, until: Moment | None = None) -> TimeMention:
            return TimeMention(start, stop, text[start:stop], relation, begins, moment, until)

        if relation == "in" and match.lastgroup == "md" and not match["md_y"]:
            # "in March 12 people fell": a day of a month takes "on".
            month = Months(self._atoms.month_named(match["md_m"]), 1, None, None)
            return mention(match.end("md_m"), Moment(period=month))
        chain = self._chain(text, end, match)
        if chain is None:
            return None
        atom, until, stop = chain
        if until is None and (far := self._far_end(text, end, atom, relation, stop)) is not None:
            until, stop = far
        if until is not None:
            return mention(stop, _shared(atom.moment, until), until)
        if atom.cues is not None and relation not in atom.cues and not _opens_line(atom, text, start):
            return None
        certain = relation in YEAR_RELATIONS and text[stop - 2 : stop] != "00"
        if atom.bare_year and not certain and COUNTED.match(text, stop, end):
            return None
        return mention(stop, atom.moment)

    def _relation_before(self, text: str, floor: int, start: int) -> tuple[str | None, int]:
        """The preposition that ends at `start`, through at most one hedge, and where it begins."""
        tail = text[max(floor, start - RELATION_CHARS_MAX) : start]
        words = tail.lower().split()
        if not words or not tail[-1].isspace():
            return None, start
        for stop in (len(words), len(words) - 1 if words[-1] in self._hedges else 0):
            for length in (3, 2, 1):
                phrase = " ".join(words[max(0, stop - length) : stop]).lstrip("(['\"“‘")
                if stop >= length and phrase in self._relations:
                    first = words[stop - length].lstrip("(['\"“‘")
                    return self._relations[phrase], start - len(tail) + tail.lower().rfind(first)
        return None, start

    def _chain(self, text: str, end: int, match: re.Match[str]) -> tuple[Atom, Moment | None, int] | None:
        """The atoms from `match` on that say one moment, the far end where one of them holds it, and the stop."""
        atom = self._atoms.read(match)
        if atom is None or self._is_name(text, match):
            return None
        until, stop = self._atoms.date_end(match), match.end()
        while until is None and (glue := GLUE.match(text, stop, end)):
            following = self._atoms.match(text, glue.end(), end)
            more = self._atoms.read(following) if following else None
            if following is None or more is None:
                break
            joined = self._join(atom, more, glue["comma"] is not None, glue["word"])
            if joined is None:
                break
            atom, until, stop = joined, self._atoms.date_end(following), following.end()
        if atom.edge is not None and atom.moment == Moment():
            return None
        return atom, until, stop

    def _is_name(self, text: str, match: re.Match[str]) -> bool:
        """Bloody Sunday, the Sunday Times, Russia Today."""
        start = match.start()
        if match.lastgroup == "rel":
            return match[0][0].isupper() and CAPITALISED_BEFORE.search(text, max(0, start - 20), start) is not None
        if match.lastgroup != "wd":
            return False
        before = self._name_before.search(text, max(0, start - 10), start)
        return before is not None or self._name_after.match(text, match.end()) is not None

    def _far_end(self, text: str, end: int, atom: Atom, relation: str | None, stop: int) -> tuple[Moment, int] | None:
        sep, near = RANGE.match(text, stop, end), atom.moment
        if sep is None or near.shift is not None or near == Moment():
            return None
        word, opened = sep["word"], relation in ("from", "starting", "between")
        if (word == "and" and relation != "between") or (word in ("until", "till", "through") and not opened):
            return None
        match = self._atoms.match(text, sep.end(), end)
        chain = self._chain(text, end, match) if match else None
        # "between March 3 and 5", "August 7-9": the far end has only its day.
        if isinstance(near.day, CalendarDay) and (chain is None or chain[0].moment.day is None):
            bare = BARE_DAY.match(text, sep.end(), end)
            number = int(re.sub(r"\D", "", bare[0])) if bare else 0
            if bare and number > near.day.day:
                return Moment(day=replace(near.day, day=number)), bare.end()
        if chain is None:
            return None
        far = chain[0].moment
        if near.part is not None and near.part.name in NIGHTS and near.day is not None:
            near = replace(near, part=None)  # "the night of Monday to Tuesday"
        alike = all(
            type(getattr(far, name)) is type(getattr(near, name)) for name in ("day", "period", "clock", "part")
        )
        if far.shift is not None or not (alike or (opened and near.period is None and far.period is None)):
            return None
        return far, chain[2]

    def _join(self, a: Atom, b: Atom, comma: bool, word: str | None) -> Atom | None:
        """Both atoms as one, or None where they are two mentions."""
        x, y = a.moment, b.moment
        if x.shift or y.shift or b.edge is not None or Moment() == y:
            return None
        if Moment() == x:
            return None if comma or a.edge is None else self._with_edge(a.edge, b)
        if isinstance(x.day, Weekday) and isinstance(y.day, CalendarDay):
            x = replace(x, day=None)
        elif comma and not (((x.clock or x.part) and y.day) or (x.day and y.clock)):
            return None
        if a.edge is not None and y.part is not None and x.part is not None and x.part.name == a.edge:
            x, y = replace(x, part=None), replace(y, part=self._atoms.parts.get(f"{a.edge} {y.part.name}", y.part))
        if isinstance(x.period, Months) and x.period.year is None and _is_year(y) and not comma:
            assert isinstance(y.period, Span)
            return Atom(replace(x, period=replace(x.period, of_year=y.period)), a.edge)
        if (x.clock and y.clock) or (x.part and y.part) or (x.day and y.day) or (x.period and y.period):
            return None
        if not _periods_fit(x, y):
            return None
        into = word in ("into", "to")
        if into and not (x.part is not None and x.part.name in NIGHTS and y.day is not None):
            return None
        moment = Moment(x.clock or y.clock, x.part or y.part, x.day or y.day, x.period or y.period, None, into)
        return Atom(moment, a.edge)

    def _with_edge(self, edge: str, b: Atom) -> Atom | None:
        """early, late, the start of ... in front of what it belongs to."""
        moment = b.moment
        if isinstance(moment.period, Span):
            return Atom(replace(moment, period=replace(moment.period, edge=edge)), edge)
        if moment.period is not None:
            return Atom(moment, edge)
        if moment.clock is not None or edge not in self._atoms.parts:
            return None
        name = edge if moment.part is None else f"{edge} {moment.part.name}"
        part = self._atoms.parts.get(name, moment.part)
        return Atom(replace(moment, part=part), edge, cues=b.cues)


def _opens_line(atom: Atom, text: str, start: int) -> bool:
    """A bare 14:05 that opens a line or a bracket is a live report's clock."""
    return atom.moment.clock is not None and (start == 0 or text[start - 1] in "\n[(")


def _is_year(moment: Moment) -> bool:
    return isinstance(moment.period, Span) and moment.period.unit == "year"


def _periods_fit(x: Moment, y: Moment) -> bool:
    """Whether a period and what it is joined to make one day: "Tuesday of last week", "8 August this year"."""
    for day, period in ((x.day, y.period), (y.day, x.period)):
        if period is None:
            continue
        if not isinstance(period, Span) or x.part is not None or x.clock is not None:
            return False
        if isinstance(day, Weekday):
            if period.unit != "week" or day.which is not None:
                return False
        elif not (isinstance(day, CalendarDay) and day.year is None and period.unit == "year"):
            return False
    return True


def _shared(first: Moment, last: Moment) -> Moment:
    """The near end with what only the far end says and both mean: the year, the day, the zone."""
    a, b, p, q = first.day, last.day, first.period, last.period
    if isinstance(a, CalendarDay) and isinstance(b, CalendarDay) and a.year is None and b.year is not None:
        first = replace(first, day=replace(a, year=b.year - ((a.month, a.day) > (b.month, b.day))))
    if isinstance(p, Months) and isinstance(q, Months) and p.year is None and q.year is not None:
        first = replace(first, period=replace(p, year=q.year - (p.month > q.month)))
    if a is None and b is not None and p is None and last.clock is not None:
        first = replace(first, day=b)
    if first.clock is not None and last.clock is not None and first.clock.zone is None:
        first = replace(first, clock=replace(first.clock, zone=last.clock.zone))
    return first
