"""Bombs, missiles or guns used from aircraft, helicopters or drones."""

from typing import ClassVar, Literal

from pydantic import Field

from shared.events.base import BaseEvent, Codes, Quantity


class Airstrike(BaseEvent):
    """Bombs, missiles or guns used from aircraft, helicopters or drones."""

    CODES: ClassVar[Codes] = Codes(plover="ASSAULT", cameo="195", acled="Air/drone strike")
    FROM_SLOTS: ClassVar[dict[str, str]] = {
        "attackers": "agent",
        "target": "target",
        "aircraft": "aircraft",
        "munition": "munitions",
    }

    kind: Literal["airstrike"] = "airstrike"
    attackers: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    aircraft: Quantity | None = None
    munition: Quantity | None = None
    aircraft_types: tuple[str, ...] = Field(default=(), description="Designations as written, as in 'Su-24'.")
    sorties: int | None = Field(default=None, description="Flights counted, where the text counts them.")
