"""A typed event in one readable line."""

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.events.base import BaseEvent, Occurred, Quantity

_SIGN = {"exact": "", "at_least": "at least ", "over": "over ", "up_to": "up to ", "about": "about ", "vague": "about "}


def safe(text: str, keep: str = "") -> str:
    """Text from outside without what would steer the terminal; `keep` are characters to let through."""
    return "".join(c if c.isprintable() or c in keep else " " for c in text)


def event_line(event: "BaseEvent") -> str:
    """As in `2008-08-08 09:45  airstrike (occurred)  near Kareli; 7 injured; says Ministry of Internal Affairs`."""
    parts = [
        "; ".join(_relation(place.relation) + place.name for place in event.places),
        ", ".join(quantity(q) for q in event.quantities),
        " → ".join(filter(None, (_names(event, "agent"), _names(event, "target")))),
        "; ".join(f"{source.name} {source.stance}" for source in event.sources),
        f"via {event.outlet}",
    ]
    line = " | ".join(part for part in parts if part)
    return f"{when(event.occurred):<16}  {event.kind} ({event.status})  {safe(line)}"


def quantity(q: "Quantity") -> str:
    number = q.min if q.min == q.max or q.max is None else q.max if q.min is None else None
    count = f"{number:,}" if number is not None else f"{q.min:,} to {q.max:,}"
    return f"{_SIGN[q.qualifier]}{count} {q.measure}"


def when(occurred: "Occurred | None") -> str:
    """The time as precisely as it is known; `no time said` where the report says none."""
    if occurred is None:
        return "no time said"
    return moment(occurred.start, occurred.precision)


def moment(at: datetime, precision: str) -> str:
    formats = {"minute": "%Y-%m-%d %H:%M", "hour": "%Y-%m-%d %H h", "month": "%Y-%m", "year": "%Y"}
    return at.strftime(formats.get(precision, "%Y-%m-%d"))


def _relation(relation: str) -> str:
    return "" if relation == "in" else relation.replace("_", " ") + " "


def _names(event: "BaseEvent", role: str) -> str:
    return ", ".join(participant.name for participant in event.participants if participant.role == role)
