"""People on the move: each claim of displacement or evacuation, from where to where, how many, who says so."""

from typing import Final

from services.projection.core.counts import CountClaim, claim_of
from shared.events.base import BaseEvent, EventId, Occurred, Place, ReportId, Status
from shared.model import Instant, Model

FLOW_KINDS: Final = ("displacement", "evacuation")
FLOW_MEASURES: Final = frozenset({"displaced", "evacuated", "people"})


class Flow(Model):
    """One event's claim. Adding claims up counts people twice."""

    event_id: EventId
    report_id: ReportId
    kind: str
    status: Status
    population: tuple[str, ...]
    organisers: tuple[str, ...]
    origins: tuple[Place, ...]
    destinations: tuple[Place, ...]
    counts: tuple[CountClaim, ...]
    occurred: Occurred | None = None
    sources: tuple[str, ...]
    outlet: str
    reported_at: Instant
    quote: str


def flow(event: BaseEvent) -> Flow:
    """The claim of a displacement or evacuation."""
    return Flow(
        event_id=event.id,
        report_id=event.report_id,
        kind=event.kind,
        status=event.status,
        population=tuple(dict.fromkeys(p.name for p in event.participants if p.role == "target")),
        organisers=tuple(dict.fromkeys(p.name for p in event.participants if p.role == "agent")),
        origins=tuple(p for p in event.places if p.role in ("origin", "location")),
        destinations=tuple(p for p in event.places if p.role == "destination"),
        counts=tuple(claim_of(event, q) for q in event.quantities if q.measure in FLOW_MEASURES),
        occurred=event.occurred,
        sources=tuple(dict.fromkeys(s.name for s in event.sources if s.stance != "denies")),
        outlet=event.outlet,
        reported_at=event.reported_at,
        quote=event.evidence[0].quote,
    )
