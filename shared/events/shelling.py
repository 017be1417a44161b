"""Artillery, mortar, tank, rocket or missile fire from ground or sea."""

from typing import ClassVar, Literal

from pydantic import Field

from shared.events.base import BaseEvent, Codes, Quantity


class Shelling(BaseEvent):
    """Artillery, mortar, tank, rocket or missile fire from ground or sea."""

    CODES: ClassVar[Codes] = Codes(plover="ASSAULT", cameo="194", acled="Shelling/artillery/missile attack")
    FROM_SLOTS: ClassVar[dict[str, str]] = {
        "attackers": "agent",
        "target": "target",
        "munition": "munitions",
    }

    kind: Literal["shelling"] = "shelling"
    attackers: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    munition: Quantity | None = None
    weapons: tuple[str, ...] = Field(default=(), description="As written: 'artillery', 'Grad rockets'.")
