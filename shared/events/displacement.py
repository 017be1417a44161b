"""People fleeing, refugees, internally displaced people."""

from typing import ClassVar, Literal

from shared.events.base import BaseEvent, Codes, Quantity


class Displacement(BaseEvent):
    """People fleeing, refugees, internally displaced people."""

    CODES: ClassVar[Codes] = Codes()
    FROM_SLOTS: ClassVar[dict[str, str]] = {
        "population": "target",
        "origin": "origin",
        "destination": "destination",
        "displaced": "displaced",
    }

    kind: Literal["displacement"] = "displacement"
    population: tuple[str, ...] = ()
    origin: tuple[str, ...] = ()
    destination: tuple[str, ...] = ()
    displaced: Quantity | None = None
