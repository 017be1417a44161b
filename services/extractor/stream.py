"""Where the extractor drives the bus: settles raw messages, on either medium, and reads the embedded log."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from dataclasses import replace as replaced
from datetime import UTC, datetime
from typing import Final

from services.extractor.crew import Crew
from services.extractor.handler import HANDLER
from services.extractor.progress import Progress
from shared.bus.dead_letter_policy import DeadLetterLimit
from shared.bus.dead_letters import DeadLetter
from shared.bus.port import (
    Bus,
    BusUnavailable,
    Message,
    MessageRefused,
    OutgoingMessage,
    TopicPartition,
)
from shared.codec import dead_letter_message
from shared.outcome import Dead, Done, Halt, Outcome, Retry, Skip
from shared.topics import CODED, RAW

GROUP: Final = HANDLER
"""The bookmark's name, and Kafka's group."""
READ_WAIT_MS: Final = 500
RETRY_S: Final = 0.5
RETRY_S_MAX: Final = 15.0
LETTER_VALUE_BYTES_MAX: Final = 700_000
"""In base64 a third more: what fits in one message of the dead-letter topic."""

log = logging.getLogger(__name__)


class Halted(Exception):
    """The extractor must stop with its position unmoved; the message says why, in one line."""


async def raw_partitions(bus: Bus) -> tuple[TopicPartition, ...]:
    return tuple(TopicPartition(RAW.name, number) for number in await bus.partitions(RAW.name))


async def sleep_unless(stop: asyncio.Event, seconds: float) -> None:
    """Sleep, but no longer than until `stop` is set."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        pass


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one raw message gets: its events and receipt, or its dead letter."""

    source: Message
    messages: tuple[OutgoingMessage, ...]
    dead: bool


def _now() -> datetime:
    return datetime.now(UTC)


class Settler:
    """Codes raw messages and publishes what comes of them. When `settle` returns, their position may move."""

    def __init__(
        self,
        bus: Bus,
        crew: Crew,
        progress: Progress,
        limit: DeadLetterLimit,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self._bus, self._crew, self._progress, self._limit, self._now = bus, crew, progress, limit, now

    async def settle(self, messages: Sequence[Message], stop: asyncio.Event) -> None:
        """Publish events and receipt, or a dead letter, of every message, durably and in their order.

        Waits for a log that is away, with growing pauses. Raises Halted (too many dead letters, or a handler's Halt),
        and BusUnavailable when `stop` is set while the log is away: then nothing is settled and all must be read again.
        """
        outcomes = await self._crew.handle_all(messages)
        answers = [self._answer(message, outcome) for message, outcome in zip(messages, outcomes, strict=True)]
        self._check_limit(answers)
        try:
            await self._publish([message for answer in answers for message in answer.messages], stop)
        except MessageRefused:
            answers = [await self._publish_alone(answer, stop) for answer in answers]
        self._count(answers)

    def _answer(self, message: Message, outcome: Outcome[None]) -> _Answer:
        match outcome:
            case Done(publish=publish):
                return _Answer(message, publish, dead=False)
            case Dead(reason=reason, detail=detail):
                return _Answer(message, (self._letter(message, reason, detail),), dead=True)
            case Halt(reason=reason):
                raise Halted(reason)
            case Skip() | Retry():
                raise AssertionError("the extractor's handler neither skips nor retries")

    def _letter(self, message: Message, reason: str, detail: str) -> OutgoingMessage:
        log.warning("dead letter %s[%d]@%d: %s: %s", message.topic, message.partition, message.offset, reason, detail)
        if len(message.value or b"") > LETTER_VALUE_BYTES_MAX:
            # The original stays on the log for ever; a letter that can't be published would block the position.
            message = replaced(message, value=None)
            detail = f"(its bytes do not fit in a dead letter; read them where it lies) {detail}"
        letter = DeadLetter.of(message, reason=reason, detail=detail, handler=HANDLER, died_at=self._now())
        return dead_letter_message(letter)

    def _check_limit(self, answers: Sequence[_Answer]) -> None:
        for answer in answers:
            if not answer.dead:
                self._limit.alive()
            elif (halt := self._limit.dead()) is not None:
                raise Halted(f"{halt.reason}; see `tocsin dead-letters list`, mend, and start again")

    async def _publish(self, messages: Sequence[OutgoingMessage], stop: asyncio.Event) -> None:
        pause_s = RETRY_S
        while True:
            try:
                await self._bus.publish(messages)
                self._progress.waits_for = None
                return
            except BusUnavailable as error:
                self._progress.waits_for = f"the log can't be written: {error}"
                log.warning("%s; trying again in %.1f s", self._progress.waits_for, pause_s)
                if stop.is_set():
                    raise
                await sleep_unless(stop, pause_s)
                pause_s = min(pause_s * 2, RETRY_S_MAX)

    async def _publish_alone(self, answer: _Answer, stop: asyncio.Event) -> _Answer:
        """Publish one message's answer; if the log will never take it, its dead letter instead."""
        try:
            await self._publish(answer.messages, stop)
            return answer
        except MessageRefused as error:
            if answer.dead:
                raise Halted(f"the log refuses a dead letter: {error}") from error
            dead = _Answer(answer.source, (self._letter(answer.source, "refused", str(error)),), dead=True)
        return await self._publish_alone(dead, stop)

    def _count(self, answers: Sequence[_Answer]) -> None:
        dead = sum(answer.dead for answer in answers)
        self._progress.moved("dead", dead)
        self._progress.moved("coded", len(answers) - dead)
        for answer in answers:
            for message in answer.messages:
                if not answer.dead and message.topic != CODED.name:
                    self._progress.published(message.topic)


async def read_embedded(bus: Bus, settler: Settler, progress: Progress, batch_max: int, stop: asyncio.Event) -> None:
    """Read on from the bookmark until `stop`, moving it only behind what is settled.

    Raises Halted, and OffsetOutOfRange where the bookmark belongs to another log.
    """
    wheres = await raw_partitions(bus)
    positions = await bus.beginnings(wheres) | await bus.committed(GROUP, wheres)
    async with bus.reader(positions) as reader:
        progress.assigned, progress.waits_for = tuple(where.partition for where in wheres), None
        while not stop.is_set():
            try:
                messages = await reader.read(batch_max, READ_WAIT_MS)
                if not messages:
                    continue
                await settler.settle(messages, stop)
                await _commit(bus, reader.positions(), progress, stop)
            except BusUnavailable as error:
                progress.waits_for = f"the log can't be read: {error}"
                log.warning("%s; trying again in %.1f s", progress.waits_for, RETRY_S)
                await sleep_unless(stop, RETRY_S)
            else:
                progress.waits_for = None


async def _commit(bus: Bus, positions: dict[TopicPartition, int], progress: Progress, stop: asyncio.Event) -> None:
    """Keep the bookmark. Where the log is away and we stop, what is settled is read and settled again: harmless."""
    while True:
        try:
            await bus.commit(GROUP, positions)
            return
        except BusUnavailable as error:
            progress.waits_for = f"the log can't be written: {error}"
            if stop.is_set():
                raise
            await sleep_unless(stop, RETRY_S)
