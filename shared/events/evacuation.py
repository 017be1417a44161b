"""People moved out of danger by somebody who organises it."""

from typing import ClassVar, Literal

from shared.events.base import BaseEvent, Codes, Quantity


class Evacuation(BaseEvent):
    """People moved out of danger by somebody who organises it."""

    CODES: ClassVar[Codes] = Codes(plover="AID", cameo="0233")
    FROM_SLOTS: ClassVar[dict[str, str]] = {
        "organiser": "agent",
        "population": "target",
        "origin": "origin",
        "destination": "destination",
        "evacuated": "evacuated",
    }

    kind: Literal["evacuation"] = "evacuation"
    organiser: tuple[str, ...] = ()
    population: tuple[str, ...] = ()
    origin: tuple[str, ...] = ()
    destination: tuple[str, ...] = ()
    evacuated: Quantity | None = None
