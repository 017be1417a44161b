"""A broker that is away, hangs, or is killed and comes back, under one connection that is never made anew."""

import asyncio
import os
import signal
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.local.apache_kafka import ApacheKafka, KafkaMissing
from shared.bus.kafka import KafkaBus
from shared.bus.kafka_client import KafkaOptions
from shared.bus.port import BusUnavailable, Message, OutgoingMessage, Reader, TopicPartition, TopicSpec
from tests.conftest import NOT_TESTED
from tests.integration import brokers

WITHOUT_IDEMPOTENCE = "Tansu refuses the idempotent producer, and nothing less is good enough for publish"


@pytest.fixture(
    params=[
        "noida",
        pytest.param("tansu", marks=pytest.mark.xfail(raises=BusUnavailable, reason=WITHOUT_IDEMPOTENCE)),
        pytest.param("apache", marks=pytest.mark.apache),
    ]
)
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[brokers.Broker]:
    """A broker of this test's own, not started."""
    made: dict[str, Callable[[Path], brokers.Broker]] = {
        "noida": brokers.noida,
        "tansu": brokers.tansu,
        "apache": brokers.apache,
    }
    broker = made[request.param](tmp_path)
    yield broker
    broker.stop()


def start(broker: brokers.Broker) -> None:
    try:
        broker.start()
    except KafkaMissing as missing:
        pytest.skip(f"{NOT_TESTED}: {missing}")


def end(broker: brokers.Broker) -> None:
    """`kill -9` for Apache Kafka; noida-db writes to disk late, which is its own affair, so it may end cleanly."""
    if isinstance(broker, ApacheKafka):
        broker.kill()
    else:
        broker.stop()


def message(topic: str, number: int) -> OutgoingMessage:
    return OutgoingMessage(topic, b"k", b"%d" % number)


async def insist(bus: KafkaBus, each: OutgoingMessage) -> None:
    while True:
        try:
            await bus.publish([each])
        except BusUnavailable:
            await asyncio.sleep(0.05)
        else:
            return


async def read_patiently(reader: Reader) -> Message:
    while not (found := await reader.read(1, 500)):
        pass
    return found[0]


async def read_one(reader: Reader) -> Message:
    while True:
        try:
            return await read_patiently(reader)
        except BusUnavailable:
            await asyncio.sleep(0.05)


async def test_away_at_the_start_then_there(broker: brokers.Broker) -> None:
    topic = f"t.{uuid.uuid4().hex}"
    there = TopicPartition(topic, 0)
    async with KafkaBus(KafkaOptions(broker.bootstrap_servers)) as bus, bus.reader({there: 0}) as reader:
        with pytest.raises(BusUnavailable, match=broker.bootstrap_servers):
            await bus.publish([message(topic, 0)])
        with pytest.raises(BusUnavailable):
            await bus.create_topics([TopicSpec(topic, 1)])
        with pytest.raises(BusUnavailable):
            await reader.read(1, 10)
        start(broker)
        await bus.create_topics([TopicSpec(topic, 1)])
        await bus.publish([message(topic, 0)])
        assert (await read_one(reader)).value == b"0"


async def test_killed_and_back_while_publishing_and_reading(broker: brokers.Broker) -> None:
    topic = f"t.{uuid.uuid4().hex}"
    there = TopicPartition(topic, 0)
    start(broker)
    async with KafkaBus(KafkaOptions(broker.bootstrap_servers)) as bus, bus.reader({there: 0}) as reader:
        await bus.create_topics([TopicSpec(topic, 1)])
        for number in range(5):
            await bus.publish([message(topic, number)])
        read = [await read_one(reader) for _ in range(5)]

        publishing = asyncio.gather(*(insist(bus, message(topic, number)) for number in range(5, 16)))
        end(broker)
        await asyncio.to_thread(broker.start)
        await publishing
        last = (await bus.ends([there]))[there]
        read += [await read_one(reader) for _ in range(5, last)]

    assert [each.offset for each in read] == list(range(last))
    values = [each.value for each in read]
    assert values[:5] == [b"0", b"1", b"2", b"3", b"4"]
    assert set(values) == {b"%d" % number for number in range(16)}  # what was tried again may lie there twice


async def test_a_reader_tells_that_the_broker_is_gone_and_reads_on(broker: brokers.Broker) -> None:
    topic = f"t.{uuid.uuid4().hex}"
    there = TopicPartition(topic, 0)
    start(broker)
    async with KafkaBus(KafkaOptions(broker.bootstrap_servers)) as bus, bus.reader({there: 0}) as reader:
        await bus.create_topics([TopicSpec(topic, 1)])
        await bus.publish([message(topic, 0)])
        assert (await read_one(reader)).value == b"0"
        end(broker)
        with pytest.raises(BusUnavailable):
            await read_patiently(reader)
        await asyncio.to_thread(broker.start)
        await insist(bus, message(topic, 1))
        assert (await read_one(reader)).value == b"1"


async def test_a_broker_that_hangs_is_unavailable_and_then_not(tmp_path: Path) -> None:
    topic = f"t.{uuid.uuid4().hex}"
    broker = brokers.noida(tmp_path)
    broker.start()
    try:
        async with KafkaBus(KafkaOptions(broker.bootstrap_servers)) as bus:
            await bus.create_topics([TopicSpec(topic, 1)])
            await bus.publish([message(topic, 0)])
            os.kill(broker.pid, signal.SIGSTOP)
            await asyncio.to_thread(os.waitpid, broker.pid, os.WUNTRACED)  # every thread of it has stopped
            with pytest.raises(BusUnavailable, match="10 s"):
                await bus.publish([message(topic, 1)])
            os.kill(broker.pid, signal.SIGCONT)
            await bus.publish([message(topic, 2)])
    finally:
        broker.kill()


async def test_closing_does_not_wait_for_a_broker_that_is_gone(tmp_path: Path) -> None:
    topic = f"t.{uuid.uuid4().hex}"
    broker = brokers.noida(tmp_path)
    broker.start()
    try:
        async with KafkaBus(KafkaOptions(broker.bootstrap_servers)) as bus:
            await bus.create_topics([TopicSpec(topic, 1)])
            await bus.publish([message(topic, 0)])
            broker.kill()
            publishing = asyncio.ensure_future(bus.publish([message(topic, 1)]))
            await asyncio.sleep(0.2)
            publishing.cancel()
    finally:
        broker.kill()
