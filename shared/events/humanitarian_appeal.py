"""A call for, or opening of, aid, access, a corridor, a pause for relief."""

from typing import ClassVar, Literal

from shared.events.base import BaseEvent, Codes


class HumanitarianAppeal(BaseEvent):
    """A call for, or opening of, aid, access, a corridor, a pause for relief."""

    CODES: ClassVar[Codes] = Codes(plover="REQUEST", cameo="0233")
    FROM_SLOTS: ClassVar[dict[str, str]] = {
        "appeal_by": "agent",
        "addressed_to": "target",
    }

    kind: Literal["humanitarian_appeal"] = "humanitarian_appeal"
    appeal_by: tuple[str, ...] = ()
    addressed_to: tuple[str, ...] = ()
