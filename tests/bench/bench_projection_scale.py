"""Read models at size: how fast a rebuild applies a log, and how long each query takes, on SQLite and PostgreSQL.

    make bench
    TOCSIN_BENCH_EVENTS=10000,1000000 TOCSIN_BENCH_DATABASES=sqlite make bench

Prints figures and judges none. The rebuild reads an embedded log, the whole of it, as `tocsin rebuild` does. Beside it
the same rows are inserted in bulk by the database's own means in the same run: all rows of a table at once, nothing
read, decoded, joined or checked; with the indexes there from the start, and with the indexes made afterwards.
Queries go through the HTTP API in process, one at a time, in mixtures of filters; p99 of so few is nearly the slowest.
What else the machine does is in the figures: the load average is printed beside them, and "cpu" is the processor time
of this process for one answer (median, and the slowest of a hundred), plain and with `as_of` together; PostgreSQL's
server is no part of it. "first" is the median of the first answer to each mixture, before any is held in memory.
"""

import asyncio
import os
import random
import sqlite3
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

import asyncpg
import httpx
import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import func, select

from services.projection.api import build_app
from services.projection.api.context import Context
from services.projection.groups import read_groups
from services.projection.main import spare_collecting
from services.projection.progress import Progress
from services.projection.rebuild import Rebuild
from services.projection.settings import ProjectionSettings
from services.projection.store.engine import follow, open_engine
from services.projection.store.migrate import downgrade, upgrade
from services.projection.store.tables import Base, EventRow
from services.projection.store.text import EVENT_TEXT, REPORT_TEXT
from shared.bus.embedded import EmbeddedBus
from shared.bus.port import Bus, OutgoingMessage
from shared.codec import receipt_message
from shared.reports import CodedReceipt
from shared.topics import SPECS
from tests.bench.made_log import VERSION, Filed, MadeLog
from tests.integration import postgres

SIZES: Final = tuple(int(n) for n in os.environ.get("TOCSIN_BENCH_EVENTS", "2000,20000").split(","))
DATABASES: Final = tuple(os.environ.get("TOCSIN_BENCH_DATABASES", "sqlite,postgres").split(","))
REPORTS_A_BATCH: Final = 500
RUNS: Final = 100
RUNS_S_MAX: Final = 4.0
"""A query that takes seconds is not asked a hundred times."""
ROWS_A_STEP: Final = 50_000
SQLITE_CACHE_KIB: Final = 256 * 1024
AS_OF: Final = (0.2, 0.98)
"""The share of the log's time within which instants are asked about."""

pytestmark = pytest.mark.timeout(0)

Params = dict[str, str]


def say(what: str, figure: str) -> None:
    print(f"\n{what:<58} {figure}", end="", flush=True)


