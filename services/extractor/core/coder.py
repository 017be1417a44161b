"""The coder: a pure function of one report."""

from dataclasses import dataclass

from shared.events.base import BaseEvent
from shared.reports import NotCodedReason


@dataclass(frozen=True, slots=True)
class Coding:
    """The events of a report in the order of their evidence, or why it has no coding."""

    events: tuple[BaseEvent, ...] = ()
    not_coded: NotCodedReason | None = None
