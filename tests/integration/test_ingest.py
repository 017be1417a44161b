"""Ingest as a process of its own, on both media: what a 202 promises, and what happens when things end."""

import asyncio
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from shared.bus.port import Bus, TopicPartition
from shared.bus.settings import BusSettings, open_bus
from shared.codec import decode
from shared.reports import RawReport
from shared.topics import RAW
from tests.integration import brokers

ROOT = Path(__file__).parents[2]
JSON = {"content-type": "application/json"}
Process = asyncio.subprocess.Process


@pytest.fixture
def noida_broker(tmp_path: Path) -> Iterator[brokers.CommandBroker]:
    """A broker of this test's own, because the topics have their real names and because it may be ended."""
    broker = brokers.noida(tmp_path)
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture(params=["embedded", "noida"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> BusSettings:
    if request.param == "embedded":
        return BusSettings(log_path=tmp_path / "log.sqlite")
    return BusSettings(bootstrap_servers=request.getfixturevalue("noida_broker").bootstrap_servers)


def body(number: int) -> dict[str, str]:
    return {"outlet": "Wire", "body": f"Report {number}.", "published_at": "2008-08-08T10:00:00+04:00"}


async def start(log: BusSettings, port: int = 0) -> Process:
    environment = {"TOCSIN_INGEST_PORT": str(port)}
    if log.bootstrap_servers:
        environment["TOCSIN_BUS_BOOTSTRAP_SERVERS"] = log.bootstrap_servers
    else:
        environment["TOCSIN_BUS_LOG_PATH"] = str(log.log_path)
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.ingest", env=environment, cwd=ROOT, stderr=asyncio.subprocess.PIPE
    )


@asynccontextmanager
async def ingest(log: BusSettings) -> AsyncIterator[tuple[Process, httpx.AsyncClient]]:
    """The process, and a client of it; it is ready. Ended by the test, or by SIGTERM with exit code 0."""
    process = await start(log)
    assert process.stderr is not None
    url = ""
    while not url:
        line = (await process.stderr.readline()).decode()
        assert line, "ingest ended before it listened"
        url = "".join(re.findall(r"listening on (\S+)", line))
    reading = asyncio.create_task(process.stderr.read())
    transport = httpx.AsyncHTTPTransport(retries=1)
    async with httpx.AsyncClient(base_url=url, transport=transport, timeout=60) as client:
        await until(client, 200)
        yield process, client
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
    await reading


async def until(client: httpx.AsyncClient, status: int, complete: bool = False) -> None:
    """Until `/health/ready` answers with this status, and the whole log is known if it must be."""
    for pause_s in (0.05,) * 1000:
        health = await client.get("/health/ready")
        if health.status_code == status and (health.json()["facts"]["seen_complete"] or not complete):
            return
        await asyncio.sleep(pause_s)
    raise AssertionError(f"never {status}")


async def reports(bus: Bus) -> list[RawReport]:
    wheres = [TopicPartition(RAW.name, number) for number in await bus.partitions(RAW.name)]
    ends = await bus.ends(wheres)
    found: list[RawReport] = []
    async with bus.reader(await bus.beginnings(wheres)) as reader:
        while any(reader.positions()[where] < end for where, end in ends.items()):
            found += [r for r in map(decode, await reader.read(500, 100)) if isinstance(r, RawReport)]
    return found


async def test_every_202_is_on_the_log_after_a_kill_9(log: BusSettings) -> None:
    """Killed with posts under way: what was acknowledged is there, and posting all again doubles nothing."""
    acknowledged: set[str] = set()

    async def post(client: httpx.AsyncClient, number: int) -> None:
        answer = await client.post("/v1/reports", json=body(number))
        assert answer.status_code == 202
        acknowledged.add(answer.json()["id"])
        if len(acknowledged) == 20:
            enough.set()

    enough = asyncio.Event()
    async with ingest(log) as (process, client):
        posts = [asyncio.create_task(post(client, number)) for number in range(60)]
        await enough.wait()
        process.kill()
        outcomes = await asyncio.gather(*posts, return_exceptions=True)
        await process.wait()
        assert all(outcome is None or isinstance(outcome, httpx.TransportError) for outcome in outcomes)
    async with open_bus(log) as bus:
        assert acknowledged <= {report.id for report in await reports(bus)}
    async with ingest(log) as (_, client):
        await until(client, 200, complete=True)
        lines = await client.post("/v1/reports:batch", json=[body(number) for number in range(60)])
        said = lines.json()
    assert said["counts"]["accepted"] == 60
    assert said["counts"]["duplicate"] >= len(acknowledged)
    async with open_bus(log) as bus:
        there = [report.id for report in await reports(bus)]
    assert len(there) == len(set(there)) == 60


async def test_a_broker_that_goes_away_is_503_and_comes_back(noida_broker: brokers.CommandBroker) -> None:
    log = BusSettings(bootstrap_servers=noida_broker.bootstrap_servers)
    async with ingest(log) as (_, client):
        assert (await client.post("/v1/reports", json=body(1))).status_code == 202
        noida_broker.kill()
        away = await client.post("/v1/reports", json=body(2))
        assert away.status_code == 503
        assert away.headers["content-type"] == "application/problem+json"
        assert int(away.headers["retry-after"]) > 0
        noida_broker.start()
        await until(client, 200)
        again = await client.post("/v1/reports", json=body(2))
        assert again.status_code == 202


async def test_a_broker_that_is_not_there_at_the_start_is_waited_for(noida_broker: brokers.CommandBroker) -> None:
    noida_broker.stop()
    process = await start(BusSettings(bootstrap_servers=noida_broker.bootstrap_servers))
    assert process.stderr is not None
    url = "".join(re.findall(r"listening on (\S+)", (await process.stderr.readline()).decode()))
    reading = asyncio.create_task(process.stderr.read())
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        assert (await client.get("/health/live")).status_code == 200
        await until(client, 503)
        assert (await client.post("/v1/reports", json=body(1))).status_code == 503
        noida_broker.start()
        await until(client, 200)
        assert (await client.post("/v1/reports", json=body(1))).status_code == 202
    process.terminate()
    assert await process.wait() == 0
    await reading


async def test_a_taken_port_is_one_line_and_a_code(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = await start(BusSettings(log_path=tmp_path / "log.sqlite"), port)
        _, said = await process.communicate()
    assert process.returncode == 1
    line = f"ingest: port {port} on 127.0.0.1 is taken; stop what listens there or set another port\n"
    assert said.decode() == line


async def test_a_broken_setting_is_one_line_and_a_code() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.ingest",
        env={"TOCSIN_INGEST_PORT": "many"},
        cwd=ROOT,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    assert process.returncode == 1
    assert said.decode().startswith("ingest: settings: port: ")
    assert said.count(b"\n") == 1
