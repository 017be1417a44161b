"""A planted, carried or driven explosive: mine, car bomb, suicide attack."""

from typing import ClassVar, Literal

from pydantic import Field

from shared.events.base import BaseEvent, Codes


class BombAttack(BaseEvent):
    """A planted, carried or driven explosive: mine, car bomb, suicide attack."""

    CODES: ClassVar[Codes] = Codes(plover="ASSAULT", cameo="183", acled="Remote explosive/landmine/IED")
    FROM_SLOTS: ClassVar[dict[str, str]] = {
        "attackers": "agent",
        "target": "target",
    }

    kind: Literal["bomb_attack"] = "bomb_attack"
    attackers: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    device: str | None = Field(default=None, description="As written: 'car bomb', 'roadside bomb'.")
    suicide: bool | None = Field(default=None, description="True where the text says so.")
