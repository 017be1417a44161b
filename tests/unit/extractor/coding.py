"""What the tests of the core share: reports made of a body, the loaded coder over them, and tables with known gaps."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

import pytest
from _pytest.mark.structures import ParameterSet

from services.extractor.core.actors import ReportActors
from services.extractor.core.analysis import Analysis
from services.extractor.core.coder import Coding
from services.extractor.core.frames import Frame, find_frames
from services.extractor.core.place_finding import find_places
from services.extractor.core.text import sentences
from services.extractor.knowledge import LoadedCoder
from shared.events.base import BaseEvent
from shared.reports import RawReport, Report

PUBLISHED: Final = datetime(2008, 8, 11, 12, tzinfo=UTC)
"""A Monday."""
SPEECH: Final = ("statement", "denial")


def report(body: str, **fields: object) -> RawReport:
    """A report of this body; `fields` are more of `Report`'s own."""
    given = {"outlet": "Test Wire", "published_at": PUBLISHED, **fields, "body": body}
    return RawReport.of(Report.model_validate(given), PUBLISHED)


class Coder:
    """The real coder with all its data, asked in a test's words."""

    def __init__(self, loaded: LoadedCoder) -> None:
        self.loaded, self.rules = loaded, loaded.rules
        self._events: dict[str, tuple[BaseEvent, ...]] = {}

    def coding(self, body: str, **fields: object) -> Coding:
        """Coded afresh on every call."""
        return self.loaded.code(report(body, **fields))

    def code(self, body: str, **fields: object) -> tuple[BaseEvent, ...]:
        """The events, coded once a report: many tests ask about one."""
        given = report(body, **fields)
        if given.id not in self._events:
            self._events[given.id] = self.loaded.code(given).events
        return self._events[given.id]

    def analyses(self, body: str) -> list[Analysis]:
        """Every sentence parsed, whether or not the gate would let it through."""
        cut = sentences(body)
        actors = ReportActors(self.rules.actors, body, [(s.start, s.end) for s in cut])
        found = [find_places(body, s.start, s.end, self.rules.gazetteer, self.rules.place_words) for s in cut]
        return self.rules._analyse(body, cut, range(len(cut)), actors, dict(enumerate(found)), {})

    def frames(self, body: str) -> tuple[list[Frame], list[str]]:
        """The frames of all sentences, and why triggers were left out."""
        frames: list[Frame] = []
        left_out: list[str] = []
        for analysis in self.analyses(body):
            some, reasons = find_frames(self.rules.grammar, self.rules.lexicon, analysis)
            frames += some
            left_out += reasons
        return frames, left_out


def rows(table: Iterable[tuple[object, ...]], gaps: Sequence[tuple[str, str]] = ()) -> list[ParameterSet]:
    """The rows of a table as parameters. The first column names a row; a gap (name, reason) is a strict xfail."""
    reasons = dict(gaps)
    listed = list(table)
    names = [str(row[0]) for row in listed]
    unknown, twice = set(reasons) - set(names), {name for name in names if names.count(name) > 1}
    if unknown or twice:
        raise ValueError(f"gaps without a row: {sorted(unknown)}; rows told twice: {sorted(twice)}")
    return [
        pytest.param(
            *row,
            id=name,
            marks=[pytest.mark.xfail(strict=True, raises=AssertionError, reason=reasons[name])]
            if name in reasons
            else [],
        )
        for name, row in zip(names, listed, strict=True)
    ]


def told(events: Iterable[BaseEvent]) -> set[tuple[str, str]]:
    """Kind and status of the events that are more than words."""
    return {(e.kind, e.status) for e in events if e.kind not in SPEECH}


def names(event: BaseEvent, role: str) -> set[str]:
    """The names of an event's agents or targets."""
    return {p.name for p in event.participants if p.role == role}


def counts(event: BaseEvent) -> set[tuple[str, int | None, int | None]]:
    """Measure, least and most of an event's numbers."""
    return {(q.measure, q.min, q.max) for q in event.quantities}


def only(events: Iterable[BaseEvent], kind: str) -> BaseEvent:
    """The one event of a kind; an AssertionError that shows what there is instead."""
    listed = list(events)
    found = [e for e in listed if e.kind == kind]
    assert len(found) == 1, f"gives {[(e.kind, e.status) for e in listed]}"
    return found[0]
