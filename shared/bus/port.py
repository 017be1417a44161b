"""The port: publish a batch with durable acknowledgement, read topics from given positions.

Nothing above this module knows which medium it is on. Positions are Kafka's: per partition, the offset
of the NEXT message to read. A medium raises nothing but `BusError` and its kinds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, runtime_checkable

Headers = tuple[tuple[str, bytes], ...]


class TopicPartition(NamedTuple):
    topic: str
    partition: int


Positions = Mapping[TopicPartition, int]
"""The offset of the next message to read, per partition."""


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A message to publish. The partition is chosen by the key (murmur2 of Kafka's default partitioner).

    Key or value may be None, not both, and all of it fits in 1 MiB (`shared.bus.limits`).
    """

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it lies on the log. `timestamp_ms` is the log's own append or create time, Unix milliseconds."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers = field(default=())

    @property
    def where(self) -> TopicPartition:
        return TopicPartition(self.topic, self.partition)

    def header(self, name: str) -> bytes | None:
        """The last header of that name, or None."""
        return next((value for key, value in reversed(self.headers) if key == name), None)


class Placed(NamedTuple):
    """Where a published message came to lie."""

    topic: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """A topic to create. `retention_ms` None keeps everything for ever; `compact` keeps the last of each key."""

    name: str
    partitions: int
    retention_ms: int | None = None
    compact: bool = False


class BusError(Exception):
    """The log refused or failed. The kinds below say what the caller may do."""


class BusUnavailable(BusError):
    """The medium can't take or give messages now. Nothing is known to be stored; try again later."""


class MessageRefused(BusError):
    """The log will never take this message (too large, no such topic). Trying again changes nothing."""


class OffsetOutOfRange(BusError):
    """The position asked for is no longer, or not yet, on the log. Reading on from elsewhere would lose messages."""

    def __init__(self, where: TopicPartition, offset: int, beginning: int, end: int) -> None:
        super().__init__(f"{where.topic}[{where.partition}] has offsets {beginning} to {end}, not {offset}")
        self.where, self.offset, self.beginning, self.end = where, offset, beginning, end


@runtime_checkable
class Bus(Protocol):
    """One connection to the log. Safe for concurrent tasks of one event loop. Use as `async with`.

    Every method raises `BusUnavailable` when the medium is away, after some 10 s at most, and works again when it is
    back; entering connects to nothing yet on Kafka. `partitions`, `beginnings`, `ends` and `commit` raise
    `MessageRefused` for what does not exist.
    """

    async def __aenter__(self) -> "Bus": ...

    async def __aexit__(self, *exc: object) -> None: ...

    async def create_topics(self, specs: Sequence[TopicSpec]) -> None:
        """Make the topics that are not there. Raises `MessageRefused` where one exists with other partitions."""

    async def publish(self, batch: Sequence[OutgoingMessage]) -> tuple[Placed, ...]:
        """Append all, in order within each partition, and return where each lies, in the order given.

        Returns only after every message is durable: fsynced (embedded), on all in-sync replicas (Kafka).
        Raises `BusUnavailable` or `MessageRefused`; then some of the batch may lie on the log all the same,
        and publishing it again may double it (readers drop doubles by id). An empty batch returns ().
        """

    async def partitions(self, topic: str) -> tuple[int, ...]:
        """The partition numbers, ascending. Raises `MessageRefused` for an unknown topic."""

    async def beginnings(self, wheres: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """The first offset still on the log."""

    async def ends(self, wheres: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """The offset that the next message will get."""

    def reader(self, positions: Positions) -> "Reader":
        """A reader of exactly these partitions from exactly these positions."""

    async def commit(self, group: str, positions: Positions) -> None:
        """Keep a named bookmark durably (Kafka: the group's offsets)."""

    async def committed(self, group: str, wheres: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """The bookmarks that were kept; a partition without one is absent."""


class Reader(Protocol):
    """Reads on from its positions. Use as `async with`; one task at a time."""

    async def __aenter__(self) -> "Reader": ...

    async def __aexit__(self, *exc: object) -> None: ...

    async def read(self, messages_max: int, wait_ms: int) -> tuple[Message, ...]:
        """Up to `messages_max` messages, in offset order within a partition; () if none came in `wait_ms`.

        Messages of several partitions may interleave in any way, and no partition starves. Raises
        `OffsetOutOfRange`, `MessageRefused` (no such topic or partition) or `BusUnavailable`; after `BusUnavailable`
        the same reader may be read again. A read that is cancelled has moved no position and lost no message.
        """

    def positions(self) -> dict[TopicPartition, int]:
        """The offset of the next message of every partition, after what `read` has returned so far."""
