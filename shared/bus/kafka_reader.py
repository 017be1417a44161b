"""Reading Kafka from given positions, without a group: what is read is decided by who keeps the positions."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, Final, Protocol

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError, OffsetOutOfRangeError
from aiokafka.structs import TopicPartition as KafkaPartition

from shared.bus.kafka_client import CALL_S_MAX, KafkaOptions, bus_error, close, started
from shared.bus.port import Message, MessageRefused, OffsetOutOfRange, Positions, TopicPartition

log = logging.getLogger(__name__)

SILENCE_S_MAX: Final = 5.0
"""aiokafka retries for ever without a word when the broker is away, and has been seen to stall; after this long
without a message the broker is asked where its log ends, one small request."""

FETCH_WAIT_MS_MAX: Final = 500
"""How long the broker holds a fetch open when there is nothing; a message ends it at once. Kafka's default."""


class Offsets(Protocol):
    """What a reader asks of its bus."""

    async def partitions(self, topic: str) -> tuple[int, ...]: ...
    async def beginnings(self, wheres: Sequence[TopicPartition]) -> dict[TopicPartition, int]: ...
    async def ends(self, wheres: Sequence[TopicPartition]) -> dict[TopicPartition, int]: ...


class KafkaReader:
    """Reads on from its positions; see `shared.bus.port.Reader`."""

    def __init__(self, options: KafkaOptions, positions: Positions, offsets: Offsets) -> None:
        self._options, self._offsets = options, offsets
        self._positions = dict(positions)
        self._consumer: Any = None
        self._heard_at = 0.0
        self._ends: dict[TopicPartition, int] = {}

    async def __aenter__(self) -> "KafkaReader":
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._drop()

    def positions(self) -> dict[TopicPartition, int]:
        return dict(self._positions)

    async def read(self, messages_max: int, wait_ms: int) -> tuple[Message, ...]:
        if not self._positions:
            await asyncio.sleep(wait_ms / 1000)
            return ()
        loop = asyncio.get_running_loop()
        try:
            if self._consumer is None:
                async with asyncio.timeout(CALL_S_MAX):
                    await self._start()
                self._heard_at = loop.time()
            fetched = await self._consumer.getmany(timeout_ms=wait_ms, max_records=messages_max)
            # From here to the return nothing waits, so a cancelled read loses no message.
            messages = tuple(_message(record) for records in fetched.values() for record in records)
            for where in self._positions if not messages else map(_where, fetched):
                self._positions[where] = await self._consumer.position(KafkaPartition(*where))
        except OffsetOutOfRangeError as error:
            raise await self._out_of_range({_where(each): offset for each, offset in error.args[0].items()}) from error
        except (KafkaError, OSError, TimeoutError) as error:
            await self._drop()
            raise bus_error(error, self._options.bootstrap_servers) from error
        if messages:
            self._heard_at = loop.time()
            self._ends = {}
        elif loop.time() - self._heard_at > SILENCE_S_MAX:
            await self._ask()
            self._heard_at = loop.time()
        return messages

    async def _start(self) -> None:
        for where in self._positions:
            if where.partition not in await self._offsets.partitions(where.topic):
                raise MessageRefused(f"topic {where.topic} has no partition {where.partition}")
        below = {where: offset for where, offset in self._positions.items() if offset < 0}
        if below:
            raise await self._out_of_range(below)
        consumer = AIOKafkaConsumer(
            **self._options.client_arguments(),
            enable_auto_commit=False,
            auto_offset_reset="none",
            fetch_max_wait_ms=FETCH_WAIT_MS_MAX,
        )
        await started(consumer)
        consumer.assign([KafkaPartition(*where) for where in self._positions])
        for where, offset in self._positions.items():
            consumer.seek(KafkaPartition(*where), offset)
        self._consumer = consumer

    async def _ask(self) -> None:
        """Is the broker there, is the log as long as we have read, and does what lies on it reach us?"""
        try:
            ends = await self._offsets.ends(tuple(self._positions))
        except Exception:
            await self._drop()
            raise
        beyond = {where: offset for where, offset in self._positions.items() if offset > ends[where]}
        if beyond:
            raise await self._out_of_range(beyond)
        if any(self._positions[where] < end for where, end in self._ends.items()):
            log.warning("Kafka has had messages for %g s that did not reach us; connecting anew", SILENCE_S_MAX)
            await self._drop()
        self._ends = ends

    async def _out_of_range(self, asked: Positions) -> OffsetOutOfRange:
        where, offset = next(iter(asked.items()))
        beginnings, ends = await self._offsets.beginnings((where,)), await self._offsets.ends((where,))
        return OffsetOutOfRange(where, offset, beginnings[where], ends[where])

    async def _drop(self) -> None:
        consumer, self._consumer = self._consumer, None
        self._ends = {}
        if consumer is not None:
            await close(consumer)


def _where(place: Any) -> TopicPartition:
    return TopicPartition(place.topic, place.partition)


def _message(record: Any) -> Message:
    return Message(
        record.topic,
        record.partition,
        record.offset,
        record.timestamp,
        record.key,
        record.value,
        tuple((name, value or b"") for name, value in record.headers),
    )
