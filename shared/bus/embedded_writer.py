"""The one thread of a process that writes the embedded log: whatever waits is committed together (group commit)."""

import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar, cast

from shared.bus.embedded_schema import BASE_STEP, connect, pack_headers, unavailable
from shared.bus.limits import MESSAGE_BYTES_MAX
from shared.bus.partitioner import partition_of
from shared.bus.port import BusError, BusUnavailable, MessageRefused, OutgoingMessage, Placed, Positions, TopicSpec

T = TypeVar("T")

GROUP_OPERATIONS_MAX: Final = 512
"""One commit costs one sync whatever is in it; past some hundreds the first waits longer than it gains."""

GROUP_BYTES_MAX: Final = 16 * MESSAGE_BYTES_MAX
"""Keeps one transaction, and with it the wait of the other processes, to a fraction of a second on a slow disk."""


@dataclass(frozen=True, slots=True)
class TopicRow:
    name: str
    partitions: int
    first_partition: int

    def base(self, partition: int) -> int:
        """The number of the partition's offset 0."""
        return (self.first_partition + partition) * BASE_STEP


class Transaction:
    """What an operation may do inside the writer's transaction. Refuse before the first write, never after it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._next: dict[int, int] = {}
        self._now_ms = time.time_ns() // 1_000_000

    def topic(self, name: str) -> TopicRow:
        """Raises `MessageRefused` where there is none."""
        return read_topic(self._connection, name)

    def append(self, batch: Sequence[OutgoingMessage]) -> tuple[Placed, ...]:
        topics = {name: self.topic(name) for name in dict.fromkeys(message.topic for message in batch)}
        rows: list[tuple[int, int, bytes | None, bytes | None, bytes]] = []
        placed: list[Placed] = []
        for message in batch:
            topic = topics[message.topic]
            partition = partition_of(message.key, topic.partitions)
            base = topic.base(partition)
            number = self._next.get(base)
            if number is None:
                number = base + read_end(self._connection, base)
            self._next[base] = number + 1
            rows.append((number, self._now_ms, message.key, message.value, pack_headers(message.headers)))
            placed.append(Placed(message.topic, partition, number - base))
        self._connection.executemany("INSERT INTO message VALUES (?, ?, ?, ?, ?)", rows)
        return tuple(placed)

    def create_topics(self, specs: Sequence[TopicSpec]) -> None:
        there: dict[str, int] = dict(self._connection.execute("SELECT name, partitions FROM topic").fetchall())
        missing: dict[str, TopicSpec] = {}
        for spec in specs:
            known = there.setdefault(spec.name, spec.partitions)
            if known != spec.partitions:
                raise MessageRefused(f"topic {spec.name} has {known} partitions, not {spec.partitions}")
            missing.setdefault(spec.name, spec)
        for spec in missing.values():
            self._connection.execute(
                "INSERT INTO topic SELECT ?, ?, coalesce(max(first_partition + partitions), 0) FROM topic WHERE true "
                "ON CONFLICT DO NOTHING",
                (spec.name, spec.partitions),
            )

    def keep(self, reader: str, positions: Positions) -> None:
        for where in positions:
            if not 0 <= where.partition < self.topic(where.topic).partitions:
                raise MessageRefused(f"topic {where.topic} has no partition {where.partition}")
        self._connection.executemany(
            "INSERT INTO bookmark VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET next = excluded.next",
            [(reader, where.topic, where.partition, offset) for where, offset in positions.items()],
        )


Operation = Callable[[Transaction], T]


@dataclass(frozen=True, slots=True)
class _Asked:
    operation: Operation[object]
    answer: Future[object]
    bytes: int


class Writer:
    """Runs operations in the order they came, several to a transaction, and answers after the commit is synced."""

    def __init__(self, path: Path, busy_ms_max: int, committed: Callable[[], None]) -> None:
        self._path, self._busy_ms_max, self._committed = path, busy_ms_max, committed
        self._asked: queue.SimpleQueue[_Asked | None] = queue.SimpleQueue()
        self._connection: sqlite3.Connection | None = None
        self._thread = threading.Thread(target=self._run, name="tocsin-log-writer", daemon=True)
        self._thread.start()

    def ask(self, operation: Operation[T], size: int = 0) -> Future[T]:
        """The answer comes when the commit is durable; `BusError` where it is refused or fails."""
        answer: Future[T] = Future()
        self._asked.put(_Asked(operation, cast("Future[object]", answer), size))
        return answer

    def close(self) -> None:
        """Finishes what was asked before."""
        self._asked.put(None)
        self._thread.join()

    def _run(self) -> None:
        more = True
        while more:
            first = self._asked.get()
            if first is None:
                break
            group, size = [first], first.bytes
            while len(group) < GROUP_OPERATIONS_MAX and size < GROUP_BYTES_MAX:
                try:
                    asked = self._asked.get_nowait()
                except queue.Empty:
                    break
                if asked is None:
                    more = False
                    break
                group.append(asked)
                size += asked.bytes
            self._commit(group)
        self._drop()

    def _commit(self, group: list[_Asked]) -> None:
        answers: list[object | BusError] = []
        try:
            if self._connection is None:
                self._connection = connect(self._path, self._busy_ms_max)
            self._connection.execute("BEGIN IMMEDIATE")
            transaction = Transaction(self._connection)
            for asked in group:
                try:
                    answers.append(asked.operation(transaction))
                except MessageRefused as refusal:
                    answers.append(refusal)
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            # Not merely rolled back: after a failed sync only a new connection reads what the disk really holds.
            self._drop()
            answers = [unavailable(self._path, error)] * len(group)
        except Exception as defect:  # a defect of ours must not leave the callers waiting for ever
            self._drop()
            answers = [BusUnavailable(f"the log's writer failed: {defect!r}")] * len(group)
        self._committed()
        for asked, answer in zip(group, answers, strict=True):
            if not asked.answer.set_running_or_notify_cancel():
                continue
            if isinstance(answer, BusError):
                asked.answer.set_exception(answer)
            else:
                asked.answer.set_result(answer)

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def read_topic(connection: sqlite3.Connection, name: str) -> TopicRow:
    """Raises `MessageRefused` where there is none."""
    row = connection.execute("SELECT name, partitions, first_partition FROM topic WHERE name = ?", (name,)).fetchone()
    if row is None:
        raise MessageRefused(f"there is no topic {name!r} on the log; create it first")
    return TopicRow(*row)


def read_end(connection: sqlite3.Connection, base: int) -> int:
    """The offset that the partition's next message will get."""
    (last,) = connection.execute(
        "SELECT max(id) FROM message WHERE id >= ? AND id < ?", (base, base + BASE_STEP)
    ).fetchone()
    return 0 if last is None else last - base + 1
