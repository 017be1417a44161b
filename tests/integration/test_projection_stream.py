"""The projection from log to answer, on each log and database: in-process, killed, restarted, and refusing to go on."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client import CollectorRegistry

from services.projection.api import build_app
from services.projection.api.context import Context
from services.projection.groups import read_groups
from services.projection.progress import Progress
from services.projection.settings import ProjectionSettings
from services.projection.store.digest import Digest, digest
from services.projection.store.engine import Engine, open_engine
from services.projection.store.migrate import upgrade
from services.projection.store.read_operations import operations
from services.projection.store.write import Writer
from services.projection.stream import ProjectionHalted, Projector
from shared.bus.embedded import EmbeddedBus
from shared.bus.port import Bus, BusUnavailable, Message, OutgoingMessage, Placed, TopicPartition
from shared.bus.settings import BusSettings, open_bus
from shared.codec import event_message, raw_message, receipt_message
from shared.contracts.cases import CASES
from shared.contracts.generate import message_for
from shared.events.base import BaseEvent
from shared.reports import RawReport
from shared.topics import DEAD_LETTER, EVENT_TOPIC, RAW, SPECS
from shared.web.serve import bind, url_of
from tests.integration import brokers, postgres
from tests.integration.test_projection_store import changes
from tests.unit.projection.made import receipt, report, strike

GROUPS = read_groups()
SETTINGS = ProjectionSettings(batch_messages_max=40, read_wait_ms=50)


@pytest.fixture(params=["embedded", "noida"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BusSettings]:
    """A log of this test's own, on each medium."""
    if request.param == "embedded":
        yield BusSettings(log_path=tmp_path / "log.sqlite")
    else:
        folder = tmp_path / "noida"
        folder.mkdir()
        broker = brokers.noida(folder)
        broker.start()
        try:
            yield BusSettings(bootstrap_servers=broker.bootstrap_servers)
        finally:
            broker.stop()


def filed(count: int) -> list[OutgoingMessage]:
    """The messages of so many reports: raw, an event and a receipt each; two fifths told twice."""
    out: list[OutgoingMessage] = []
    for number in range(count):
        of = report(number, outlet=f"Outlet {number}", supersedes=report(number - 1).id if number % 7 == 6 else None)
        told = [strike(number, of=of, hour=number % 48)]
        out += [raw_message(of), *map(event_message, told), receipt_message(receipt(of, told, 0))]
        if number % 5 < 2:
            out += map(event_message, told)
    return out


@asynccontextmanager
async def projecting(bus: Bus, engine: Engine) -> AsyncIterator[Progress]:
    progress, stop = Progress(CollectorRegistry()), asyncio.Event()
    running = asyncio.create_task(Projector(bus, Writer(engine), SETTINGS, progress).run(stop))
    try:
        yield progress
    finally:
        stop.set()
        await running


async def ends_of(bus: Bus) -> dict[TopicPartition, int]:
    wheres = [TopicPartition(spec.name, n) for spec in SPECS for n in await bus.partitions(spec.name)]
    return {where: end for where, end in (await bus.ends(wheres)).items() if end}


async def until_read(engine: Engine, ends: Mapping[TopicPartition, int]) -> None:
    writer = Writer(engine)
    while True:
        positions = await writer.positions()
        if all(positions.get(where, 0) >= end for where, end in ends.items()):
            return
        await asyncio.sleep(0.02)


async def read_all(bus: Bus) -> list[Message]:
    ends = await ends_of(bus)
    found: list[Message] = []
    async with bus.reader(dict.fromkeys(ends, 0)) as reader:
        while len(found) < sum(ends.values()):
            found += await reader.read(1_000, 100)
    return found


async def plain_digest(messages: Sequence[Message], tmp_path: Path) -> Digest:
    """What the same log gives when it is written at once, in order."""
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path / 'plain.sqlite'}")
    await upgrade(engine)
    await Writer(engine).write(changes(messages), {}, {})
    try:
        return await digest(engine, GROUPS)
    finally:
        await engine.dispose()


