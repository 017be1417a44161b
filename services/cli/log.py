"""The log of the `tocsin up` that runs here, or of the settings: opened, read, with clear lines for trouble."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from services.cli.environment import adopt_running
from services.cli.problem import CliError

if TYPE_CHECKING:
    from shared.bus.port import Bus, Message, TopicPartition

T = TypeVar("T")

READ_MESSAGES_MAX = 500
READ_WAIT_MS = 500


@asynccontextmanager
async def open_log() -> "AsyncIterator[Bus]":
    """The log, connected. Raises CliError where there is none."""
    from pydantic import ValidationError

    from shared.bus.settings import BusSettings, open_bus
    from shared.codec import describe

    adopt_running()
    try:
        settings = BusSettings()
    except ValidationError as error:
        raise CliError(f"settings: {describe(error)}") from None
    if settings.bootstrap_servers is None and not settings.log_path.is_file():
        raise CliError(f"there is no log at {settings.log_path}; start one with `tocsin up`, or say where it is with "
                       "TOCSIN_BUS_LOG_PATH or TOCSIN_BUS_BOOTSTRAP_SERVERS")  # fmt: skip
    async with open_bus(settings) as bus:
        yield bus


def run(work: Coroutine[None, None, T]) -> T:
    """Run a command's work; trouble with the log is one line."""
    from shared.bus.port import BusError

    try:
        return asyncio.run(work)
    except BusError as error:
        raise CliError(f"the log: {error}") from None


async def partitions(bus: "Bus", topics: Iterable[str]) -> "list[TopicPartition]":
    from shared.bus.port import TopicPartition

    return [TopicPartition(topic, number) for topic in topics for number in await bus.partitions(topic)]


async def read_all(bus: "Bus", topics: Iterable[str]) -> "AsyncIterator[Message]":
    """Every message of the topics up to where they end now."""
    wheres = await partitions(bus, topics)
    ends = await bus.ends(wheres)
    async with bus.reader(await bus.beginnings(wheres)) as reader:
        while any(reader.positions()[where] < end for where, end in ends.items()):
            for message in await reader.read(READ_MESSAGES_MAX, READ_WAIT_MS):
                if message.offset < ends[message.where]:
                    yield message


async def read_on(bus: "Bus", topics: Iterable[str], from_beginning: bool) -> "AsyncIterator[Message]":
    """The messages of the topics as they come, until the caller stops."""
    wheres = await partitions(bus, topics)
    start = await (bus.beginnings(wheres) if from_beginning else bus.ends(wheres))
    async with bus.reader(start) as reader:
        while True:
            for message in await reader.read(READ_MESSAGES_MAX, READ_WAIT_MS):
                yield message
