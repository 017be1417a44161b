"""Measures: bans, closures, sanctions and truces, and which are in force at an instant.

Events of one kind, imposer and addressee tell of one measure. An event with status `ended` (or a truce broken or
ended) lifts what it fits: one measure, or all of that kind that it does not tell apart. Pure in the set of events.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import Field

from services.projection.core.joining import side
from services.projection.core.times import WIDTH_US, instant, microseconds
from services.projection.core.words import key
from shared.events.base import BaseEvent, EventId, ReportId, Status
from shared.events.ceasefire import Ceasefire
from shared.model import Instant, Model, derive_id

MEASURE_KINDS: Final = ("flight_ban", "broadcast_ban", "border_closure", "sanction", "ceasefire")

State = Literal["in_force", "announced", "lifted", "expired", "called_for"]


class MeasureClaim(Model):
    """One report's word on the measure."""

    event_id: EventId
    report_id: ReportId
    outlet: str
    reported_at: Instant
    status: Status
    effect: Literal["imposes", "lifts", "calls_for"]
    effective_from: Instant
    effective_until: Instant | None = None
    inferred: bool = Field(description="The report gives no time; its publication stands in.")
    sources: tuple[str, ...] = ()
    quote: str


class MeasureInForce(Model):
    """A measure and its state at the instant that was asked for."""

    id: str
    kind: str
    state: State
    imposed_by: tuple[str, ...]
    against: tuple[str, ...]
    scope: tuple[str, ...]
    since: Instant | None = Field(default=None, description="When the present or last state of force began.")
    until: Instant | None = Field(default=None, description="When it ended, or will end where that is said.")
    lifted_by: tuple[EventId, ...] = ()
    claims: tuple[MeasureClaim, ...]


@dataclass(frozen=True, slots=True)
class _Terms:
    """Whom it binds, as keys; empty where the report does not say."""

    kind: str
    by: frozenset[str]
    against: frozenset[str]

    def fits(self, other: "_Terms") -> bool:
        return (
            self.kind == other.kind
            and (not self.by or not other.by or bool(self.by & other.by))
            and (not self.against or not other.against or bool(self.against & other.against))
        )


def _terms(event: BaseEvent) -> _Terms:
    by = frozenset(side(p) for p in event.participants if p.role == "agent")
    against = frozenset(p.country for p in event.participants if p.role == "target" and p.country)
    against |= frozenset(p.country for p in event.places if p.role in ("scope", "destination") and p.country)
    if event.kind == "ceasefire":  # a truce binds its parties alike, whoever is named first
        return _Terms(event.kind, by | against, frozenset())
    if not against:
        against = frozenset(key(p.name) for p in event.participants if p.role == "target")
    return _Terms(event.kind, by, against - by if against - by else against)


def effect(event: BaseEvent) -> Literal["imposes", "lifts", "calls_for"]:
    """What the event does to the measure."""
    phase = event.phase if isinstance(event, Ceasefire) else None
    if event.status == "ended" or phase in ("broken", "ended"):
        return "lifts"
    if event.status in ("called_for", "threatened") or phase == "proposed":
        return "calls_for"
    return "imposes"


def _claim(event: BaseEvent) -> MeasureClaim:
    occurred = event.occurred
    start = occurred.start if occurred else event.reported_at
    until = occurred.end if occurred else None
    if occurred and until and microseconds(until) - microseconds(start) <= WIDTH_US[occurred.precision]:
        until = None  # the end of the day (hour, ...) that was named, not the end of the measure
    return MeasureClaim(
        event_id=event.id,
        report_id=event.report_id,
        outlet=event.outlet,
        reported_at=event.reported_at,
        status=event.status,
        effect=effect(event),
        effective_from=instant(microseconds(start)),
        effective_until=until,
        inferred=occurred is None,
        sources=tuple(dict.fromkeys(s.name for s in event.sources if s.stance != "denies")),
        quote=event.evidence[0].quote,
    )


def measures(events: Iterable[BaseEvent], at_us: int) -> tuple[MeasureInForce, ...]:
    """Every measure that these events tell of, with its state at `at_us`; by kind and first effect."""
    unique = {e.id: e for e in events if e.kind in MEASURE_KINDS}.values()
    ordered = sorted(unique, key=lambda e: (microseconds(e.reported_at), e.id))
    groups: dict[_Terms, list[BaseEvent]] = {}
    for event in ordered:
        if effect(event) != "lifts":
            groups.setdefault(_terms(event), []).append(event)
    liftings = [e for e in ordered if effect(e) == "lifts"]
    for event in liftings:
        if not any(_terms(event).fits(terms) for terms in groups):
            groups.setdefault(_terms(event), [])  # only its end was ever reported
    found = []
    for terms, imposing in groups.items():
        ends = [e for e in liftings if _terms(e).fits(terms)]
        found.append(
            _measure(terms, sorted([*imposing, *ends], key=lambda e: (microseconds(e.reported_at), e.id)), at_us)
        )
    return tuple(sorted(found, key=lambda m: (m.kind, m.claims[0].effective_from, m.id)))


def _measure(terms: _Terms, members: Sequence[BaseEvent], at_us: int) -> MeasureInForce:
    claims = tuple(_claim(e) for e in members)
    state, since, until, lifted_by = _state(claims, at_us)
    return MeasureInForce(
        id=derive_id("m", terms.kind, *sorted(terms.by), "/", *sorted(terms.against)),
        kind=terms.kind,
        state=state,
        imposed_by=tuple(dict.fromkeys(p.name for e in members for p in e.participants if p.role == "agent")),
        against=tuple(dict.fromkeys(p.name for e in members for p in e.participants if p.role == "target")),
        scope=tuple(dict.fromkeys(p.name for e in members for p in e.places if p.role == "scope")),
        since=since,
        until=until,
        lifted_by=lifted_by,
        claims=claims,
    )


def _state(
    claims: Sequence[MeasureClaim], at_us: int
) -> tuple[State, Instant | None, Instant | None, tuple[EventId, ...]]:
    """State, since, until and the events that lifted it. A lifting at the instant of an imposing comes after it."""
    turns: list[tuple[int, int, MeasureClaim | None]] = []
    for claim in claims:
        if claim.effect == "imposes":
            turns.append((microseconds(claim.effective_from), 0, claim))
            if claim.effective_until:
                turns.append((microseconds(claim.effective_until), 1, None))
        elif claim.effect == "lifts":
            turns.append((microseconds(claim.effective_from), 2, claim))
    turns.sort(key=lambda turn: (turn[0], turn[1], turn[2].event_id if turn[2] else ""))
    past, future = [t for t in turns if t[0] <= at_us], [t for t in turns if t[0] > at_us]
    next_end = next((instant(t[0]) for t in future if t[1] > 0), None)
    if not turns:
        return "called_for", None, None, ()
    if not past:
        first = next((t for t in future if t[1] == 0), None)
        return ("announced", instant(first[0]), next_end, ()) if first else ("in_force", None, next_end, ())
    last_us, what, _ = past[-1]
    began = next((i for i in range(len(past) - 1, -1, -1) if past[i][1] > 0), -1) + 1
    if what == 0:
        return "in_force", instant(past[began][0]), next_end, ()
    start = [t for t in past if t[1] == 0]
    lifted_by = tuple(t[2].event_id for t in past if t[1] == 2 and t[2] is not None and t[0] == last_us)
    return (
        ("lifted" if what == 2 else "expired"),
        (instant(start[0][0]) if start else None),
        instant(last_us),
        lifted_by,
    )
