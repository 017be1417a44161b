"""Somebody denies what another event says."""

from typing import ClassVar, Literal

from pydantic import Field

from shared.events.base import BaseEvent, Codes


class Denial(BaseEvent):
    """Somebody denies what another event says."""

    CODES: ClassVar[Codes] = Codes(plover="REJECT", cameo="016")
    FROM_SLOTS: ClassVar[dict[str, str]] = {
        "denied_by": "agent",
        "accuser": "target",
    }

    kind: Literal["denial"] = "denial"
    denied_by: tuple[str, ...] = ()
    accuser: tuple[str, ...] = ()
    claim: str | None = Field(default=None, description="The denied words as written, where they are given.")
