"""Flights stopped, airspace closed, no-fly zone."""

from typing import ClassVar, Literal

from shared.events.base import BaseEvent, Codes
from shared.model import Instant


class FlightBan(BaseEvent):
    """Flights stopped, airspace closed, no-fly zone."""

    CODES: ClassVar[Codes] = Codes(plover="COERCE", cameo="191")
    FROM_SLOTS: ClassVar[dict[str, str]] = {
        "imposed_by": "agent",
        "flights": "target",
        "scope": "scope",
        "effective_from": "occurred.start",
        "effective_until": "occurred.end",
    }

    kind: Literal["flight_ban"] = "flight_ban"
    imposed_by: tuple[str, ...] = ()
    flights: tuple[str, ...] = ()
    scope: tuple[str, ...] = ()
    effective_from: Instant | None = None
    effective_until: Instant | None = None
