"""Sanctions, embargo, expulsion of diplomats, ties cut."""

from typing import ClassVar, Literal

from shared.events.base import BaseEvent, Codes
from shared.model import Instant


class Sanction(BaseEvent):
    """Sanctions, embargo, expulsion of diplomats, ties cut."""

    CODES: ClassVar[Codes] = Codes(plover="SANCTION", cameo="163")
    FROM_SLOTS: ClassVar[dict[str, str]] = {
        "imposed_by": "agent",
        "against": "target",
        "effective_from": "occurred.start",
        "effective_until": "occurred.end",
    }

    kind: Literal["sanction"] = "sanction"
    imposed_by: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    effective_from: Instant | None = None
    effective_until: Instant | None = None
