"""Channels, sites or press blocked, expelled or taken off air."""

from typing import ClassVar, Literal

from shared.events.base import BaseEvent, Codes
from shared.model import Instant


class BroadcastBan(BaseEvent):
    """Channels, sites or press blocked, expelled or taken off air."""

    CODES: ClassVar[Codes] = Codes(plover="COERCE", cameo="172")
    FROM_SLOTS: ClassVar[dict[str, str]] = {
        "imposed_by": "agent",
        "outlets": "target",
        "scope": "scope",
        "effective_from": "occurred.start",
        "effective_until": "occurred.end",
    }

    kind: Literal["broadcast_ban"] = "broadcast_ban"
    imposed_by: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()
    scope: tuple[str, ...] = ()
    effective_from: Instant | None = None
    effective_until: Instant | None = None
