"""The embedded log: one SQLite file with Kafka's notions of topic, partition and offset.

Durable: `publish` returns after the commit is synced to the disk (WAL, `synchronous=FULL`), so what was
acknowledged outlasts `kill -9` at any instant, and a power cut as far as the disk keeps its own promises.
Several processes may write and read at once; offsets are dense, and a reader sees only what is committed.
It serves ONE machine: SQLite's locks and shared memory don't work on a network file system. It never
deletes: `retention_ms` and `compact` are wishes that it more than grants, so every beginning is 0.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

from shared.bus.embedded_reader import EmbeddedReader, Snapshots, base_of
from shared.bus.embedded_schema import prepare
from shared.bus.embedded_writer import Operation, Writer, read_end, read_topic
from shared.bus.limits import check_message, message_bytes
from shared.bus.port import (
    BusUnavailable,
    MessageRefused,
    OutgoingMessage,
    Placed,
    Positions,
    TopicPartition,
    TopicSpec,
)

T = TypeVar("T")

BUSY_MS_MAX: Final = 10_000
"""How long to wait for another process's transaction, as long as Kafka's producer may take. Transactions take
milliseconds, so who waits this long waits for something that hangs."""

READ_THREADS: Final = 4
"""Reads take turns on one file and are short; more threads would only wait for each other."""


class EmbeddedBus:
    """A connection to the log in the file `path`, which is made where there is none."""

    def __init__(self, path: Path, *, busy_ms_max: int = BUSY_MS_MAX) -> None:
        self._path, self._busy_ms_max = path, busy_ms_max
        self._writer: Writer | None = None
        self._threads: ThreadPoolExecutor | None = None
        self._lookup: Snapshots | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wakers: set[asyncio.Event] = set()

    async def __aenter__(self) -> "EmbeddedBus":
        await asyncio.to_thread(prepare, self._path, self._busy_ms_max)
        self._loop = asyncio.get_running_loop()
        self._threads = ThreadPoolExecutor(READ_THREADS, thread_name_prefix="tocsin-log-reader")
        self._lookup = Snapshots(self._path, self._busy_ms_max)
        self._writer = Writer(self._path, self._busy_ms_max, self._wake_from_thread)
        return self

    async def __aexit__(self, *exc: object) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            await asyncio.to_thread(writer.close)
        if self._lookup is not None:
            await self._in_thread(self._lookup.close)
        threads, self._threads = self._threads, None
        if threads is not None:
            await asyncio.to_thread(threads.shutdown)

    async def create_topics(self, specs: Sequence[TopicSpec]) -> None:
        for spec in specs:
            if spec.partitions < 1:
                raise MessageRefused(f"topic {spec.name} needs at least 1 partition, not {spec.partitions}")
        await self._write(lambda transaction: transaction.create_topics(specs))

    async def publish(self, batch: Sequence[OutgoingMessage]) -> tuple[Placed, ...]:
        for message in batch:
            check_message(message)
        if not batch:
            return ()
        return await self._write(lambda transaction: transaction.append(batch), sum(map(message_bytes, batch)))

    async def partitions(self, topic: str) -> tuple[int, ...]:
        def look(connection: sqlite3.Connection) -> tuple[int, ...]:
            return tuple(range(read_topic(connection, topic).partitions))

        return await self._look(look)

    async def beginnings(self, wheres: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        def look(connection: sqlite3.Connection) -> dict[TopicPartition, int]:
            return {where: 0 for where in wheres if base_of(connection, where) >= 0}

        return await self._look(look)

    async def ends(self, wheres: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        def look(connection: sqlite3.Connection) -> dict[TopicPartition, int]:
            return {where: read_end(connection, base_of(connection, where)) for where in wheres}

        return await self._look(look)

    def reader(self, positions: Positions) -> "EmbeddedReader":
        return EmbeddedReader(Snapshots(self._path, self._busy_ms_max), positions, self._in_thread, self._wakers)

    async def commit(self, group: str, positions: Positions) -> None:
        await self._write(lambda transaction: transaction.keep(group, positions))

    async def committed(self, group: str, wheres: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        def look(connection: sqlite3.Connection) -> dict[TopicPartition, int]:
            kept = connection.execute("SELECT topic, partition, next FROM bookmark WHERE reader = ?", (group,))
            wanted = set(wheres)
            return {where: offset for *place, offset in kept if (where := TopicPartition(*place)) in wanted}

        return await self._look(look)

    async def _write(self, operation: Operation[T], size: int = 0) -> T:
        if self._writer is None:
            raise BusUnavailable(f"the log {self._path} is not open")
        return await asyncio.wrap_future(self._writer.ask(operation, size))

    async def _look(self, look: Callable[[sqlite3.Connection], T]) -> T:
        lookup = self._lookup
        if lookup is None:
            raise BusUnavailable(f"the log {self._path} is not open")
        return await self._in_thread(lambda: lookup.look(look))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        if self._threads is None or self._loop is None:
            raise BusUnavailable(f"the log {self._path} is not open")
        return await self._loop.run_in_executor(self._threads, work)

    def _wake_from_thread(self) -> None:
        if self._wakers and self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        for waker in self._wakers:
            waker.set()
