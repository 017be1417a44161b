"""Incidents: the events of several reports that are one occurrence, every claim kept.

A pure function of the set of events. Two events are brought together by a match, and into an incident only if they
are compatible with all that are in it (complete linkage): so a report that says "on Friday" can't weld a strike at
ten to a strike at five. Pairs are taken best first, ties by id, so the order of arrival has no say.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Final, Literal

from pydantic import Field

from services.projection.core.counts import CountClaim, CountRange, claim_of, ranges
from services.projection.core.independence import Voice, canonical, independent
from services.projection.core.joining import JOINED_KINDS, Facts, Match, blocks, compatible, facts, match
from services.projection.core.kinds import told_kind
from services.projection.core.times import instant, microseconds, window
from services.projection.core.words import key
from shared.events.base import BaseEvent, EventId, Occurred, Participant, Place, ReportId, Source, Status
from shared.events.denial import Denial
from shared.model import Instant, Model

UNBLOCKED_MAX: Final = 12
"""Trying all pairs of so few is less work than cutting them into blocks, and finds the same."""


class Claim(Model):
    """What one report says of the incident, and why it was counted to it."""

    event_id: EventId
    kind: str = Field(description="What this report calls it.")
    report_id: ReportId
    outlet: str
    reported_at: Instant
    status: Status
    occurred: Occurred | None = None
    sources: tuple[Source, ...] = ()
    quotes: tuple[str, ...]
    counts: tuple[CountClaim, ...] = ()
    confidence: float
    coder_version: str
    why: tuple[str, ...] = Field(description="Why it belongs here; empty where it is the only claim.")


class Contest(Model):
    """Who contests the incident, and how."""

    how: Literal["denial", "source_denies", "counts"]
    by: tuple[str, ...]
    event_id: EventId
    report_id: ReportId
    outlet: str
    reported_at: Instant
    quotes: tuple[str, ...]
    denies: tuple[EventId, ...] = ()


class Incident(Model):
    """One occurrence as several reports tell it."""

    id: str = Field(description="From its first-reported event; an id of any other event in it leads here too.")
    kind: str = Field(description="What most claims call it; of equals the more specific.")
    kinds: tuple[str, ...] = Field(description="All that it is called, where reports confuse kinds.")
    earliest: Instant = Field(description="The earliest that any claim allows it to have begun.")
    latest: Instant = Field(description="The latest that any claim allows it to have ended (exclusive).")
    dated: bool = Field(description="False where no report says when; the time is then that of the report.")
    first_reported_at: Instant
    last_reported_at: Instant
    statuses: tuple[Status, ...]
    places: tuple[Place, ...]
    participants: tuple[Participant, ...]
    counts: tuple[CountRange, ...]
    contested: bool
    contests: tuple[Contest, ...]
    corroborated: int = Field(description="Independent voices; the same agency copied by five outlets is one.")
    voices: tuple[Voice, ...] = Field(description="The independent voices, each with the claims that go back to it.")
    outlets: tuple[str, ...]
    claims: tuple[Claim, ...]


def incident_id(event_id: str) -> str:
    """The id of the incident whose first-reported event this is."""
    return "i_" + event_id.removeprefix("e_")


def group(events: Iterable[BaseEvent]) -> tuple[tuple[tuple[BaseEvent, ...], dict[str, Match]], ...]:
    """The events in sets of one occurrence each, first reported first, with each event's best match in its set.

    Events of kinds that are not joined (speech, tolls) are left out. The cost is the number of pairs that share a
    block, so the caller hands in neighbourhoods, not the whole log.
    """
    ordered = sorted({e.id: e for e in events}.values(), key=lambda e: (microseconds(e.reported_at), e.id))
    if len(ordered) == 1:
        return ((tuple(ordered), {}),) if ordered[0].kind in JOINED_KINDS else ()
    told = {e.id: e for e in ordered}
    known = {e.id: f for e in ordered if (f := facts(e)) is not None}
    pairs = _matches(known)
    fits = _Fits(known, pairs)
    member: dict[str, set[str]] = {e.id: {e.id} for e in ordered if e.kind in JOINED_KINDS}
    for (a, b), _ in sorted(pairs.items(), key=lambda pair: (-pair[1].score, pair[0])):
        ours, theirs = member[a], member[b]
        if ours is theirs or not all(fits(x, y) for x in ours for y in theirs):
            continue
        ours |= theirs
        for event_id in theirs:
            member[event_id] = ours
    found = []
    for event in ordered:
        ids = member.get(event.id)
        if ids is None:
            continue
        members = tuple(e for e in ordered if e.id in ids) if len(ids) > 1 else (event,)
        if members[0] is not event:
            continue
        best = {x: m for x in ids if (m := _best(x, ids, pairs)) is not None}
        found.append((tuple(told[e.id] for e in members), best))
    return tuple(found)


def _matches(known: dict[str, Facts]) -> dict[tuple[str, str], Match]:
    by_block: dict[str, list[str]] = defaultdict(list)
    for event_id, f in known.items():
        for block in blocks(f) if len(known) > UNBLOCKED_MAX else ("",):
            by_block[block].append(event_id)
    pairs: dict[tuple[str, str], Match] = {}
    tried: set[tuple[str, str]] = set()
    for ids in by_block.values():
        for pair in combinations(sorted(set(ids) & known.keys()), 2):
            if pair not in tried:
                tried.add(pair)
                found = match(known[pair[0]], known[pair[1]])
                if found is not None:
                    pairs[pair] = found
    return pairs


class _Fits:
    """Whether two events are compatible, asked of each pair once."""

    def __init__(self, known: dict[str, Facts], pairs: dict[tuple[str, str], Match]) -> None:
        self._known, self._found = known, dict.fromkeys(pairs, True)

    def __call__(self, x: str, y: str) -> bool:
        pair = (min(x, y), max(x, y))
        if pair not in self._found:
            self._found[pair] = compatible(self._known[x], self._known[y])
        return self._found[pair]


def _best(event_id: str, ids: set[str], pairs: dict[tuple[str, str], Match]) -> Match | None:
    others = sorted(ids - {event_id})
    scored = [m for other in others if (m := pairs.get((min(event_id, other), max(event_id, other)))) is not None]
    return max(scored, key=lambda m: m.score) if scored else None


def assemble(events: Iterable[BaseEvent], denials: Sequence[Denial]) -> tuple[Incident, ...]:
    """The incidents of these events. `denials` are those whose `denies` names one of them; others are ignored."""
    return tuple(_incident(members, best, denials) for members, best in group(events))


def _incident(members: tuple[BaseEvent, ...], best: dict[str, Match], denials: Sequence[Denial]) -> Incident:
    spans = [window(e) for e in members]
    dated = [s for s in spans if s.dated] or spans
    counts = ranges([claim_of(e, q) for e in members for q in e.quantities])
    contests = _contests(members, denials, counts)
    voices = independent(members)
    return Incident(
        id=incident_id(members[0].id),
        kind=told_kind(e.kind for e in members),
        kinds=tuple(sorted({e.kind for e in members})),
        earliest=instant(min(s.from_us for s in dated)),
        latest=instant(max(s.until_us for s in dated)),
        dated=dated[0].dated,
        first_reported_at=members[0].reported_at,
        last_reported_at=members[-1].reported_at,
        statuses=tuple(dict.fromkeys(e.status for e in members)),
        places=tuple({(key(p.name), p.country, p.role): p for e in reversed(members) for p in e.places}.values()),
        participants=tuple({(key(p.name), p.role): p for e in reversed(members) for p in e.participants}.values()),
        counts=counts,
        contested=bool(contests),
        contests=contests,
        corroborated=len(voices),
        voices=voices,
        outlets=tuple(dict.fromkeys(e.outlet for e in members)),
        claims=tuple(_claim(e, best.get(e.id)) for e in members),
    )


def _claim(event: BaseEvent, why: Match | None) -> Claim:
    return Claim(
        event_id=event.id,
        kind=event.kind,
        report_id=event.report_id,
        outlet=event.outlet,
        reported_at=event.reported_at,
        status=event.status,
        occurred=event.occurred,
        sources=event.sources,
        quotes=tuple(e.quote for e in event.evidence),
        counts=tuple(claim_of(event, q) for q in event.quantities),
        confidence=event.confidence,
        coder_version=event.coder_version,
        why=why.reasons if why else (),
    )


def _contest(
    how: Literal["denial", "source_denies", "counts"], event: BaseEvent, by: tuple[str, ...], denies: tuple[str, ...]
) -> Contest:
    return Contest(
        how=how,
        by=by,
        event_id=event.id,
        report_id=event.report_id,
        outlet=event.outlet,
        reported_at=event.reported_at,
        quotes=tuple(e.quote for e in event.evidence),
        denies=denies,
    )


def _contests(
    members: tuple[BaseEvent, ...], denials: Sequence[Denial], counts: tuple[CountRange, ...]
) -> tuple[Contest, ...]:
    """Denials that stand (whoever denied did not admit it later) and counts that exclude another's."""
    ids = {e.id for e in members}
    admitted: dict[str, int] = {}
    for event in members:
        for source in event.sources:
            if source.stance != "denies":
                admitted[canonical(source.name)] = microseconds(event.reported_at)

    def stand(event: BaseEvent, names: Iterable[str]) -> tuple[str, ...]:
        said = microseconds(event.reported_at)
        return tuple(dict.fromkeys(n for n in names if admitted.get(canonical(n), said) <= said))

    found = []
    for denial in sorted({d.id: d for d in denials}.values(), key=lambda d: (microseconds(d.reported_at), d.id)):
        by = [p.name for p in denial.participants if p.role == "agent"]
        denied = tuple(sorted(ids & set(denial.denies)))
        if denied and (not by or stand(denial, by)):
            found.append(_contest("denial", denial, stand(denial, by), denied))
    for event in members:
        if names := stand(event, (s.name for s in event.sources if s.stance == "denies")):
            found.append(_contest("source_denies", event, names, (event.id,)))
    at_odds = {event_id for c in counts for event_id in c.at_odds}
    return (*found, *(_contest("counts", e, tuple(s.name for s in e.sources), ()) for e in members if e.id in at_odds))
