"""Call-up of reserves or conscripts, general mobilization, forces put on alert."""

from typing import ClassVar, Literal

from pydantic import Field

from shared.events.base import BaseEvent, Codes, Quantity


class Mobilization(BaseEvent):
    """Call-up of reserves or conscripts, general mobilization, forces put on alert."""

    CODES: ClassVar[Codes] = Codes(plover="MOBILIZE", cameo="154")
    FROM_SLOTS: ClassVar[dict[str, str]] = {
        "announced_by": "agent",
        "against": "target",
        "personnel": "personnel",
    }

    kind: Literal["mobilization"] = "mobilization"
    announced_by: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    personnel: Quantity | None = None
    force: str | None = Field(default=None, description="Those called up, as written: 'reserve troops'.")
