"""Reading the embedded log: snapshots for look-ups, and a reader that polls cheaply."""

import asyncio
import sqlite3
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, Protocol, TypeVar

from shared.bus.embedded_schema import BASE_STEP, connect, unavailable, unpack_headers
from shared.bus.embedded_writer import read_end, read_topic
from shared.bus.limits import MESSAGE_BYTES_MAX
from shared.bus.port import Message, MessageRefused, OffsetOutOfRange, Positions, TopicPartition

T = TypeVar("T")

POLL_MS: Final = 20
"""How late a reader learns of what another process wrote; asking takes some 1 % of a core. What its own process wrote
wakes it at once."""

READ_BYTES_MAX: Final = 32 * MESSAGE_BYTES_MAX
"""Keeps one read from filling the memory however many messages were asked for."""


class Snapshots:
    """A reading connection that any thread may use, one at a time, opened when needed and again after a failure."""

    def __init__(self, path: Path, busy_ms_max: int) -> None:
        self._path, self._busy_ms_max = path, busy_ms_max
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def look(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """The answer to `question` on one snapshot of the log. Raises `BusError`."""
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = connect(self._path, self._busy_ms_max)
                self._connection.execute("BEGIN")
                try:
                    return question(self._connection)
                finally:
                    self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                self._drop()
                raise unavailable(self._path, error) from error

    def version(self) -> int | None:
        """Changes with every commit of any other connection, in this process or another; None before the first look."""
        with self._lock:
            if self._connection is None:
                return None
            try:
                (version,) = self._connection.execute("PRAGMA data_version").fetchone()
            except sqlite3.Error as error:
                self._drop()
                raise unavailable(self._path, error) from error
            return int(version)

    def close(self) -> None:
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class InThread(Protocol):
    """Runs work that may block outside the event loop."""

    def __call__(self, work: Callable[[], T]) -> Awaitable[T]: ...


def base_of(connection: sqlite3.Connection, where: TopicPartition) -> int:
    """The number of the partition's offset 0. Raises `MessageRefused` where there is no such partition."""
    topic = read_topic(connection, where.topic)
    if not 0 <= where.partition < topic.partitions:
        raise MessageRefused(f"topic {where.topic} has no partition {where.partition}")
    return topic.base(where.partition)


class EmbeddedReader:
    """Reads on from its positions; see `shared.bus.port.Reader`."""

    def __init__(
        self, snapshots: Snapshots, positions: Positions, in_thread: InThread, wakers: set[asyncio.Event]
    ) -> None:
        self._snapshots, self._in_thread, self._wakers = snapshots, in_thread, wakers
        self._positions = dict(positions)
        self._bases: dict[TopicPartition, int] = {}
        self._waker = asyncio.Event()
        self._seen: int | None = None

    async def __aenter__(self) -> "EmbeddedReader":
        self._wakers.add(self._waker)
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._wakers.discard(self._waker)
        await asyncio.to_thread(self._snapshots.close)

    async def read(self, messages_max: int, wait_ms: int) -> tuple[Message, ...]:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait_ms / 1000
        while True:
            self._waker.clear()  # before looking, so that a commit during the look is not missed
            version = self._snapshots.version()  # on the loop: a look at shared memory, cheaper than another thread
            if version is None or version != self._seen:
                messages = await self._in_thread(lambda: self._snapshots.look(lambda c: self._fetch(c, messages_max)))
                if messages:
                    self._seen = None
                    self._advance(messages)
                    return messages
                self._seen = version  # taken before the look: at worst one look too many
            left_s = deadline - loop.time()
            if left_s <= 0:
                return ()
            alarm = loop.call_later(min(left_s, POLL_MS / 1000), self._waker.set)
            try:
                await self._waker.wait()
            finally:
                alarm.cancel()

    def positions(self) -> dict[TopicPartition, int]:
        return dict(self._positions)

    def _advance(self, messages: tuple[Message, ...]) -> None:
        for message in messages:
            # Re-inserted, so that the partition served last is the last to be served next time: none starves.
            self._positions.pop(message.where)
            self._positions[message.where] = message.offset + 1

    def _fetch(self, connection: sqlite3.Connection, messages_max: int) -> tuple[Message, ...]:
        if not self._bases:
            self._bases = self._check(connection)
        messages: list[Message] = []
        size = 0
        for where, offset in self._positions.items():
            base = self._bases[where]
            rows = connection.execute(
                "SELECT id, timestamp_ms, key, value, headers FROM message "
                "WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",
                (base + offset, base + BASE_STEP, messages_max - len(messages)),
            )
            for number, timestamp_ms, key, value, headers in rows:
                messages.append(Message(*where, number - base, timestamp_ms, key, value, unpack_headers(headers)))
                size += len(key or b"") + len(value or b"") + len(headers)
                if size >= READ_BYTES_MAX:
                    break
            rows.close()
            if len(messages) >= messages_max or size >= READ_BYTES_MAX:
                break
        return tuple(messages)

    def _check(self, connection: sqlite3.Connection) -> dict[TopicPartition, int]:
        """The base of every partition. The log only grows, so a position on it now stays on it."""
        bases: dict[TopicPartition, int] = {}
        for where, offset in self._positions.items():
            base = base_of(connection, where)
            end = read_end(connection, base)
            if not 0 <= offset <= end:
                raise OffsetOutOfRange(where, offset, 0, end)
            bases[where] = base
        return bases
