"""One table of every topic: name, what its key is, what its value is, partitions, retention."""

from dataclasses import dataclass
from typing import Final

from shared.bus.dead_letters import DeadLetter
from shared.bus.port import TopicSpec
from shared.events import CLASS_OF, KINDS
from shared.events.base import BaseEvent
from shared.model import Model
from shared.reports import CodedReceipt, RawReport

PARTITIONS: Final = 6
"""Six workers can share a topic; more partitions cost every broker files and every start-up time."""


@dataclass(frozen=True, slots=True)
class Topic:
    """`key` says in words what the message key is; every topic is kept for ever, because the log is the truth."""

    name: str
    payload: type[Model]
    key: str
    ce_type: str
    partitions: int = PARTITIONS

    def spec(self) -> TopicSpec:
        return TopicSpec(self.name, self.partitions)


RAW: Final = Topic("reports.raw.v1", RawReport, "report id", "org.tocsin.report.raw.v1")
CODED: Final = Topic("reports.coded.v1", CodedReceipt, "report id", "org.tocsin.report.coded.v1")
DEAD_LETTER: Final = Topic(
    "reports.dead-letter.v1", DeadLetter, "topic, partition and offset of the original", "org.tocsin.dead-letter.v1", 1
)


def event_topic_name(kind: str) -> str:
    """The topic of a kind: `events.<kind>.v1` with hyphens. Raises KeyError for an unknown kind."""
    if kind not in CLASS_OF:
        raise KeyError(kind)
    return f"events.{kind.replace('_', '-')}.v1"


def _event_topic(kind: str) -> Topic:
    payload: type[BaseEvent] = CLASS_OF[kind]
    return Topic(event_topic_name(kind), payload, "report id", f"org.tocsin.event.{kind.replace('_', '-')}.v1")


EVENTS: Final[tuple[Topic, ...]] = tuple(_event_topic(kind) for kind in KINDS)
TOPICS: Final[tuple[Topic, ...]] = (RAW, CODED, DEAD_LETTER, *EVENTS)
BY_NAME: Final[dict[str, Topic]] = {topic.name: topic for topic in TOPICS}
BY_CE_TYPE: Final[dict[str, Topic]] = {topic.ce_type: topic for topic in TOPICS}
EVENT_TOPIC: Final[dict[str, Topic]] = dict(zip(KINDS, EVENTS, strict=True))
SPECS: Final[tuple[TopicSpec, ...]] = tuple(topic.spec() for topic in TOPICS)
