"""An official's or organisation's words that report no event of another kind."""

from typing import ClassVar, Literal

from pydantic import Field

from shared.events.base import BaseEvent, Codes


class Statement(BaseEvent):
    """An official's or organisation's words that report no event of another kind."""

    CODES: ClassVar[Codes] = Codes(plover="ACCUSE", cameo="110")
    FROM_SLOTS: ClassVar[dict[str, str]] = {
        "speaker": "agent",
        "addressee": "target",
    }

    kind: Literal["statement"] = "statement"
    speaker: tuple[str, ...] = ()
    addressee: tuple[str, ...] = ()
    act: Literal["accuse", "condemn", "warn", "demand", "threaten", "regret", "support", "declare"] | None = Field(
        default=None, description="What the words do."
    )