async def test_what_is_published_is_projected_and_the_bad_is_buried(log: BusSettings, engine: Engine) -> None:
    bad = [
        OutgoingMessage(EVENT_TOPIC["airstrike"].name, b"k", b"{"),
        OutgoingMessage(EVENT_TOPIC["airstrike"].name, b"k", b"{", event_message(strike(1)).headers),
        OutgoingMessage(EVENT_TOPIC["shelling"].name, b"k", b"{}", event_message(strike(1)).headers),
        OutgoingMessage(EVENT_TOPIC["airstrike"].name, b"k", None),
        OutgoingMessage(RAW.name, b"k", b"{"),
        OutgoingMessage(DEAD_LETTER.name, b"k", b"{"),
    ]
    examples = [message_for(case.payload) for case in CASES]
    events = {case.payload.id for case in CASES if isinstance(case.payload, BaseEvent)}
    reports = {case.payload.id for case in CASES if isinstance(case.payload, RawReport)}
    async with open_bus(log) as bus:
        await bus.create_topics(SPECS)
        await bus.publish([*examples, *bad])
        already = (await bus.ends([TopicPartition(DEAD_LETTER.name, 0)]))[TopicPartition(DEAD_LETTER.name, 0)]
        async with projecting(open_bus(log), engine):
            await until_read(engine, await ends_of(bus) | {TopicPartition(DEAD_LETTER.name, 0): already + 4})
        found = await operations(engine)
    assert (found.events, found.reports) == (len(events), len(reports))
    buried = found.dead_letters_by_reason
    assert {"bad_envelope", "not_json", "wrong_topic", "no_value"} <= buried.keys()


async def test_a_restart_reads_on_and_doubles_nothing(log: BusSettings, engine: Engine, tmp_path: Path) -> None:
    messages = filed(60)
    async with open_bus(log) as bus:
        await bus.create_topics(SPECS)
        for part in (messages[:90], messages[90:]):
            await bus.publish(part)
            async with projecting(open_bus(log), engine):
                await until_read(engine, await ends_of(bus))
        assert (await digest(engine, GROUPS)).parts == (await plain_digest(await read_all(bus), tmp_path)).parts
    found = await operations(engine)
    assert (found.events, found.feed_last) == (60, 60)


