"""The one place that drives the bus: reads every topic from the positions in the database and writes batches."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from services.projection.changes import Change
from services.projection.handler import bury, handle
from services.projection.progress import Progress, wait_for_bell
from services.projection.settings import ProjectionSettings
from services.projection.store.engine import DATABASE_ERRORS, follow, is_transient
from services.projection.store.places import PlaceRetired
from services.projection.store.read_operations import owed_count
from services.projection.store.write import PositionsMoved, Writer, Written
from shared.bus.dead_letter_policy import DeadLetterLimit
from shared.bus.port import (
    Bus,
    BusUnavailable,
    Message,
    OffsetOutOfRange,
    OutgoingMessage,
    Reader,
    TopicPartition,
)
from shared.codec import dead_letter_message
from shared.outcome import Dead, Done, Skip
from shared.topics import SPECS, TOPICS

RETRY_S: Final = 0.2
RETRY_S_MAX: Final = 15.0
DEAD_WINDOW_MESSAGES: Final = 1_000
"""Two batches: fewer say nothing of a share."""
ENDS_EVERY_S: Final = 2.0
"""How old the lag may be that health and metrics tell."""

log = logging.getLogger(__name__)


class ProjectionHalted(Exception):
    """Something is wrong that waiting does not mend; the message says what and how to mend it. Nothing has moved."""


class Projector:
    """Follows the log into the database until stopped."""

    def __init__(self, bus: Bus, writer: Writer, settings: ProjectionSettings, progress: Progress) -> None:
        self._bus, self._writer, self._settings, self._progress = bus, writer, settings, progress
        self._limit = DeadLetterLimit(settings.dead_ratio_max, settings.dead_consecutive_max, DEAD_WINDOW_MESSAGES)

    async def run(self, stop: asyncio.Event) -> None:
        """Read and write until `stop`; while the log is away, try again with a growing pause.

        Raises ProjectionHalted.
        """
        pause_s = RETRY_S
        while not stop.is_set():
            try:
                async with self._bus:
                    await self._bus.create_topics(SPECS)
                    pause_s = RETRY_S
                    await self._follow(stop)
            except PositionsMoved as moved:
                log.warning("another projection writes to this database (%s); reading on from where it is", moved)
                await wait_for_bell(stop, RETRY_S)
            except PlaceRetired as retired:
                log.info("%s; following them", retired)
                self._progress.notice.ring()
            except OffsetOutOfRange as error:
                raise ProjectionHalted(
                    f"the log has no longer, or not yet, what is next to read ({error}); "
                    "is it another log? Rebuild the read models from it with `tocsin rebuild`, or use an empty database"
                ) from error
            except BusUnavailable as error:
                self._progress.trouble = f"the log can't be reached: {error}"
                log.warning("%s; trying again in %.1f s", self._progress.trouble, pause_s)
                await wait_for_bell(stop, pause_s)
                pause_s = min(pause_s * 2, RETRY_S_MAX)
            except DATABASE_ERRORS as error:
                if not is_transient(error):
                    raise
                self._progress.trouble = f"the database can't be read: {error}"
                log.warning("%s; trying again in %.1f s", self._progress.trouble, pause_s)
                await wait_for_bell(stop, pause_s)
                pause_s = min(pause_s * 2, RETRY_S_MAX)

    async def _follow(self, stop: asyncio.Event) -> None:
        await follow(self._writer.engine)
        wheres = [TopicPartition(t.name, number) for t in TOPICS for number in await self._bus.partitions(t.name)]
        stored = await self._writer.positions()
        positions = await self._bus.beginnings([w for w in wheres if w not in stored])
        positions |= {w: stored[w] for w in wheres if w in stored}
        self._progress.positions = dict(positions)
        ends_at_s = 0.0
        async with self._bus.reader(positions) as reader:
            self._progress.trouble = None
            while not stop.is_set():
                if time.monotonic() - ends_at_s >= ENDS_EVERY_S:
                    await self._look_ahead(wheres)
                    ends_at_s = time.monotonic()
                await self._step(reader, stop)

    async def _look_ahead(self, wheres: Sequence[TopicPartition]) -> None:
        if await follow(self._writer.engine):
            raise PlaceRetired("the read models were rebuilt")
        self._progress.know_ends(await self._bus.ends(wheres), await owed_count(self._writer.engine))

    async def _step(self, reader: Reader, stop: asyncio.Event) -> None:
        before = reader.positions()
        messages = await reader.read(self._settings.batch_messages_max, self._settings.read_wait_ms)
        if not messages:
            return
        started_s = time.perf_counter()
        after = {where: offset for where, offset in reader.positions().items() if offset != before[where]}
        changes, letters, outcomes = self._handle(messages)
        await self._publish(letters, stop)
        written = await self._write(changes, {where: before[where] for where in after}, after, stop)
        if written is not None:
            self._progress.moved(after, outcomes, written.events_new, time.perf_counter() - started_s)

    def _handle(self, messages: Sequence[Message]) -> tuple[list[Change], list[OutgoingMessage], dict[str, int]]:
        changes: list[Change] = []
        letters: list[OutgoingMessage] = []
        outcomes: Counter[str] = Counter()
        for message in messages:
            outcome = handle(message)
            outcomes[type(outcome).__name__.lower()] += 1
            match outcome:
                case Done(result=change):
                    self._limit.alive()
                    changes.append(change)
                case Skip(reason=reason):
                    log.warning("skipped %s[%d] %d: %s", message.topic, message.partition, message.offset, reason)
                case Dead():
                    if flood := self._limit.dead():
                        raise ProjectionHalted(
                            f"{flood.reason}; see them with `tocsin dead-letters list`, then restart"
                        )
                    letters.append(dead_letter_message(bury(message, outcome, datetime.now(UTC))))
                case other:
                    raise AssertionError(f"the handler does not answer {other}")
        return changes, letters, outcomes

    async def _publish(self, letters: Sequence[OutgoingMessage], stop: asyncio.Event) -> None:
        """Bury the dead before the position moves past them, however long that takes."""
        pause_s = RETRY_S
        while letters and not stop.is_set():
            try:
                await self._bus.publish(letters)
                return
            except BusUnavailable as error:
                log.warning("%d dead letters can't be published: %s", len(letters), error)
                await wait_for_bell(stop, pause_s)
                pause_s = min(pause_s * 2, RETRY_S_MAX)

    async def _write(
        self,
        changes: Sequence[Change],
        before: dict[TopicPartition, int],
        after: dict[TopicPartition, int],
        stop: asyncio.Event,
    ) -> Written | None:
        """Write until it is committed; None when stopped before that, with nothing moved."""
        pause_s = RETRY_S
        while not stop.is_set():
            try:
                written = await self._writer.write(changes, before, after)
                self._progress.trouble = None
                return written
            except DATABASE_ERRORS as error:
                if not is_transient(error):
                    raise
                self._progress.trouble = f"the database can't be written: {error}"
                log.warning("%s; trying again in %.1f s", self._progress.trouble, pause_s)
                await wait_for_bell(stop, pause_s)
                pause_s = min(pause_s * 2, RETRY_S_MAX)
        return None
