"""Dead letters on a real embedded log: seen, shown, and put back on their topic."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.cli import dead_letters
from services.cli.problem import CliError
from shared.bus.dead_letters import DeadLetter
from shared.bus.embedded import EmbeddedBus
from shared.bus.port import Message, OutgoingMessage, TopicPartition
from shared.codec import dead_letter_message
from shared.topics import RAW, SPECS

BAD = b"no \x1b[31mJSON"


@pytest.fixture(autouse=True)
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A log with one bad raw message and its dead letter, twice, as after a replay that failed again."""
    path = tmp_path / "log.sqlite"

    async def fill() -> None:
        async with EmbeddedBus(path) as bus:
            await bus.create_topics(SPECS)
            (lies,) = await bus.publish([OutgoingMessage(RAW.name, b"k", BAD, (("ce_id", b"1"),))])
            bad = Message(RAW.name, lies.partition, lies.offset, 0, b"k", BAD, (("ce_id", b"1"),))
            died_at = datetime(2008, 8, 8, tzinfo=UTC)
            letter = DeadLetter.of(bad, reason="not_json", detail="bad", handler="extractor", died_at=died_at)
            await bus.publish([dead_letter_message(letter)] * 2)

    asyncio.run(fill())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOCSIN_BUS_LOG_PATH", str(path))
    monkeypatch.delenv("TOCSIN_BUS_BOOTSTRAP_SERVERS", raising=False)
    return path


def listed(capsys: pytest.CaptureFixture[str]) -> str:
    dead_letters.list_()
    (line,) = capsys.readouterr().out.splitlines()
    return line


def test_list_and_show_never_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    line = listed(capsys)
    assert "not_json: bad" in line
    dead_letters.show([line.split()[0]])
    shown = capsys.readouterr().out
    assert "no  [31mJSON" in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize("everything", [True, False])
def test_replay_puts_the_original_bytes_on_their_topic_again(
    everything: bool, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = listed(capsys).split()[0]
    dead_letters.replay(None if everything else [place], everything)
    assert "replayed 1 message" in capsys.readouterr().out

    async def read() -> tuple[Message, ...]:
        async with EmbeddedBus(log) as bus:
            where = TopicPartition(RAW.name, int(place.split("/")[1]))
            async with bus.reader({where: 0}) as reader:
                return await reader.read(10, 500)

    first, second = asyncio.run(read())
    assert (second.key, second.value, second.headers) == (first.key, first.value, first.headers)


def test_an_unknown_place_is_one_clear_line() -> None:
    with pytest.raises(CliError, match=r"no dead letter of reports\.raw\.v1/5/5"):
        dead_letters.replay(["reports.raw.v1/5/5"], False)
