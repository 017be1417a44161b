"""`tocsin rebuild` where somebody watches: a bar, how far it is, an estimate of what is left, and the outcome."""

import asyncio
import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from services.cli.rebuild import rebuild
from services.projection.handler import handle
from services.projection.store.engine import open_engine
from services.projection.store.migrate import upgrade
from services.projection.store.write import Writer
from shared.bus.embedded import EmbeddedBus
from shared.bus.port import TopicPartition
from shared.codec import event_message, raw_message
from shared.outcome import Done
from shared.topics import SPECS, TOPICS
from tests.unit.projection.made import event, report

REPORTS = 30


async def projected(log: Path, url: str) -> None:
    """A log, and live read models that have read all of it."""
    engine = open_engine(url)
    await upgrade(engine)
    async with EmbeddedBus(log) as bus:
        await bus.create_topics(SPECS)
        told = [report(number) for number in range(REPORTS)]
        await bus.publish([message for r in told for message in (raw_message(r), event_message(event(of=r)))])
        wheres = [TopicPartition(t.name, number) for t in TOPICS for number in await bus.partitions(t.name)]
        begin, ends = await bus.beginnings(wheres), await bus.ends(wheres)
        async with bus.reader(begin) as reader:
            outcomes = []
            while reader.positions() != ends:
                outcomes += [handle(message) for message in await reader.read(1_000, 100)]
        await Writer(engine).write([o.result for o in outcomes if isinstance(o, Done)], begin, ends)
    await engine.dispose()


@pytest.mark.parametrize("terminal", [True, False])
def test_a_rebuild_shows_how_far_it_is_and_how_long_it_will_take(
    terminal: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log, url = tmp_path / "log.sqlite", f"sqlite+aiosqlite:///{tmp_path / 'readmodels.sqlite'}"
    asyncio.run(projected(log, url))
    shown = io.StringIO()

    def console(**_: object) -> Console:
        return Console(file=shown, force_terminal=terminal, width=100, no_color=True)

    monkeypatch.setattr("rich.console.Console", console)
    monkeypatch.setenv("TOCSIN_BUS_LOG_PATH", str(log))
    monkeypatch.setenv("TOCSIN_PROJECTION_DATABASE_URL", url)
    monkeypatch.chdir(tmp_path)  # where no house runs whose settings would be taken over
    rebuild(accept_difference=False, switch=True)
    told = capsys.readouterr().out
    assert f"read {2 * REPORTS} messages" in told
    assert "switched: the rebuilt read models are live" in told
    if not terminal:
        assert shown.getvalue() == ""  # a log file gets no bar
        return
    last = [line for line in re.split(r"[\r\n]", shown.getvalue()) if "rebuilding" in line][-1]
    assert f"{2 * REPORTS}/{2 * REPORTS}" in last
    assert len(re.findall(r"\d:\d\d:\d\d", last)) == 2, last  # how long it took, and how long it will still take