async def test_two_projections_on_one_database_do_no_harm(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    async with EmbeddedBus(path) as bus:
        await bus.create_topics(SPECS)
        async with projecting(EmbeddedBus(path), engine), projecting(EmbeddedBus(path), engine):
            messages = filed(40)
            for start in range(0, len(messages), 10):
                await bus.publish(messages[start : start + 10])
            await until_read(engine, await ends_of(bus))
        assert (await digest(engine, GROUPS)).parts == (await plain_digest(await read_all(bus), tmp_path)).parts


async def test_a_flood_of_dead_letters_halts_with_the_position_unmoved(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    async with EmbeddedBus(path) as bus:
        await bus.create_topics(SPECS)
        await bus.publish([OutgoingMessage(EVENT_TOPIC["airstrike"].name, b"k", b"{") for _ in range(150)])
        projector = Projector(EmbeddedBus(path), Writer(engine), ProjectionSettings(), Progress(CollectorRegistry()))
        with pytest.raises(ProjectionHalted, match="101 dead letters in a row"):
            await projector.run(asyncio.Event())
        assert await Writer(engine).positions() == {}
        assert (await bus.ends([TopicPartition(DEAD_LETTER.name, 0)])) == {TopicPartition(DEAD_LETTER.name, 0): 0}


async def test_another_log_than_the_databases_is_refused(engine: Engine, tmp_path: Path) -> None:
    where = TopicPartition(RAW.name, 0)
    await Writer(engine).write([], {where: 0}, {where: 7})
    projector = Projector(
        EmbeddedBus(tmp_path / "log.sqlite"), Writer(engine), ProjectionSettings(), Progress(CollectorRegistry())
    )
    with pytest.raises(ProjectionHalted, match="another log"):
        await projector.run(asyncio.Event())


class DeafBus(EmbeddedBus):
    """Refuses to publish a few times, as a broker between leaders does."""

    refusals = 3

    async def publish(self, batch: Sequence[OutgoingMessage]) -> tuple[Placed, ...]:
        self.refusals -= 1
        if self.refusals >= 0:
            raise BusUnavailable("between leaders")
        return await super().publish(batch)


async def test_the_position_waits_for_the_dead_letter(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    async with EmbeddedBus(path) as bus:
        await bus.create_topics(SPECS)
        [placed] = await bus.publish([OutgoingMessage(EVENT_TOPIC["airstrike"].name, b"k", b"{")])
        deaf = DeafBus(path)
        async with projecting(deaf, engine):
            await until_read(engine, {TopicPartition(placed.topic, placed.partition): 1})
        assert deaf.refusals < 0
        assert await bus.ends([TopicPartition(DEAD_LETTER.name, 0)]) == {TopicPartition(DEAD_LETTER.name, 0): 1}


class Service:
    """`python -m services.projection` as a process of its own."""

    def __init__(self, log: BusSettings, database_url: str, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        bus = {"TOCSIN_BUS_BOOTSTRAP_SERVERS": log.bootstrap_servers} if log.bootstrap_servers else {}
        environment = (
            os.environ
            | bus
            | {
                "TOCSIN_BUS_LOG_PATH": str(log.log_path),
                "TOCSIN_PROJECTION_DATABASE_URL": database_url,
                "TOCSIN_PROJECTION_PORT": str(port),
                "TOCSIN_PROJECTION_BATCH_MESSAGES_MAX": "20",
            }
        )
        command = [sys.executable, "-m", "services.projection"]
        self.process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)

    def stop(self, number: int) -> tuple[int, str]:
        """The exit code and what it wrote to standard error."""
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=30)
        return self.process.returncode, said


def free_port() -> int:
    listener = bind("127.0.0.1", 0)
    port = int(url_of(listener).rpartition(":")[2])
    listener.close()
    return port


async def answer(url: str, events_min: int = 0) -> Any:
    """The JSON of the address, as soon as it answers with success and tells of so many events."""
    async with httpx.AsyncClient(timeout=20) as client:
        while True:
            try:
                got = await client.get(url)
                if got.is_success and (found := got.json()).get("events", 0) >= events_min:
                    return found
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)


async def test_killed_in_the_middle_and_started_again_it_loses_and_doubles_nothing(
    log: BusSettings, database_url: str, tmp_path: Path
) -> None:
    messages, port = filed(120), free_port()
    async with open_bus(log) as bus:
        await bus.create_topics(SPECS)
        await bus.publish(messages[:250])
        service = Service(log, database_url, port)
        for seen in (1, 30, 70):
            await answer(f"{service.url}/v1/status", events_min=seen)
            assert service.stop(signal.SIGKILL)[0] == -signal.SIGKILL
            service = Service(log, database_url, port)
        await bus.publish(messages[250:])
        engine = open_engine(database_url)
        await answer(f"{service.url}/health/ready")
        await until_read(engine, await ends_of(bus))
        in_order = await plain_digest(await read_all(bus), tmp_path)
        code, said = service.stop(signal.SIGTERM)
        assert (code, "Traceback" in said) == (0, False), said
        assert (await digest(engine, GROUPS)).parts == in_order.parts
        assert (await operations(engine)).feed_last == 120
        await engine.dispose()


async def test_it_stops_cleanly_with_a_live_feed_open(tmp_path: Path) -> None:
    port = free_port()
    database_url = f"sqlite+aiosqlite:///{tmp_path / 'readmodels.sqlite'}"
    service = Service(BusSettings(log_path=tmp_path / "log.sqlite"), database_url, port)
    await answer(f"{service.url}/health/ready")
    async with httpx.AsyncClient() as client, client.stream("GET", f"{service.url}/v1/stream") as feed:
        assert feed.status_code == 200
        code, said = await asyncio.to_thread(service.stop, signal.SIGTERM)
    assert (code, "Traceback" in said) == (0, False), said


async def test_what_stops_the_start_is_one_line(tmp_path: Path) -> None:
    listener = bind("127.0.0.1", 0)
    port = int(url_of(listener).rpartition(":")[2])
    log = BusSettings(log_path=tmp_path / "log.sqlite")
    taken = Service(log, f"sqlite+aiosqlite:///{tmp_path / 'a.sqlite'}", port)
    _, said = await asyncio.to_thread(taken.process.communicate)
    listener.close()
    assert (taken.process.returncode, said.count("\n")) == (1, 1)
    assert f"port {port} on 127.0.0.1 is taken" in said
    wrong = Service(log, "mysql://host/x", port)
    _, said = await asyncio.to_thread(wrong.process.communicate)
    assert wrong.process.returncode == 1
    assert "postgresql+asyncpg" in said.splitlines()[-1]


async def test_a_database_that_drops_its_connections_is_written_on(
    postgres_server: str, postgres_url: str, tmp_path: Path
) -> None:
    path, messages = tmp_path / "log.sqlite", filed(60)
    engine, watching = open_engine(postgres_url), open_engine(postgres_url)
    await upgrade(engine)
    async with EmbeddedBus(path) as bus:
        await bus.create_topics(SPECS)
        async with projecting(EmbeddedBus(path), engine):
            for start in range(0, len(messages), 30):
                await bus.publish(messages[start : start + 30])
                await postgres.drop_connections(postgres_server, postgres_url)
                await asyncio.sleep(0.1)
            await until_read(watching, await ends_of(bus))
        assert (await digest(watching, GROUPS)).parts == (await plain_digest(await read_all(bus), tmp_path)).parts
    await engine.dispose()
    await watching.dispose()


async def test_a_database_that_is_away_is_a_503() -> None:
    engine = open_engine("postgresql+asyncpg://127.0.0.1:1/none")
    registry = CollectorRegistry()
    app = build_app(Context(engine, Progress(registry), SETTINGS, GROUPS, asyncio.Event()), registry)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        got = await client.get("/v1/events")
    assert (got.status_code, got.headers["retry-after"]) == (503, "2")
    assert got.json()["type"] == "/problems/database-away"
