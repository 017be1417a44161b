"""An aircraft or drone shot down, or claimed to be."""

from typing import ClassVar, Literal

from pydantic import Field

from shared.events.base import BaseEvent, Codes, Quantity


class AircraftDowning(BaseEvent):
    """An aircraft or drone shot down, or claimed to be."""

    CODES: ClassVar[Codes] = Codes(plover="ASSAULT", cameo="190", acled="Disrupted weapons use")
    FROM_SLOTS: ClassVar[dict[str, str]] = {
        "downed_by": "agent",
        "operator": "target",
        "aircraft": "aircraft",
    }

    kind: Literal["aircraft_downing"] = "aircraft_downing"
    downed_by: tuple[str, ...] = ()
    operator: tuple[str, ...] = ()
    aircraft: Quantity | None = None
    aircraft_types: tuple[str, ...] = Field(default=(), description="Designations as written, as in 'Su-25'.")
