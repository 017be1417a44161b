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

Effect = Literal["imposes", "lifts", "calls_for"]
State = Literal["in_force", "announced", "lifted", "expired", "called_for"]


class MeasureClaim(Model):
    """One report's word on the measure."""

    event_id: EventId
    report_id: ReportId
    outlet: str
    reported_at: Instant
    status: Status
    effect: Effect
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
    claims_told: int = Field(description="How many claims tell of it, liftings among them.")
    claims: tuple[MeasureClaim, ...] = Field(
        description="The first reported and the last ones; names are those that these give."
    )


@dataclass(frozen=True, slots=True)
class Terms:
    """Whom it binds, as keys; empty where the report does not say."""

    kind: str
    by: frozenset[str]
    against: frozenset[str]

    def fits(self, other: "Terms") -> bool:
        return (
            self.kind == other.kind
            and (not self.by or not other.by or bool(self.by & other.by))
            and (not self.against or not other.against or bool(self.against & other.against))
        )

    @property
    def id(self) -> str:
        """The id of the measure with these terms."""
        return derive_id("m", self.kind, *sorted(self.by), "/", *sorted(self.against))


@dataclass(frozen=True, slots=True)
class Told:
    """What one event says of a measure, as far as its state depends on it. Times in microseconds."""

    event_id: str
    terms: Terms
    effect: Effect
    from_us: int
    until_us: int | None
    reported_us: int


def _terms(event: BaseEvent) -> Terms:
    by = frozenset(side(p) for p in event.participants if p.role == "agent")
    against = frozenset(p.country for p in event.participants if p.role == "target" and p.country)
    against |= frozenset(p.country for p in event.places if p.role in ("scope", "destination") and p.country)
    if event.kind == "ceasefire":  # a truce binds its parties alike, whoever is named first
        return Terms(event.kind, by | against, frozenset())
    if not against:
        against = frozenset(key(p.name) for p in event.participants if p.role == "target")
    return Terms(event.kind, by, against - by if against - by else against)


def effect(event: BaseEvent) -> Effect:
    """What the event does to the measure."""
    phase = event.phase if isinstance(event, Ceasefire) else None
    if event.status == "ended" or phase in ("broken", "ended"):
        return "lifts"
    if event.status in ("called_for", "threatened") or phase == "proposed":
        return "calls_for"
    return "imposes"


def told_of(event: BaseEvent) -> Told:
    """What an event of one of `MEASURE_KINDS` says."""
    occurred = event.occurred
    from_us = microseconds(occurred.start if occurred else event.reported_at)
    until_us = microseconds(occurred.end) if occurred and occurred.end else None
    if occurred and until_us is not None and until_us - from_us <= WIDTH_US[occurred.precision]:
        until_us = None  # the end of the day (hour, ...) that was named, not the end of the measure
    return Told(event.id, _terms(event), effect(event), from_us, until_us, microseconds(event.reported_at))


def measures(events: Iterable[BaseEvent], at_us: int) -> tuple[MeasureInForce, ...]:
    """Every measure that these events tell of, each with all its claims and its state at `at_us`."""
    unique = {e.id: e for e in events if e.kind in MEASURE_KINDS}
    told = [told_of(e) for e in unique.values()]
    every = {t.terms for t in told}
    standing = {t.terms for t in told if t.effect != "lifts"}
    found = []
    for terms in every:
        if terms not in standing and any(terms.fits(other) for other in standing):
            continue
        claims = of_measure(terms, told)
        found.append(measure(terms, claims, [unique[t.event_id] for t in claims], at_us))
    return tuple(sorted(found, key=lambda m: (m.kind, m.claims[0].effective_from, m.id)))


def of_measure(terms: Terms, told: Iterable[Told]) -> list[Told]:
    """The claims of one measure, first reported first: those with its terms, and liftings that fit it.

    Terms that only liftings have are a measure of their own where they fit none that somebody imposes or calls for:
    then only its end was ever reported.
    """
    found = (t for t in told if (t.terms == terms if t.effect != "lifts" else t.terms.fits(terms)))
    return sorted(found, key=lambda t: (t.reported_us, t.event_id))


def measure(terms: Terms, told: Sequence[Told], shown: Iterable[BaseEvent], at_us: int) -> MeasureInForce:
    """The measure that these claims (all of them) tell of, with the events of those that are to be shown."""
    state, since, until, lifted_by = state_of(told, at_us)
    by_id = {event.id: event for event in shown}
    members = [(t, by_id[t.event_id]) for t in told if t.event_id in by_id]
    return MeasureInForce(
        id=terms.id,
        kind=terms.kind,
        state=state,
        imposed_by=tuple(dict.fromkeys(p.name for _, e in members for p in e.participants if p.role == "agent")),
        against=tuple(dict.fromkeys(p.name for _, e in members for p in e.participants if p.role == "target")),
        scope=tuple(dict.fromkeys(p.name for _, e in members for p in e.places if p.role == "scope")),
        since=since,
        until=until,
        lifted_by=lifted_by,
        claims_told=len(told),
        claims=tuple(_claim(t, e) for t, e in members),
    )


def _claim(told: Told, event: BaseEvent) -> MeasureClaim:
    return MeasureClaim(
        event_id=event.id,
        report_id=event.report_id,
        outlet=event.outlet,
        reported_at=event.reported_at,
        status=event.status,
        effect=told.effect,
        effective_from=instant(told.from_us),
        effective_until=None if told.until_us is None else instant(told.until_us),
        inferred=event.occurred is None,
        sources=tuple(dict.fromkeys(s.name for s in event.sources if s.stance != "denies")),
        quote=event.evidence[0].quote,
    )


def state_of(told: Sequence[Told], at_us: int) -> tuple[State, Instant | None, Instant | None, tuple[EventId, ...]]:
    """State, since, until and the events that lifted it. A lifting at the instant of an imposing comes after it."""
    turns: list[tuple[int, int, str]] = []
    for claim in told:
        if claim.effect == "imposes":
            turns.append((claim.from_us, 0, claim.event_id))
            if claim.until_us is not None:
                turns.append((claim.until_us, 1, ""))
        elif claim.effect == "lifts":
            turns.append((claim.from_us, 2, claim.event_id))
    turns.sort()
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
    lifted_by = tuple(t[2] for t in past if t[1] == 2 and t[0] == last_us)
    return (
        ("lifted" if what == 2 else "expired"),
        (instant(start[0][0]) if start else None),
        instant(last_us),
        lifted_by,
    )
