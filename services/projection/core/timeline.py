"""The timeline: every event as one dated line that says what, who, where and who says so."""

from typing import Final, Literal

from pydantic import Field

from services.projection.core.counts import CountRange
from services.projection.core.times import instant, window
from shared.events.base import BaseEvent, EventId, Precision, Quantity, ReportId, Status
from shared.model import Instant, Model

BEFORE_TARGETS: Final = {
    "statement": "to", "humanitarian_appeal": "to", "damage": "to", "border_closure": "for", "evacuation": "of",
    "displacement": "of", "detention": "of", "killing": "of", "mobilization": "of", "aircraft_downing": "of",
    "casualty_report": "of", "shelling": "of",
}  # fmt: skip
"""How a headline joins an event's targets to its kind; the others are "on" somebody."""


class TimelineEntry(Model):
    """One event on the line. `at` is when it happened, or when it was reported where no report says."""

    event_id: EventId
    report_id: ReportId
    at: Instant
    until: Instant = Field(description="Exclusive: as late as the precision allows.")
    precision: Precision | None = None
    time_from: Literal["report", "context", "publication"] = Field(
        description="Said in the report, inferred from its context, or the moment of its publication."
    )
    reported_at: Instant
    kind: str
    status: Status
    headline: str
    places: tuple[str, ...]
    agents: tuple[str, ...]
    targets: tuple[str, ...]
    counts: tuple[str, ...]
    sources: tuple[str, ...] = Field(description="Who says so; the outlet itself where it names nobody.")
    denied_by: tuple[str, ...] = Field(default=(), description="Sources in the same report that deny it.")
    outlet: str
    quote: str
    confidence: float


def count_words(quantity: Quantity) -> str:
    """A quantity as a reader would say it: "7 injured", "up to 4 aircraft", "at least 20 killed"."""
    lead = {"at_least": "at least ", "over": "over ", "up_to": "up to ", "about": "about ", "vague": "some "}
    if quantity.min is not None and quantity.max is not None and quantity.min != quantity.max:
        number = f"{quantity.min} to {quantity.max}"
    else:
        number = str(quantity.max if quantity.min is None else quantity.min)
    return f"{lead.get(quantity.qualifier, '')}{number} {quantity.measure}"


def count_range(found: CountRange) -> str:
    """All claims of a count in a phrase: "7 to 20 injured, or more"."""
    number = str(found.low) if found.high is None or found.high == found.low else f"{found.low} to {found.high}"
    return f"{number} {found.measure}" + (", or more" if found.open_above else "")


def entry(event: BaseEvent) -> TimelineEntry:
    """The line of one event."""
    span = window(event)
    agents = tuple(dict.fromkeys(p.name for p in event.participants if p.role == "agent"))
    targets = tuple(dict.fromkeys(p.name for p in event.participants if p.role == "target"))
    places = tuple(dict.fromkeys(p.name for p in event.places))
    counts = tuple(count_words(q) for q in event.quantities)
    sources = tuple(dict.fromkeys(s.name for s in event.sources if s.stance != "denies")) or (event.outlet,)
    what = event.kind.replace("_", " ")
    if event.status != "occurred":
        what += f" ({event.status.replace('_', ' ')})"
    parts = [what.capitalize()]
    if agents:
        parts.append(f"by {', '.join(agents)}")
    if targets:
        parts.append(f"{BEFORE_TARGETS.get(event.kind, 'on')} {', '.join(targets)}")
    if places:
        relation = event.places[0].relation.replace("_", " ")
        parts.append(f"{relation} {', '.join(places)}")
    headline = " ".join(parts) + (f": {', '.join(counts)}" if counts else "")
    occurred = event.occurred
    return TimelineEntry(
        event_id=event.id,
        report_id=event.report_id,
        at=instant(span.from_us),
        until=instant(span.until_us),
        precision=occurred.precision if occurred else None,
        time_from="publication" if occurred is None else "context" if occurred.inferred else "report",
        reported_at=event.reported_at,
        kind=event.kind,
        status=event.status,
        headline=headline,
        places=places,
        agents=agents,
        targets=targets,
        counts=counts,
        sources=sources,
        denied_by=tuple(dict.fromkeys(s.name for s in event.sources if s.stance == "denies")),
        outlet=event.outlet,
        quote=event.evidence[0].quote,
        confidence=event.confidence,
    )
