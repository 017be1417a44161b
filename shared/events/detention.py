"""Capture, arrest, abduction, hostage-taking."""

from typing import ClassVar, Literal

from shared.events.base import BaseEvent, Codes, Quantity


class Detention(BaseEvent):
    """Capture, arrest, abduction, hostage-taking."""

    CODES: ClassVar[Codes] = Codes(plover="COERCE", cameo="173", acled="Arrests")
    FROM_SLOTS: ClassVar[dict[str, str]] = {
        "captors": "agent",
        "detainees": "target",
        "captured": "captured",
    }

    kind: Literal["detention"] = "detention"
    captors: tuple[str, ...] = ()
    detainees: tuple[str, ...] = ()
    captured: Quantity | None = None
