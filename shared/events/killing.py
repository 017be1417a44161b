"""Deliberate killing of identified or captured people: execution, assassination, massacre."""

from typing import ClassVar, Literal

from shared.events.base import BaseEvent, Codes, Quantity


class Killing(BaseEvent):
    """Deliberate killing of identified or captured people: execution, assassination, massacre."""

    CODES: ClassVar[Codes] = Codes(plover="ASSAULT", cameo="186", acled="Attack")
    FROM_SLOTS: ClassVar[dict[str, str]] = {
        "perpetrators": "agent",
        "victims": "target",
        "killed": "killed",
    }

    kind: Literal["killing"] = "killing"
    perpetrators: tuple[str, ...] = ()
    victims: tuple[str, ...] = ()
    killed: Quantity | None = None
