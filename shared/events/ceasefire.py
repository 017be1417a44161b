"""A truce proposed, agreed, broken or ended."""

from typing import ClassVar, Literal

from pydantic import Field

from shared.events.base import BaseEvent, Codes
from shared.model import Instant


class Ceasefire(BaseEvent):
    """A truce proposed, agreed, broken or ended."""

    CODES: ClassVar[Codes] = Codes(plover="AGREE", cameo="0871", acled="Agreement")
    FROM_SLOTS: ClassVar[dict[str, str]] = {
        "parties": "agent",
        "with_parties": "target",
        "effective_from": "occurred.start",
        "effective_until": "occurred.end",
    }

    kind: Literal["ceasefire"] = "ceasefire"
    parties: tuple[str, ...] = ()
    with_parties: tuple[str, ...] = ()
    effective_from: Instant | None = None
    effective_until: Instant | None = None
    phase: Literal["proposed", "agreed", "broken", "ended"] | None = Field(
        default=None, description="What happened to the truce."
    )
