"""A member of a group dies: on Tansu, because noida-db never evicts one."""

import asyncio
import sys
import uuid
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from shared.bus.kafka import KafkaBus
from shared.bus.kafka_client import KafkaOptions
from shared.bus.port import TopicPartition, TopicSpec

MEMBER = """
import asyncio, sys
from aiokafka import AIOKafkaConsumer

async def main(servers, topic, group):
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=servers, group_id=group, auto_offset_reset="earliest", enable_auto_commit=False,
        session_timeout_ms=3000, heartbeat_interval_ms=300,
    )
    await consumer.start()
    async for record in consumer:
        print(record.value.decode(), flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


async def test_another_takes_over_what_a_dead_member_did_not_commit(tansu: str) -> None:
    topic, group = f"t.{uuid.uuid4().hex}", f"g.{uuid.uuid4().hex}"
    wheres = [TopicPartition(topic, number) for number in range(3)]
    async with KafkaBus(KafkaOptions(tansu)) as bus:
        await bus.create_topics([TopicSpec(topic, 3)])
        producer = AIOKafkaProducer(bootstrap_servers=tansu)  # ours is idempotent, which Tansu refuses
        await producer.start()
        try:
            for number in range(9):
                await producer.send_and_wait(topic, b"%d" % number, partition=number % 3)
        finally:
            await producer.stop()
        assert await bus.ends(wheres) == dict.fromkeys(wheres, 3)

        member = await asyncio.create_subprocess_exec(
            sys.executable, "-c", MEMBER, tansu, topic, group, stdout=asyncio.subprocess.PIPE, cwd=Path.cwd()
        )
        assert member.stdout is not None
        first = [int(await member.stdout.readline()) for _ in range(9)]
        member.kill()
        await member.wait()
        assert sorted(first) == list(range(9))

        successor = AIOKafkaConsumer(
            topic, bootstrap_servers=tansu, group_id=group, auto_offset_reset="earliest", enable_auto_commit=False
        )
        await successor.start()
        try:
            second = [await anext(successor) for _ in range(9)]
            assert sorted(int(record.value) for record in second) == list(range(9))
            assert {each.partition for each in successor.assignment()} == {0, 1, 2}
        finally:
            await successor.stop()
