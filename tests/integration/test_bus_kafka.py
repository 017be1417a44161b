"""What only a real cluster can say: how topics are configured, and what it refuses."""

import uuid

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from shared.bus.kafka import KafkaBus
from shared.bus.kafka_client import KafkaOptions
from shared.bus.port import MessageRefused, TopicSpec

pytestmark = pytest.mark.apache


async def configuration(servers: str, topic: str) -> dict[str, str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    finally:
        await admin.close()
    return {entry[0]: entry[1] for _, _, _, _, entries in answer.resources for entry in entries}


async def test_topics_are_kept_for_ever_unless_asked_otherwise(apache_kafka: str) -> None:
    kept, dropped, compacted = (f"t.{uuid.uuid4().hex}" for _ in range(3))
    async with KafkaBus(KafkaOptions(apache_kafka)) as bus:
        await bus.create_topics(
            [TopicSpec(kept, 1), TopicSpec(dropped, 1, retention_ms=60_000), TopicSpec(compacted, 1, compact=True)]
        )
    config = await configuration(apache_kafka, kept)
    assert (config["cleanup.policy"], config["retention.ms"], config["retention.bytes"]) == ("delete", "-1", "-1")
    assert config["min.insync.replicas"] == "1"
    assert (await configuration(apache_kafka, dropped))["retention.ms"] == "60000"
    assert (await configuration(apache_kafka, compacted))["cleanup.policy"] == "compact"


async def test_more_copies_than_brokers_are_refused_with_the_reason(apache_kafka: str) -> None:
    async with KafkaBus(KafkaOptions(apache_kafka, replication_factor=3, in_sync_replicas_min=2)) as bus:
        with pytest.raises(MessageRefused, match="InvalidReplicationFactor"):
            await bus.create_topics([TopicSpec(f"t.{uuid.uuid4().hex}", 1)])


async def test_a_name_that_kafka_does_not_take_is_refused(apache_kafka: str) -> None:
    async with KafkaBus(KafkaOptions(apache_kafka)) as bus:
        with pytest.raises(MessageRefused, match="InvalidTopic"):
            await bus.create_topics([TopicSpec("no spaces", 1)])
