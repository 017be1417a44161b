"""Meetings and negotiations held or called, a session of the Security Council."""

from typing import ClassVar, Literal

from shared.events.base import BaseEvent, Codes


class Talks(BaseEvent):
    """Meetings and negotiations held or called, a session of the Security Council."""

    CODES: ClassVar[Codes] = Codes(plover="CONSULT", cameo="046")
    FROM_SLOTS: ClassVar[dict[str, str]] = {
        "parties": "agent",
        "with_parties": "target",
        "venue": "location",
    }

    kind: Literal["talks"] = "talks"
    parties: tuple[str, ...] = ()
    with_parties: tuple[str, ...] = ()
    venue: tuple[str, ...] = ()
