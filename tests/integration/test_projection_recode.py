"""Pinned coder versions, on both databases; and `tocsin recode` and `tocsin rebuild` as commands."""

import asyncio
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli.main import app
from services.cli.problem import CliError
from services.projection.store import pins
from services.projection.store.engine import Engine, open_engine
from services.projection.store.filters import EventFilter, ReportFilter
from services.projection.store.migrate import upgrade
from services.projection.store.read import events_page, reports_page
from services.projection.store.read_operations import operations
from services.projection.store.write import Writer
from shared.bus.embedded import EmbeddedBus
from shared.codec import event_message, raw_message, receipt_message
from shared.topics import SPECS
from tests.integration.test_projection_store import changes
from tests.integration.test_projection_stream import ends_of, projecting, until_read
from tests.unit.projection.made import event, lay, receipt, report


async def counted(engine: Engine) -> set[tuple[str, str]]:
    page = await events_page(engine, EventFilter(), 100, None)
    return {(e.report_id, e.coder_version) for e in page.items}


async def test_the_pinned_version_counts_where_it_coded_else_the_newest(engine: Engine) -> None:
    one, two, three = report(1), report(2), report(3)
    versions = {one: ("1.9.0", "1.10.0"), two: ("1.9.0",), three: ("1.10.0", "2.0.0")}
    events = [event(of=of, coder_version=version) for of, coded in versions.items() for version in coded]
    silent = receipt(two, [], 1, version="1.8.0")  # an older coder that found nothing in it
    await Writer(engine).write(changes(lay(list(versions), events, [silent])), {}, {})
    newest = {(one.id, "1.10.0"), (two.id, "1.9.0"), (three.id, "2.0.0")}
    assert await counted(engine) == newest
    await pins.pin(engine, "1.9.0")
    assert await counted(engine) == {(one.id, "1.9.0"), (two.id, "1.9.0"), (three.id, "2.0.0")}
    await pins.pin(engine, "1.10.0")
    assert await counted(engine) == {(one.id, "1.10.0"), (two.id, "1.9.0"), (three.id, "1.10.0")}
    await pins.pin(engine, "1.8.0")
    assert await counted(engine) == {(one.id, "1.10.0"), (three.id, "1.10.0")}
    known = await pins.coders(engine)
    assert (known.first, known.pinned) == ("1.8.0", ("1.8.0", "1.10.0", "1.9.0", "2.0.0"))
    assert list(known.versions.items()) == [("2.0.0", 1), ("1.10.0", 2), ("1.9.0", 2), ("1.8.0", 1)]
    assert (await operations(engine)).coder_pins == known.pinned
    late = [event(of=one, coder_version="3.0.0"), event(of=report(4), coder_version="3.0.0")]
    await Writer(engine).write(changes(lay([], late, [])), {}, {})  # comes after those pinned, where they coded
    assert await counted(engine) == {(one.id, "1.10.0"), (three.id, "1.10.0"), (report(4).id, "3.0.0")}
    assert await pins.coded_by(engine, "1.9.0", [one.id, two.id, three.id]) == {one.id, two.id}
    by = await pins.events_that_count(engine, [one.id, two.id])
    assert {of: [e.coder_version for e in found] for of, found in by.items()} == {one.id: ["1.10.0"]}
    await pins.unpin(engine)
    assert await counted(engine) == newest - {(one.id, "1.10.0")} | {(one.id, "3.0.0"), (report(4).id, "3.0.0")}


BODY = "Russian jets bombed the town of Kareli on Friday, killing seven people."


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A log with a report that an old coder coded, and read models of it; the URL of those."""
    monkeypatch.chdir(tmp_path)
    url = f"sqlite+aiosqlite:///{tmp_path / 'readmodels.sqlite'}"
    monkeypatch.setenv("TOCSIN_BUS_LOG_PATH", str(tmp_path / "log.sqlite"))
    monkeypatch.setenv("TOCSIN_PROJECTION_DATABASE_URL", url)
    monkeypatch.setenv("TOCSIN_EXTRACTOR_WORKERS", "0")

    async def fill() -> None:
        of = report(1, body=BODY)
        told = [event("shelling", of, coder_version="0.0.1")]
        async with EmbeddedBus(tmp_path / "log.sqlite") as bus:
            await bus.create_topics(SPECS)
            await bus.publish([raw_message(of), *map(event_message, told)])
            await bus.publish([receipt_message(receipt(of, told, 0, version="0.0.1"))])
        await project(url, tmp_path)

    asyncio.run(fill())
    return url


async def project(url: str, folder: Path) -> None:
    """Let the projection read the log to its end."""
    engine = open_engine(url)
    await upgrade(engine)
    async with EmbeddedBus(folder / "log.sqlite") as bus, projecting(EmbeddedBus(folder / "log.sqlite"), engine):
        await until_read(engine, await ends_of(bus))
    await engine.dispose()


def tocsin(*arguments: str) -> str:
    """What a command prints. Raises what it raises."""
    result = CliRunner().invoke(app, arguments, catch_exceptions=False, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result.stdout


def test_recode_shows_the_difference_before_the_switch_and_leads_back(house: str, tmp_path: Path) -> None:
    async def kinds() -> set[str]:
        engine = open_engine(house)
        try:
            assert (await reports_page(engine, ReportFilter(), 10, None)).items
            return {e.kind for e in (await events_page(engine, EventFilter(), 10, None)).items}
        finally:
            await engine.dispose()

    said = tocsin("recode")
    assert re.search(r"airstrike +0 +1 +0 +0", said)
    assert "lost shelling in r_" in said
    asyncio.run(project(house, tmp_path))
    assert asyncio.run(kinds()) == {"shelling"}  # pinned to the old version until the switch
    new = said.split("--switch ")[1].split("`")[0]
    assert "the read models follow" in tocsin("recode", "--switch", new)
    assert "airstrike" in asyncio.run(kinds())
    tocsin("recode", "--switch", "0.0.1")
    assert asyncio.run(kinds()) == {"shelling"}
    tocsin("recode", "--switch", "newest")
    assert "airstrike" in asyncio.run(kinds())
    with pytest.raises(CliError, match="no report was coded by version '7'"):
        tocsin("recode", "--switch", "7")


def test_rebuild_and_digest_as_commands(house: str) -> None:
    before = tocsin("digest")
    said = tocsin("rebuild")
    assert "DIFFERENT" not in said
    assert "switched" in said
    assert tocsin("digest") == before
    assert "nothing was switched" in tocsin("rebuild", "--no-switch")
