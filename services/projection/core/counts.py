"""Counts as ranges: who says how many, and which claims can't both be true."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pydantic import Field

from services.projection.core.words import key
from shared.events.base import BaseEvent, EventId, Measure, Qualifier, Quantity
from shared.model import Instant, Model

ABOUT: Final = 0.2
"""A count told as "about" may be off by this fraction before it contradicts another."""


class CountClaim(Model):
    """One source's count. `sources` is empty where the outlet speaks for itself."""

    measure: Measure
    min: int | None = None
    max: int | None = None
    qualifier: Qualifier
    of: str | None = None
    sources: tuple[str, ...] = ()
    outlet: str
    reported_at: Instant
    event_id: EventId


class CountRange(Model):
    """All claims of one measure. `low` and `high` are the outermost numbers said; nothing is summed or averaged."""

    measure: Measure
    low: int
    low_by: tuple[EventId, ...]
    high: int | None = Field(default=None, description="Absent where nobody gives an upper end.")
    high_by: tuple[EventId, ...] = ()
    open_above: bool = Field(description="Somebody says 'at least', 'over' or the like: it may be more than `high`.")
    contradictory: bool = Field(description="Two claims that stand can't both be true.")
    at_odds: tuple[EventId, ...] = Field(default=(), description="The events whose counts exclude another's.")
    claims: tuple[CountClaim, ...]


def claim_of(event: BaseEvent, quantity: Quantity) -> CountClaim:
    return CountClaim(
        measure=quantity.measure,
        min=quantity.min,
        max=quantity.max,
        qualifier=quantity.qualifier,
        of=quantity.of,
        sources=tuple(dict.fromkeys(s.name for s in event.sources if s.stance != "denies")),
        outlet=event.outlet,
        reported_at=event.reported_at,
        event_id=event.id,
    )


def bounds(claim: CountClaim) -> tuple[float, float]:
    """The lowest and highest number with which the claim is still true."""
    low, high = float(claim.min or 0), math.inf if claim.max is None else float(claim.max)
    if claim.qualifier == "about":
        return low * (1 - ABOUT), high * (1 + ABOUT)
    if claim.qualifier in ("at_least", "over", "vague"):
        return low, math.inf
    return low, high


@dataclass(frozen=True, slots=True)
class _Span:
    """What a claim is compared by: whom it counts, as a key, and the numbers with which it is still true."""

    of: str | None
    low: float
    high: float

    @classmethod
    def of_claim(cls, claim: CountClaim) -> "_Span":
        return cls(None if claim.of is None else key(claim.of), *bounds(claim))

    def excludes(self, other: "_Span") -> bool:
        apart = self.high < other.low or other.high < self.low
        return apart and (self.of is None or other.of is None or self.of == other.of)


def contradict(a: CountClaim, b: CountClaim) -> bool:
    """Whether two counts of one measure exclude each other. Counts of differently named groups never do."""
    return _Span.of_claim(a).excludes(_Span.of_claim(b))


def ranges(claims: list[CountClaim]) -> tuple[CountRange, ...]:
    """The range of each measure, measures and claims in an order that does not depend on that of arrival."""
    found = []
    for measure in sorted({claim.measure for claim in claims}):
        of_measure = sorted(
            (c for c in claims if c.measure == measure),
            key=lambda c: (c.reported_at, c.event_id, c.min or 0, c.max or 0, c.of or ""),
        )
        low = min(c.min if c.min is not None else 0 for c in of_measure)
        tops = [c.max for c in of_measure if c.max is not None]
        high = max(tops) if tops else None
        found.append(
            CountRange(
                measure=measure,
                low=low,
                low_by=_who(c for c in of_measure if (c.min or 0) == low),
                high=high,
                high_by=_who(c for c in of_measure if high is not None and c.max == high),
                open_above=any(math.isinf(bounds(c)[1]) for c in of_measure),
                contradictory=bool(odds := _at_odds(of_measure)),
                at_odds=odds,
                claims=tuple(of_measure),
            )
        )
    return tuple(found)


def _who(claims: Iterable[CountClaim]) -> tuple[EventId, ...]:
    return tuple(dict.fromkeys(c.event_id for c in claims))


def _voice(claim: CountClaim) -> frozenset[str]:
    return frozenset(key(name) for name in claim.sources) or frozenset({key(claim.outlet)})


@dataclass(frozen=True, slots=True)
class _Standing:
    """A claim with whose it is and what it is compared by."""

    claim: CountClaim
    voice: frozenset[str]
    span: _Span


def _at_odds(claims: list[CountClaim]) -> tuple[EventId, ...]:
    """Events whose counts contradict another's, oldest first. Who revises a count does not contradict himself, and
    two counts of one report are of two groups."""
    spans = [_Span.of_claim(c) for c in claims]
    if max(span.low for span in spans) <= min(span.high for span in spans):
        return ()  # one number would make them all true
    told = [_Standing(c, _voice(c), span) for c, span in zip(claims, spans, strict=True)]

    def revised(claim: _Standing) -> bool:
        return any(
            (c.span.of or "") == (claim.span.of or "")
            and c.voice >= claim.voice
            and c.claim.reported_at > claim.claim.reported_at
            for c in told
        )

    standing = [c for c in told if not revised(c)]
    pairs = [(a, b) for i, a in enumerate(standing) for b in standing[i + 1 :] if a.span.excludes(b.span)]
    return _who(c.claim for pair in pairs if pair[0].claim.event_id != pair[1].claim.event_id for c in pair)
