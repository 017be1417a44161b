"""The ledger of tolls: each count of people harmed, by side, source and time. Never summed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import Field

from services.projection.core.counts import CountClaim, CountRange, claim_of, ranges
from services.projection.core.times import microseconds
from services.projection.core.words import key
from shared.events.base import BaseEvent, EventId, Measure, Occurred, Qualifier, ReportId
from shared.model import Instant, Model, derive_id

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


@dataclass(frozen=True, slots=True)
class ToldToll:
    """One count of a cumulative toll. `voice_id` is who counts what of whom; of its claims the latest counts."""

    voice_id: str
    side: tuple[str, ...]
    shown: tuple[str, ...]
    group: Group | None
    claim: CountClaim


def told_tolls(event: BaseEvent, groups: Groups) -> tuple[ToldToll, ...]:
    """The counts of an event that tells a toll by itself; none of any other."""
    if event.kind != "casualty_report":
        return ()
    found = []
    for row in rows(event, groups):
        side = tuple(sorted({key(name) for name in row.side}))
        voice = ";".join(sorted(key(name) for name in row.sources)) or key(row.outlet)
        voice_id = derive_id("v", row.group or "", row.measure, voice, key(row.of or ""), *side)
        found.append(ToldToll(voice_id, side, row.side, row.group, claim_of(event, event.quantities[row.ordinal])))
    return tuple(found)


def tolls(events: Iterable[BaseEvent], groups: Groups) -> tuple[Toll, ...]:
    """Per side, group and measure the range over each source's latest cumulative claim. Pure in the set of events."""
    ordered = sorted({e.id: e for e in events}.values(), key=lambda e: (microseconds(e.reported_at), e.id))
    latest = {told.voice_id: told for event in ordered for told in told_tolls(event, groups)}
    return tolls_of(latest.values())


def tolls_of(latest: Iterable[ToldToll]) -> tuple[Toll, ...]:
    """The ranges of the latest claims, one of each voice. A side is named as the earliest of them names it."""
    by_side: dict[tuple[tuple[str, ...], str], list[ToldToll]] = {}
    for told in sorted(latest, key=lambda t: (microseconds(t.claim.reported_at), t.claim.event_id, t.voice_id)):
        by_side.setdefault((told.side, told.group or ""), []).append(told)
    return tuple(
        Toll(side=claims[0].shown, group=claims[0].group, range=found)
        for _, claims in sorted(by_side.items(), key=lambda item: item[0])
        for found in ranges([told.claim for told in claims])
    )
