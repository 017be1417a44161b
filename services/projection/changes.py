"""What one message changes in the read models: small facts, each the same however often it comes."""

from dataclasses import dataclass

from shared.bus.dead_letters import DeadLetter
from shared.events.base import BaseEvent
from shared.reports import CodedReceipt, RawReport


@dataclass(frozen=True, slots=True)
class RawSeen:
    """A message on the raw topic. `report` is None where it can't be read: it is owed a dead letter all the same."""

    partition: int
    offset: int
    report: RawReport | None


@dataclass(frozen=True, slots=True)
class EventSeen:
    event: BaseEvent


@dataclass(frozen=True, slots=True)
class ReceiptSeen:
    receipt: CodedReceipt


@dataclass(frozen=True, slots=True)
class LetterSeen:
    letter: DeadLetter


Change = RawSeen | EventSeen | ReceiptSeen | LetterSeen
