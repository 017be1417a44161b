"""A message in, what it changes out."""

from datetime import datetime
from typing import Final

from services.projection.changes import Change, EventSeen, LetterSeen, RawSeen, ReceiptSeen
from shared.bus.dead_letters import DeadLetter
from shared.bus.port import Message
from shared.codec import Rejected, decode
from shared.events.base import BaseEvent
from shared.outcome import Dead, Done, Outcome, Skip
from shared.reports import CodedReceipt, RawReport
from shared.topics import DEAD_LETTER, RAW

HANDLER: Final = "projection"


def handle(message: Message) -> Outcome[Change]:
    """What the message changes. Pure; never raises for bad bytes.

    A raw report that can't be read is the extractor's to bury, so here it is only counted as owed. A dead letter
    that can't be read is skipped: burying it again would never end.
    """
    decoded = decode(message)
    if isinstance(decoded, Rejected):
        if message.topic == RAW.name:
            return Done(RawSeen(message.partition, message.offset, None))
        if message.topic == DEAD_LETTER.name:
            return Skip(f"unreadable dead letter: {decoded.reason}")
        return Dead(decoded.reason, decoded.detail)
    if isinstance(decoded, RawReport):
        return Done(RawSeen(message.partition, message.offset, decoded))
    if isinstance(decoded, CodedReceipt):
        return Done(ReceiptSeen(decoded))
    if isinstance(decoded, DeadLetter):
        return Done(LetterSeen(decoded))
    assert isinstance(decoded, BaseEvent)
    return Done(EventSeen(decoded))


def bury(message: Message, dead: Dead, now: datetime) -> DeadLetter:
    """The dead letter of a message that this handler gave up."""
    return DeadLetter.of(message, reason=dead.reason, detail=dead.detail, handler=HANDLER, died_at=now)
