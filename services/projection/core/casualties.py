"""The ledger of tolls: each count of people harmed, by side, source and time. Never summed."""

from collections.abc import Iterable, Mapping
from typing import Final, Literal

from pydantic import Field

from services.projection.core.counts import CountClaim, CountRange, claim_of, ranges
from services.projection.core.times import microseconds
from services.projection.core.words import key
from shared.events.base import BaseEvent, EventId, Measure, Occurred, Qualifier, ReportId
from shared.model import Instant, Model

TOLL_MEASURES: Final[tuple[Measure, ...]] = ("killed", "injured", "missing", "casualties", "captured")

Group = Literal["civilian", "military"]
Groups = Mapping[str, Group]
"""From the start of a word to the group that it tells."""


class LedgerRow(Model):
    """One count of one event. `cumulative` marks a toll told by itself, over many occurrences."""

    event_id: EventId
    ordinal: int = Field(ge=0, description="Which count of the event, from 0.")
    report_id: ReportId
    kind: str
    cumulative: bool
    side: tuple[str, ...] = Field(description="Whose people, where the report names them.")
    countries: tuple[str, ...] = ()
    group: Group | None = None
    measure: Measure
    min: int | None = None
    max: int | None = None
    qualifier: Qualifier
    of: str | None = None
    places: tuple[str, ...] = ()
    occurred: Occurred | None = None
    sources: tuple[str, ...] = ()
    denied_by: tuple[str, ...] = ()
    outlet: str
    reported_at: Instant
    quote: str


class Toll(Model):
    """What is claimed of one side and measure: the range of each source's latest cumulative claim."""

    side: tuple[str, ...]
    group: Group | None = None
    range: CountRange


def group_of(words: Iterable[str | None], groups: Groups) -> Group | None:
    """Civilian or military where a word says so, and None where none does or they disagree."""
    found = {
        group
        for text in words
        for word in key(text or "").split()
        for start, group in groups.items()
        if word.startswith(start)
    }
    return found.pop() if len(found) == 1 else None


def rows(event: BaseEvent, groups: Groups) -> tuple[LedgerRow, ...]:
    """The ledger rows of one event, in the order of its quantities."""
    targets = [p for p in event.participants if p.role == "target"]
    return tuple(
        LedgerRow(
            event_id=event.id,
            ordinal=ordinal,
            report_id=event.report_id,
            kind=event.kind,
            cumulative=event.kind == "casualty_report",
            side=tuple(dict.fromkeys(p.name for p in targets)),
            countries=tuple(sorted({p.country for p in targets if p.country})),
            group=group_of([q.of, q.text, *(p.name for p in targets), *(p.text for p in targets)], groups),
            measure=q.measure,
            min=q.min,
            max=q.max,
            qualifier=q.qualifier,
            of=q.of,
            places=tuple(dict.fromkeys(p.name for p in event.places)),
            occurred=event.occurred,
            sources=tuple(dict.fromkeys(s.name for s in event.sources if s.stance != "denies")),
            denied_by=tuple(dict.fromkeys(s.name for s in event.sources if s.stance == "denies")),
            outlet=event.outlet,
            reported_at=event.reported_at,
            quote=event.evidence[0].quote,
        )
        for ordinal, q in enumerate(event.quantities)
        if q.measure in TOLL_MEASURES
    )


def tolls(events: Iterable[BaseEvent], groups: Groups) -> tuple[Toll, ...]:
    """Per side, group and measure the range over each source's latest cumulative claim. Pure in the set of events."""
    latest: dict[tuple[tuple[str, ...], Group | None, Measure, str, str], CountClaim] = {}
    names: dict[tuple[str, ...], tuple[str, ...]] = {}
    ordered = sorted({e.id: e for e in events}.values(), key=lambda e: (microseconds(e.reported_at), e.id))
    for event in ordered:
        if event.kind != "casualty_report":
            continue
        for row in rows(event, groups):
            side = tuple(sorted({key(name) for name in row.side}))
            names.setdefault(side, row.side)
            voice = ";".join(sorted(key(name) for name in row.sources)) or key(row.outlet)
            claim = claim_of(event, event.quantities[row.ordinal])
            latest[side, row.group, row.measure, voice, key(row.of or "")] = claim
    by_side: dict[tuple[tuple[str, ...], Group | None], list[CountClaim]] = {}
    for (side, group, _, _, _), claim in latest.items():
        by_side.setdefault((side, group), []).append(claim)
    return tuple(
        Toll(side=names[side], group=group, range=found)
        for (side, group), claims in sorted(by_side.items(), key=lambda item: (item[0][0], item[0][1] or ""))
        for found in ranges(claims)
    )
