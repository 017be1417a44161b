"""Aircraft entering another state's airspace unasked."""

from typing import ClassVar, Literal

from shared.events.base import BaseEvent, Codes, Quantity


class AirspaceViolation(BaseEvent):
    """Aircraft entering another state's airspace unasked."""

    CODES: ClassVar[Codes] = Codes(plover="MOBILIZE", cameo="150")
    FROM_SLOTS: ClassVar[dict[str, str]] = {
        "intruder": "agent",
        "violated_state": "target",
        "aircraft": "aircraft",
    }

    kind: Literal["airspace_violation"] = "airspace_violation"
    intruder: tuple[str, ...] = ()
    violated_state: tuple[str, ...] = ()
    aircraft: Quantity | None = None
