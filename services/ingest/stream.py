"""Where ingest drives the bus: publishes what was accepted, and reads the log for the ids that lie on it."""

import asyncio
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.ingest.core.report import Refused
from services.ingest.core.seen import Lies, SeenIds
from services.ingest.handler import Accept, Decision, Known
from shared.bus.port import Bus, BusError, BusUnavailable, OffsetOutOfRange, OutgoingMessage, TopicPartition
from shared.topics import RAW, SPECS

READ_MESSAGES_MAX: Final = 2_000
READ_WAIT_MS: Final = 500
FOLLOW_S: Final = 0.5
RETRY_S: Final = 1.0
RETRY_S_MAX: Final = 15.0
REPORT_ID: Final = re.compile(rb"r_[0-9a-f]{32}")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Posted:
    """A report that lies on the log. `duplicate` None: the index has not read the whole log yet."""

    id: str
    lies: Lies
    duplicate: bool | None


Result = Posted | Refused


class Intake:
    """The bus side of ingest. `run` keeps the connection and the index; `post` may be called at any time."""

    def __init__(self, bus: Bus, seen: SeenIds) -> None:
        self._bus, self.seen = bus, seen
        self._open = False
        self.trouble: str | None = "the log is not open yet"
        self.caught_up = asyncio.Event()
        """Set once the whole log has been read, so that `duplicate` is known."""

    async def post(self, decisions: Sequence[Decision]) -> tuple[Result, ...]:
        """Publish what is to be published, as one batch, and say where everything lies, in the order given.

        Returns only when all of it is durable. Raises BusUnavailable or MessageRefused; then some of it may lie on
        the log all the same, and posting it again is harmless because ids derive from content.
        """
        if not self._open:
            raise BusUnavailable(self.trouble or "the log is not open")
        fresh: dict[str, OutgoingMessage] = {}
        for decision in decisions:
            if isinstance(decision, Accept):
                fresh.setdefault(decision.id, decision.message)
        placed = await self._bus.publish(tuple(fresh.values()))
        lies = {report_id: Lies(place.partition, place.offset) for report_id, place in zip(fresh, placed, strict=True)}
        for report_id, place in lies.items():
            self.seen.add(report_id, place)
        results: list[Result] = []
        told: set[str] = set()
        for decision in decisions:
            match decision:
                case Accept(id=report_id, known=known):
                    results.append(Posted(report_id, lies[report_id], True if report_id in told else known))
                    told.add(report_id)
                case Known(id=report_id, lies=place):
                    results.append(Posted(report_id, place, True))
                case Refused():
                    results.append(decision)
        return tuple(results)

    async def run(self, stop: asyncio.Event) -> None:
        """Hold the bus open and follow the log until `stop`; whatever the log does, try again with a growing pause."""
        pause_s = RETRY_S
        while not stop.is_set():
            try:
                async with self._bus:
                    await self._bus.create_topics(SPECS)
                    self._open, self.trouble, pause_s = True, None, RETRY_S
                    await self._follow(stop)
            except OffsetOutOfRange as error:
                log.warning("reading the log again from its beginning: %s", error)
            except BusError as error:
                self.trouble = f"the log can't be reached: {error}"
                log.warning("%s; trying again in %.0f s", self.trouble, pause_s)
                await _sleep_unless(stop, pause_s)
                pause_s = min(pause_s * 2, RETRY_S_MAX)
            finally:
                self._open = False

    async def _follow(self, stop: asyncio.Event) -> None:
        wheres = [TopicPartition(RAW.name, number) for number in await self._bus.partitions(RAW.name)]
        ends = await self._bus.ends(wheres)
        async with self._bus.reader(await self._bus.beginnings(wheres)) as reader:
            while not stop.is_set():
                positions = reader.positions()
                if not self.seen.complete and all(positions[where] >= end for where, end in ends.items()):
                    self.seen.complete = True
                    self.caught_up.set()
                    log.info("all %d reports on the log are known", len(self.seen))
                messages = await reader.read(READ_MESSAGES_MAX, READ_WAIT_MS)
                for message in messages:
                    if message.key and REPORT_ID.fullmatch(message.key):
                        self.seen.add(message.key.decode(), Lies(message.partition, message.offset))
                if messages and self.seen.complete:
                    # What this process posts is known at once; only what others post is learned here.
                    await _sleep_unless(stop, FOLLOW_S)


async def _sleep_unless(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        pass
