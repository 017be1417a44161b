"""Buildings, services or infrastructure destroyed, hit or out of service."""

from typing import ClassVar, Literal

from shared.events.base import BaseEvent, Codes, Quantity


class Damage(BaseEvent):
    """Buildings, services or infrastructure destroyed, hit or out of service."""

    CODES: ClassVar[Codes] = Codes(plover="COERCE", cameo="171", acled="Looting/property destruction")
    FROM_SLOTS: ClassVar[dict[str, str]] = {
        "caused_by": "agent",
        "objects": "target",
        "buildings": "buildings",
    }

    kind: Literal["damage"] = "damage"
    caused_by: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    buildings: Quantity | None = None
