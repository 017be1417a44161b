"""Finds raw reports with neither receipt nor dead letter, and codes them again."""

import asyncio
import logging
from typing import Final

from services.extractor.core.gaps import Gap, Offsets, find_gaps
from services.extractor.handler import HANDLER
from services.extractor.progress import Progress
from services.extractor.stream import GROUP, Settler, raw_partitions, sleep_unless
from shared.bus.dead_letters import DeadLetter
from shared.bus.port import Bus, BusUnavailable, Reader, TopicPartition
from shared.codec import decode
from shared.reports import CodedReceipt
from shared.topics import CODED, DEAD_LETTER, RAW

LEDGER_GROUP: Final = "extractor-ledger"
"""The bookmark up to which every raw report is proven to be settled, and the receipts are read."""
READ_MESSAGES_MAX: Final = 2_000
READ_WAIT_MS: Final = 200
LAG_S: Final = 5.0
"""How often the lag is looked at."""

log = logging.getLogger(__name__)


class Ledger:
    """Who has a receipt or a dead letter. Reads on where it stopped; use as `async with`.

    Its bookmark moves only when nothing is missing before it.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._settled: dict[int, Offsets] = {}
        self._proven: dict[TopicPartition, int] = {}
        self._reader: Reader | None = None
        self._earlier: tuple[dict[TopicPartition, int], dict[int, int]] = ({}, {})
        """The answers' positions at an earlier look, and the end of what was answered before them, by raw partition."""

    async def __aenter__(self) -> "Ledger":
        answers = [
            TopicPartition(topic, number)
            for topic in (CODED.name, DEAD_LETTER.name)
            for number in await self._bus.partitions(topic)
        ]
        raw = await raw_partitions(self._bus)
        kept = await self._bus.committed(LEDGER_GROUP, [*answers, *raw])
        begin = await self._bus.beginnings([*answers, *raw]) | kept
        self._proven = {where: begin[where] for where in raw}
        self._reader = self._bus.reader({where: begin[where] for where in answers})
        await self._reader.__aenter__()
        self._earlier = (self._reader.positions(), {})
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._reader is not None:
            await self._reader.__aexit__(*exc)

    async def gaps(self) -> tuple[Gap, ...]:
        """The raw offsets behind the extractor's bookmark that nobody answered for, at this moment.

        Answers are published before the bookmark moves, so the bookmark is asked first and the answers are read after.
        """
        assert self._reader is not None, "use as `async with`"
        marks = await self._bus.committed(GROUP, tuple(self._proven))
        await self._catch_up(self._reader)
        bounds = {where.partition: (begin, marks.get(where, begin)) for where, begin in self._proven.items()}
        gaps = find_gaps(self._settled, bounds)
        if not gaps and marks:
            await self._keep(marks, self._reader)
        return gaps

    async def code_again(self, gaps: tuple[Gap, ...], settler: Settler, stop: asyncio.Event) -> int:
        """Settle every raw message in the gaps; how many there were. Offsets without a message count as settled."""
        count = 0
        for gap in gaps:
            async with self._bus.reader({TopicPartition(RAW.name, gap.partition): gap.begin}) as reader:
                while (at := min(reader.positions().values())) < gap.end and not stop.is_set():
                    messages = await reader.read(gap.end - at, READ_WAIT_MS)
                    messages = tuple(message for message in messages if message.offset < gap.end)
                    if messages:
                        await settler.settle(messages, stop)
                        count += len(messages)
                    seen_to = min(gap.end, *reader.positions().values())
                    self._offsets(gap.partition).add(at, seen_to)
        return count

    async def _catch_up(self, reader: Reader) -> None:
        ends = await self._bus.ends(tuple(reader.positions()))
        while any(reader.positions()[where] < end for where, end in ends.items()):
            for message in await reader.read(READ_MESSAGES_MAX, READ_WAIT_MS):
                answer = decode(message)
                ours = not isinstance(answer, DeadLetter) or (answer.topic, answer.handler) == (RAW.name, HANDLER)
                if isinstance(answer, CodedReceipt | DeadLetter) and ours:
                    self._offsets(answer.partition).add(answer.offset)

    async def _keep(self, marks: dict[TopicPartition, int], reader: Reader) -> None:
        """Keep the bookmark, exactly: answers before it must all be for raw offsets that are proven.

        An answer that is read now may be for an offset that the extractor has not yet put behind its own bookmark.
        So the answers' positions of an earlier look are kept, once all that was answered by then is behind it.
        """
        positions, answered = self._earlier
        if all(marks.get(TopicPartition(RAW.name, number), 0) >= end for number, end in answered.items()):
            moved = {where: mark for where, mark in marks.items() if mark > self._proven[where]}
            if moved:
                self._proven |= moved
                await self._bus.commit(LEDGER_GROUP, self._proven | positions)  # whole, as others may write it too
            answered = {number: offsets.ranges()[-1][1] for number, offsets in self._settled.items()}
            self._earlier = (reader.positions(), answered)

    def _offsets(self, partition: int) -> Offsets:
        return self._settled.setdefault(partition, Offsets())


async def find_gaps_on(bus: Bus) -> tuple[Gap, ...]:
    """The raw reports behind the bookmark that have neither receipt nor dead letter, for `tocsin status`."""
    async with Ledger(bus) as ledger:
        return await ledger.gaps()


async def reconcile(bus: Bus, settler: Settler, stop: asyncio.Event) -> int:
    """Code again what was left uncoded, once; how many reports. For `tocsin reconcile`."""
    async with Ledger(bus) as ledger:
        return await ledger.code_again(await ledger.gaps(), settler, stop)


async def keep_reconciled(
    bus: Bus, settler: Settler, progress: Progress, reconcile_s: float, stop: asyncio.Event
) -> None:
    """At the start and every `reconcile_s` seconds: find gaps, show them in the gauge, code them. Raises Halted."""
    while not stop.is_set():
        try:
            async with Ledger(bus) as ledger:
                while not stop.is_set():
                    gaps = await ledger.gaps()
                    progress.uncoded = sum(gap.reports for gap in gaps)
                    if gaps:
                        log.warning("%d reports were left uncoded; coding them: %s", progress.uncoded, gaps[:5])
                        await ledger.code_again(gaps, settler, stop)
                        progress.uncoded = sum(gap.reports for gap in await ledger.gaps())
                    await sleep_unless(stop, reconcile_s)
        except BusUnavailable as error:
            log.warning("can't look for uncoded reports: %s", error)
            await sleep_unless(stop, LAG_S)


async def watch_lag(bus: Bus, progress: Progress, stop: asyncio.Event) -> None:
    """Every `LAG_S` seconds: how many raw messages lie behind the bookmark."""
    while not stop.is_set():
        try:
            wheres = await raw_partitions(bus)
            read = await bus.beginnings(wheres) | await bus.committed(GROUP, wheres)
            progress.saw_lag(sum((await bus.ends(wheres)).values()) - sum(read.values()))
        except BusUnavailable as error:
            log.warning("can't see the lag: %s", error)
        await sleep_unless(stop, LAG_S)
