"""A crossing, border, port or road closed or blockaded; a curfew."""

from typing import ClassVar, Literal

from pydantic import Field

from shared.events.base import BaseEvent, Codes
from shared.model import Instant


class BorderClosure(BaseEvent):
    """A crossing, border, port or road closed or blockaded; a curfew."""

    CODES: ClassVar[Codes] = Codes(plover="COERCE", cameo="191")
    FROM_SLOTS: ClassVar[dict[str, str]] = {
        "imposed_by": "agent",
        "closed_to": "target",
        "scope": "scope",
        "effective_from": "occurred.start",
        "effective_until": "occurred.end",
    }

    kind: Literal["border_closure"] = "border_closure"
    imposed_by: tuple[str, ...] = ()
    closed_to: tuple[str, ...] = ()
    scope: tuple[str, ...] = ()
    effective_from: Instant | None = None
    effective_until: Instant | None = None
    form: Literal["closure", "blockade", "curfew"] | None = Field(
        default=None, description="What kind of closure, where the words say so."
    )
