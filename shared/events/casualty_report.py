"""A toll told by itself: cumulative counts, revised counts."""

from typing import ClassVar, Literal

from shared.events.base import BaseEvent, Codes, Quantity


class CasualtyReport(BaseEvent):
    """A toll told by itself: cumulative counts, revised counts."""

    CODES: ClassVar[Codes] = Codes()
    FROM_SLOTS: ClassVar[dict[str, str]] = {
        "side": "target",
        "killed": "killed",
        "injured": "injured",
        "missing": "missing",
        "casualties": "casualties",
    }

    kind: Literal["casualty_report"] = "casualty_report"
    side: tuple[str, ...] = ()
    killed: Quantity | None = None
    injured: Quantity | None = None
    missing: Quantity | None = None
    casualties: Quantity | None = None