@pytest.fixture(scope="module", params=SIZES, ids=lambda size: f"{size} events")
def log(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[MadeLog, Path]:
    """A log of that size in a file."""
    made, path = MadeLog(request.param), tmp_path_factory.mktemp("log") / "log.sqlite"
    started = time.perf_counter()
    asyncio.run(lay(made, path))
    say(f"{request.param:,} events: made and laid on an embedded log in", f"{time.perf_counter() - started:8.0f} s")
    return made, path


async def lay(made: MadeLog, path: Path) -> None:
    async with EmbeddedBus(path) as bus:
        await bus.create_topics(SPECS)
        batch: list[Filed] = []
        for filed in made.filed():
            batch.append(filed)
            if len(batch) == REPORTS_A_BATCH:
                await publish(bus, batch)
                batch = []
        await publish(bus, batch)


async def publish(bus: Bus, batch: Sequence[Filed]) -> None:
    placed = await bus.publish([filed.raw for filed in batch])
    out: list[OutgoingMessage] = []
    for filed, place in zip(batch, placed, strict=True):
        out += filed.events
        out.append(
            receipt_message(
                CodedReceipt(
                    report_id=filed.report_id,
                    partition=place.partition,
                    offset=place.offset,
                    coder_version=VERSION,
                    event_ids=filed.event_ids,
                )
            )
        )
    await bus.publish(out)


@pytest.fixture(scope="module")
def postgres_server() -> Iterator[str]:
    with postgres.server() as url:
        yield url


@contextmanager
def databases(kind: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """Two empty databases: for the read models, and for the bulk insert."""
    if kind == "sqlite":
        yield f"sqlite+aiosqlite:///{folder / 'models.sqlite'}", f"sqlite+aiosqlite:///{folder / 'bulk.sqlite'}"
        return
    server: str = request.getfixturevalue("postgres_server")
    with postgres.database(server) as ours, postgres.database(server) as bulk:
        yield ours, bulk


@pytest.mark.parametrize("kind", DATABASES)
def test_rebuild_and_queries(
    log: tuple[MadeLog, Path], kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    made, path = log
    with databases(kind, tmp_path, request) as (url, bulk_url), asyncio.Runner() as runner:
        load = f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
        print(f"\n--- {kind}, {made.events_wanted:,} events, {load}", end="")
        began_cpu_s = time.process_time()
        events, rebuild_s, whole_s = runner.run(rebuilt(path, url))
        cpu_us = (time.process_time() - began_cpu_s) * 1e6 / events
        say("rebuild: the whole log read and applied", f"{events / rebuild_s:8.0f} events/s")
        say(
            "the same, the map worked out from it, switched to",
            f"{events / whole_s:8.0f} events/s   cpu {cpu_us:.0f} µs each",
        )
        for how, bulk_s in runner.run(bulk_inserted(kind, url, bulk_url)):
            figure = f"{events / bulk_s:8.0f} events/s   rebuild has {bulk_s / rebuild_s:.2f} of it"
            say(f"bulk insert of the same rows, {how}", figure)
        runner.run(ask_all(url, made))
        print()


async def rebuilt(path: Path, url: str) -> tuple[int, float, float]:
    """How many events there are, and how many seconds it took until all rows were there and until they were live.

    The digests are not compared: that is another work.
    """
    async with EmbeddedBus(path) as bus:
        work = Rebuild(bus, url, read_groups())
        try:
            started = time.perf_counter()
            await work.begin()
            await work.build(lambda _: None)
            built_s = time.perf_counter() - started
            await work.switch()
            took_s = time.perf_counter() - started
        finally:
            await work.close()
    engine = open_engine(url)
    await follow(engine)
    async with engine.connect() as connection:
        events = (await connection.execute(select(func.count()).select_from(EventRow))).scalar_one()
    await engine.dispose()
    return events, built_s, took_s


async def bulk_inserted(kind: str, url: str, bulk_url: str) -> list[tuple[str, float]]:
    """Seconds for the same rows by the database's own means, with the schema's indexes and with them made later."""
    found = []
    for later in (False, True):
        engine = open_engine(bulk_url, "a")
        await downgrade(engine, "base")
        await upgrade(engine)
        await engine.dispose()
        took_s = await (bulk_sqlite if kind == "sqlite" else bulk_postgres)(url, bulk_url, later)
        found.append(("its indexes made afterwards" if later else "its indexes in place", took_s))
    return found


def names() -> list[tuple[str, int]]:
    """The tables, parents first, and how many columns each has."""
    return [(table.name, len(table.columns)) for table in Base.metadata.sorted_tables]


async def bulk_sqlite(url: str, bulk_url: str, later: bool) -> float:
    source = sqlite3.connect(url.partition(":///")[2] + ".b")
    target = sqlite3.connect(bulk_url.partition(":///")[2], isolation_level=None)
    took_s = 0.0
    try:
        target.execute("PRAGMA synchronous = FULL")
        target.execute(f"PRAGMA cache_size = -{SQLITE_CACHE_KIB}")
        target.execute("BEGIN")
        made = []
        if later:
            query = "SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL"
            for sort, name, sql in target.execute(query).fetchall():
                target.execute(f"DROP {sort} {name}")
                made.append(sql)
        for table, columns in names():
            rows = source.execute(f"SELECT * FROM {table}")
            marks = ", ".join("?" * columns)
            while some := rows.fetchmany(ROWS_A_STEP):
                started = time.perf_counter()
                target.executemany(f"INSERT INTO {table} VALUES ({marks})", some)
                took_s += time.perf_counter() - started
        started = time.perf_counter()
        for sql in made:
            target.execute(sql)
        if later:
            for index in (EVENT_TEXT.sqlite_index, REPORT_TEXT.sqlite_index):
                target.execute(f"INSERT INTO {index}({index}) VALUES ('rebuild')")
        target.execute("COMMIT")
        return took_s + time.perf_counter() - started
    finally:
        target.close()
        source.close()


async def bulk_postgres(url: str, bulk_url: str, later: bool) -> float:
    source = await asyncpg.connect(url.replace("+asyncpg", ""))
    target = await asyncpg.connect(bulk_url.replace("+asyncpg", ""))
    took_s = 0.0
    try:
        async with source.transaction(), target.transaction():
            made = []
            if later:
                query = (
                    "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexname LIKE 'ix_%'"
                )
                for name, sql in await target.fetch(query):
                    await target.execute(f"DROP INDEX {name}")
                    made.append(sql)
            for table, _ in names():
                rows = await source.cursor(f"SELECT * FROM tocsin_b.{table}")
                while some := await rows.fetch(ROWS_A_STEP):
                    started = time.perf_counter()
                    await target.copy_records_to_table(table, records=some)
                    took_s += time.perf_counter() - started
            started = time.perf_counter()
            for sql in made:
                await target.execute(sql)
        return took_s + time.perf_counter() - started
    finally:
        await target.close()
        await source.close()


def mixtures(made: MadeLog, chance: random.Random) -> dict[str, list[Params]]:
    """Of each query the filters that it is asked with in turn: none, a common one, a rare one, a time, a box."""
    theatre = chance.choice(made.theatres)
    common, rare = theatre.places[0], theatre.places[-1]
    day = made.begin + (made.end - made.begin) * chance.random()
    week = {"from": day.isoformat(), "to": (day + timedelta(days=7)).isoformat()}
    assert common.lat is not None
    assert common.lon is not None
    box = {"bbox": f"{common.lon - 0.5},{common.lat - 0.5},{common.lon + 0.5},{common.lat + 0.5}"}
    plain: list[Params] = [
        {}, {"kind": "airstrike"}, {"country": common.country or ""}, {"place": common.name}, {"place": rare.name},
        {"actor": theatre.sides[0].name}, week, {"source": theatre.sources[0]}, box, {"status": "announced"},
    ]  # fmt: skip
    in_all = ("events", "timeline", "incidents", "map.geojson", "casualties", "casualties/tolls", "measures",
              "actors", "places", "sources")  # fmt: skip
    found = dict.fromkeys(in_all, plain)
    found["displacement"] = [params for params in plain if "kind" not in params]
    words = (common.name, rare.name, "convoy", f"{rare.name} shelling", "hospital market")
    found["search"] = [{"q": words_} for words_ in words]
    return found


async def ask_all(url: str, made: MadeLog) -> None:
    chance = random.Random(9)
    spare_collecting()  # as the service does
    engine = open_engine(url)
    await follow(engine)
    registry = CollectorRegistry()
    app = build_app(Context(engine, Progress(registry), ProjectionSettings(), read_groups(), asyncio.Event()), registry)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bench", timeout=None) as client:
        say("", "cpu p50   p99 ms    first  plain p50   p99 ms  as_of p50   p99 ms   slowest with")
        for name, asked in mixtures(made, chance).items():
            figures, slowest, cpu_ms = "", ("", 0.0), list[float]()
            for as_of in (False, True):
                took_ms: list[float] = []
                until_s = time.perf_counter() + RUNS_S_MAX
                while len(took_ms) < RUNS and (len(took_ms) < len(asked) or time.perf_counter() < until_s):
                    params = dict(asked[len(took_ms) % len(asked)])
                    if as_of:
                        share = chance.uniform(*AS_OF)
                        params["as_of"] = (made.begin + (made.end - made.begin) * share).isoformat()
                    started, began_cpu_s = time.perf_counter(), time.process_time()
                    answer = await client.get(f"/v1/{name}", params=params)
                    cpu_ms.append((time.process_time() - began_cpu_s) * 1_000)
                    took_ms.append((time.perf_counter() - started) * 1_000)
                    assert answer.status_code == 200, answer.text
                    slowest = max(slowest, (f"{params}", took_ms[-1]), key=lambda found: found[1])
                cuts = statistics.quantiles(took_ms, n=100)
                figures += "" if as_of else f"{statistics.median(took_ms[: len(asked)]):9.1f}"
                figures += f"{statistics.median(took_ms):11.1f}{min(cuts[98], max(took_ms)):9.1f}"
            cpu_p99_ms = min(statistics.quantiles(cpu_ms, n=100)[98], max(cpu_ms))
            say(f"GET /v1/{name}", f"{statistics.median(cpu_ms):7.1f}{cpu_p99_ms:9.1f}{figures}   {slowest[0][:90]}")
    await engine.dispose()
