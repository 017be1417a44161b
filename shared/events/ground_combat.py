"""An offensive, assault, raid, ambush, clash or firefight on the ground; a town taken or lost."""

from typing import ClassVar, Literal

from pydantic import Field

from shared.events.base import BaseEvent, Codes


class GroundCombat(BaseEvent):
    """An offensive, assault, raid, ambush, clash or firefight on the ground; a town taken or lost."""

    CODES: ClassVar[Codes] = Codes(plover="ASSAULT", cameo="190", acled="Armed clash")
    FROM_SLOTS: ClassVar[dict[str, str]] = {
        "attackers": "agent",
        "defenders": "target",
    }

    kind: Literal["ground_combat"] = "ground_combat"
    attackers: tuple[str, ...] = ()
    defenders: tuple[str, ...] = ()
    control: Literal["taken", "lost"] | None = Field(
        default=None, description="Where the text says that a place changed hands: for the agent, taken or lost."
    )
