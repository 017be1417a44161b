"""Kafka through aiokafka: the medium that grows past one machine.

Durable: the producer is idempotent with acks=all, so `publish` returns when every in-sync replica has the message
and a retry inside the client doubles nothing. A publish that failed may lie on the log all the same. The clients
are made at their first use and again after a failure: a broker may be away at the start and come back later.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import (
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    NotCoordinatorError,
    TopicAlreadyExistsError,
    for_code,
)
from aiokafka.structs import TopicPartition as KafkaPartition

from shared.bus.kafka_client import CALL_S_MAX, RETRY_BACKOFF_MS, Held, KafkaOptions, started
from shared.bus.kafka_reader import KafkaReader
from shared.bus.limits import MESSAGE_BYTES_MAX, check_message
from shared.bus.port import (
    BusUnavailable,
    MessageRefused,
    OutgoingMessage,
    Placed,
    Positions,
    TopicPartition,
    TopicSpec,
)

BATCH_BYTES_MAX: Final = 262_144
"""A partition's share of one request: sixteen times aiokafka's default, because a batch is published as a whole and
each further request costs a round trip."""

NO_COORDINATOR_YET: Final = (CoordinatorNotAvailableError, CoordinatorLoadInProgressError, NotCoordinatorError)
"""A cluster makes its own topic of bookmarks when the first is asked for, and moves its leaders about."""

TOPIC_POLL_S: Final = 0.05
"""A new topic reaches every broker within tenths of a second."""

GROUPS_HELD_MAX: Final = 16
"""Each group that bookmarks are kept for holds a connection; an application has a handful."""


class KafkaBus:
    """A connection to the brokers of `options`. Entering it connects to nothing yet."""

    def __init__(self, options: KafkaOptions) -> None:
        self._options = options
        self._partitions: dict[str, tuple[int, ...]] = {}
        servers = options.bootstrap_servers
        self._admin: Held = Held(self._make_admin, servers)
        self._offsets: Held = Held(self._make_offsets, servers)
        self._producer: Held = Held(self._make_producer, servers)
        self._groups: dict[str, Held] = {}

    async def __aenter__(self) -> "KafkaBus":
        return self

    async def __aexit__(self, *exc: object) -> None:
        held = (self._producer, self._offsets, self._admin, *self._groups.values())
        self._groups.clear()
        await asyncio.gather(*(each.close() for each in held))

    async def create_topics(self, specs: Sequence[TopicSpec]) -> None:
        there = await self._describe()
        missing = {spec.name: spec for spec in specs if spec.name not in there}
        _check_partitions(specs, there | {name: tuple(range(spec.partitions)) for name, spec in missing.items()})
        if not missing:
            return
        async with self._admin.use() as admin:
            answer = await admin.create_topics([self._new_topic(spec) for spec in missing.values()])
            for name, code, *text in answer.topic_errors:
                error = for_code(code)
                if code and error is not TopicAlreadyExistsError:  # another process may have been faster
                    kind = BusUnavailable if error.retriable else MessageRefused
                    raise kind(f"Kafka did not make topic {name}: {error.__name__} {(*text, '')[0] or ''}".rstrip())
        deadline = asyncio.get_running_loop().time() + CALL_S_MAX
        while not missing.keys() <= (there := await self._describe()).keys():
            if asyncio.get_running_loop().time() > deadline:
                raise BusUnavailable(f"Kafka made {', '.join(missing)} but shows no leader within {CALL_S_MAX:g} s")
            await asyncio.sleep(TOPIC_POLL_S)
        _check_partitions(specs, there)

    async def publish(self, batch: Sequence[OutgoingMessage]) -> tuple[Placed, ...]:
        for message in batch:
            check_message(message)
        for topic in dict.fromkeys(message.topic for message in batch):
            await self.partitions(topic)  # aiokafka would wait for an unknown topic until its time is up
        if not batch:
            return ()
        async with self._producer.use() as producer:
            acknowledged: list[asyncio.Future[Any]] = []
            try:
                for message in batch:
                    acknowledged.append(
                        await producer.send(message.topic, message.value, message.key, headers=list(message.headers))
                    )
                placed = await asyncio.gather(*acknowledged)
            except BaseException:
                for future in acknowledged:
                    future.cancel()
                    future.add_done_callback(_look_at)
                raise
        return tuple(Placed(each.topic, each.partition, each.offset) for each in placed)

    async def partitions(self, topic: str) -> tuple[int, ...]:
        if topic not in self._partitions:
            self._partitions = await self._describe()
        if topic not in self._partitions:
            raise MessageRefused(
                f"there is no topic {topic!r} at Kafka {self._options.bootstrap_servers}; create it first"
            )
        return self._partitions[topic]

    async def beginnings(self, wheres: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        return await self._look_up("beginning_offsets", wheres)

    async def ends(self, wheres: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        return await self._look_up("end_offsets", wheres)

    def reader(self, positions: Positions) -> KafkaReader:
        return KafkaReader(self._options, positions, self)

    async def commit(self, group: str, positions: Positions) -> None:
        if not positions:
            return
        await self._check_wheres(tuple(positions))
        if group not in self._groups:
            while len(self._groups) >= GROUPS_HELD_MAX:
                await self._groups.pop(next(iter(self._groups))).close()
            self._groups[group] = Held(lambda: self._make_group(group), self._options.bootstrap_servers)
        offsets = {KafkaPartition(*where): offset for where, offset in positions.items()}
        async with self._groups[group].use() as consumer:
            if not offsets.keys() <= consumer.assignment():
                # Only what is assigned can be committed. Positioned and paused before the loop runs on, so that
                # nothing is looked up and nothing fetched.
                consumer.assign(list(offsets))
                for where, offset in offsets.items():
                    consumer.seek(where, offset)
                consumer.pause(*offsets)
            await consumer.commit(offsets)

    async def committed(self, group: str, wheres: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        if not wheres:
            return {}
        places = [KafkaPartition(*where) for where in wheres]
        async with self._admin.use() as admin:
            while True:
                try:
                    kept = await admin.list_consumer_group_offsets(group, partitions=places)
                except NO_COORDINATOR_YET:
                    await asyncio.sleep(RETRY_BACKOFF_MS / 1000)
                else:
                    break
        return {TopicPartition(*where): each.offset for where, each in kept.items() if each.offset >= 0}

    async def _look_up(self, which: str, wheres: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        await self._check_wheres(wheres)
        if not wheres:
            return {}
        async with self._offsets.use() as consumer:
            found = await getattr(consumer, which)([KafkaPartition(*where) for where in wheres])
        return {TopicPartition(*where): offset for where, offset in found.items()}

    async def _check_wheres(self, wheres: Sequence[TopicPartition]) -> None:
        for where in wheres:
            if where.partition not in await self.partitions(where.topic):
                raise MessageRefused(f"topic {where.topic} has no partition {where.partition}")

    async def _describe(self) -> dict[str, tuple[int, ...]]:
        """Every topic whose partitions all have a leader. Asking for all makes no topic, asking for one might."""
        async with self._admin.use() as admin:
            topics = await admin.describe_topics()
        return {
            topic["topic"]: tuple(sorted(each["partition"] for each in topic["partitions"]))
            for topic in topics
            if topic["partitions"] and all(each["leader"] >= 0 for each in topic["partitions"])
        }

    def _new_topic(self, spec: TopicSpec) -> Any:
        return NewTopic(
            spec.name,
            spec.partitions,
            self._options.replication_factor,
            topic_configs={
                "min.insync.replicas": str(self._options.in_sync_replicas_min),
                "cleanup.policy": "compact" if spec.compact else "delete",
                "retention.ms": str(-1 if spec.retention_ms is None else spec.retention_ms),
            },
        )

    async def _make_admin(self) -> Any:
        return await started(AIOKafkaAdminClient(**self._options.client_arguments()))

    async def _make_offsets(self) -> Any:
        return await started(AIOKafkaConsumer(**self._options.client_arguments(), enable_auto_commit=False))

    async def _make_group(self, group: str) -> Any:
        arguments = self._options.client_arguments()
        return await started(AIOKafkaConsumer(**arguments, group_id=group, enable_auto_commit=False))

    async def _make_producer(self) -> Any:
        return await started(
            AIOKafkaProducer(
                **self._options.client_arguments(),
                acks="all",
                enable_idempotence=True,
                max_batch_size=BATCH_BYTES_MAX,
                max_request_size=MESSAGE_BYTES_MAX,
            )
        )


def _check_partitions(specs: Sequence[TopicSpec], there: dict[str, tuple[int, ...]]) -> None:
    for spec in specs:
        known = len(there[spec.name])
        if known != spec.partitions:
            raise MessageRefused(f"topic {spec.name} has {known} partitions, not {spec.partitions}")


def _look_at(future: "asyncio.Future[Any]") -> None:
    """Asyncio complains of a failure that nobody looked at."""
    if not future.cancelled():
        future.exception()
