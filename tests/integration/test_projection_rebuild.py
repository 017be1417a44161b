"""Rebuilding beside the live read models, and switching, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from services.projection.core.casualties import Groups
from services.projection.groups import read_groups
from services.projection.rebuild import Compared, Rebuild
from services.projection.store import pins
from services.projection.store.engine import Engine, follow, writing
from services.projection.store.filters import EventFilter
from services.projection.store.places import PlaceRetired, Slot, place_of
from services.projection.store.read import events_page, feed_after, feed_last
from services.projection.store.read_incidents import incidents_page
from services.projection.store.read_map import MapFilter, map_cells
from services.projection.store.write import Writer
from shared.bus.embedded import EmbeddedBus
from shared.bus.port import Bus
from shared.events.base import BaseEvent
from tests.integration.test_projection_store import changes
from tests.integration.test_projection_stream import ends_of, filed, projecting, until_read
from tests.unit.projection.made import event, lay, receipt, report

GROUPS: Groups = read_groups()


@asynccontextmanager
async def rebuilding(bus: Bus, url: str) -> AsyncIterator[Rebuild]:
    work = Rebuild(bus, url, GROUPS)
    try:
        yield work
    finally:
        await work.close()


async def rebuild(bus: Bus, url: str) -> Compared:
    """Rebuild and switch, whatever the comparison says."""
    async with rebuilding(bus, url) as work:
        total, steps = await work.begin(), list[int]()
        assert await work.build(steps.append) == sum(steps) == total
        compared = await work.compare()
        await work.switch()
        return compared


async def numbered(engine: Engine) -> list[tuple[int, str]]:
    found, _ = await feed_after(engine, 0, EventFilter(), 10_000)
    return [(number, e.id) for number, e in found]


async def until_at(engine: Engine, slot: Slot) -> None:
    async with asyncio.timeout(20):
        while place_of(engine).slot != slot:  # noqa: ASYNC110  the projector tells nobody
            await asyncio.sleep(0.02)


async def test_a_rebuild_equals_the_live_and_takes_over_while_both_are_read(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    async with EmbeddedBus(tmp_path / "log.sqlite") as bus, projecting(EmbeddedBus(tmp_path / "log.sqlite"), engine):
        async with rebuilding(bus, database_url) as work:
            await work.begin()  # makes the topics
        await bus.publish(filed(60))
        await until_read(engine, await ends_of(bus))
        before, asked, done = await numbered(engine), 0, asyncio.Event()

        async def ask() -> None:
            nonlocal asked
            while not done.is_set():
                page = await events_page(engine, EventFilter(), 1_000, None)
                assert len(page.items) >= 52
                asked += 1
                await asyncio.sleep(0.01)

        asking = asyncio.create_task(ask())
        slots: tuple[Slot, ...] = ("b", "a")
        for slot in slots:  # and back
            compared = await rebuild(bus, database_url)
            assert compared.live is not None
            assert compared.live.parts == compared.rebuilt.parts
            await until_at(engine, slot)
            assert await numbered(engine) == before
        await bus.publish(filed(63))
        await until_read(engine, await ends_of(bus))
        done.set()
        await asking
        assert asked > 0
        assert await feed_last(engine) == len(before) + 3


async def schema(engine: Engine) -> set[str]:
    """The names of all indexes and triggers."""
    if engine.dialect.name == "postgresql":
        query = "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()"
    else:
        query = "SELECT name FROM sqlite_master WHERE type IN ('index', 'trigger')"
    async with engine.connect() as connection:
        return set((await connection.execute(text(query))).scalars())


async def test_a_rebuild_ends_with_the_indexes_it_began_without_though_one_was_killed(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    async with EmbeddedBus(tmp_path / "log.sqlite") as bus:
        async with rebuilding(bus, database_url) as killed:
            await killed.begin()
            await bus.publish(filed(5))
        wanted = await schema(engine)
        assert any("ix_events" in name for name in wanted)
        await rebuild(bus, database_url)
        assert await follow(engine)
        assert await schema(engine) == wanted
        found = await events_page(engine, EventFilter(q="report"), 10, None)
        assert len(found.items) == 5  # the index of words was filled too


async def test_the_map_answers_at_once_after_the_switch(
    engine: Engine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.projection.store.read_map.DUE_MAX", 0)  # nothing may wait to be worked out
    async with EmbeddedBus(tmp_path / "log.sqlite") as bus:
        async with rebuilding(bus, database_url) as work:
            await work.begin()
        await bus.publish(filed(12))
        await rebuild(bus, database_url)
        assert await follow(engine)
        listed = await incidents_page(engine, EventFilter(), 100, None, keep=lambda _: True)
        assert (await map_cells(engine, MapFilter(EventFilter()), None, 4)).incidents == len(listed.items) > 3


async def test_what_differs_is_named(engine: Engine, database_url: str, tmp_path: Path) -> None:
    async with EmbeddedBus(tmp_path / "log.sqlite") as bus:
        async with projecting(EmbeddedBus(tmp_path / "log.sqlite"), engine):
            async with rebuilding(bus, database_url) as work:
                await work.begin()
            await bus.publish(filed(12))
            await until_read(engine, await ends_of(bus))
        async with writing(engine).begin() as connection:
            await connection.execute(text("UPDATE events SET status = 'ended' WHERE kind = 'airstrike'"))
        compared = await rebuild(bus, database_url)
        assert not compared.equal
        assert [name for name, live, rebuilt in compared.pairs() if live != rebuilt] == ["events"]


async def test_live_read_models_that_lag_are_not_compared_but_replaced(
    engine: Engine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.projection.rebuild.LIVE_WAIT_S", 0.0)
    async with EmbeddedBus(tmp_path / "log.sqlite") as bus:
        async with rebuilding(bus, database_url) as work:
            await work.begin()
        await bus.publish(filed(5))
        compared = await rebuild(bus, database_url)
        assert compared.live is None
        assert not compared.equal
        assert await follow(engine)
        assert len((await events_page(engine, EventFilter(), 10, None)).items) == 5
        assert await feed_last(engine) == 5


async def test_what_was_live_takes_no_more_writes(engine: Engine, database_url: str, tmp_path: Path) -> None:
    one = report(1)
    told: list[BaseEvent] = [event(of=one)]
    log = changes(lay([one], told, [receipt(one, told, 0)]))
    await Writer(engine).write(log, {}, {})
    await pins.pin(engine, "1.0.0")
    async with EmbeddedBus(tmp_path / "log.sqlite") as bus:
        await rebuild(bus, database_url)
        with pytest.raises(PlaceRetired):
            await Writer(engine).write(log, {}, {})
        assert await follow(engine)
        assert not await follow(engine)
        assert await numbered(engine) == []  # the log has nothing
        await Writer(engine).write(log, {}, {})
        assert (await pins.coders(engine)).pinned == ("1.0.0",)  # it is not in the log, so it came along
        assert await numbered(engine) == [(1, told[0].id)]
