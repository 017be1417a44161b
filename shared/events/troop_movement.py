"""Forces, volunteers, convoys, ships or arms sent, crossing, deployed or withdrawn."""

from typing import ClassVar, Literal

from shared.events.base import BaseEvent, Codes, Quantity


class TroopMovement(BaseEvent):
    """Forces, volunteers, convoys, ships or arms sent, crossing, deployed or withdrawn."""

    CODES: ClassVar[Codes] = Codes(plover="MOBILIZE", cameo="154")
    FROM_SLOTS: ClassVar[dict[str, str]] = {
        "force": "agent",
        "origin": "origin",
        "destination": "destination",
        "personnel": "personnel",
        "vehicles": "vehicles",
    }

    kind: Literal["troop_movement"] = "troop_movement"
    force: tuple[str, ...] = ()
    origin: tuple[str, ...] = ()
    destination: tuple[str, ...] = ()
    personnel: Quantity | None = None
    vehicles: Quantity | None = None
