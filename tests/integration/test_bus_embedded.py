"""What only the embedded log has: one file, several processes, a disk that fills, a lock that stays, damage."""

import asyncio
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from shared.bus.embedded import EmbeddedBus
from shared.bus.embedded_schema import connect
from shared.bus.port import BusUnavailable, OutgoingMessage, TopicPartition, TopicSpec

THERE = TopicPartition("t", 0)


def message(value: bytes = b"v") -> OutgoingMessage:
    return OutgoingMessage("t", b"k", value)


def run(script: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    )


PUBLISH = """
import asyncio, sys
from pathlib import Path
from shared.bus.embedded import EmbeddedBus
from shared.bus.port import OutgoingMessage, TopicSpec

async def main(path, name):
    async with EmbeddedBus(Path(path)) as bus:
        await bus.create_topics([TopicSpec("t", 1)])
        for number in range(200):
            await bus.publish([OutgoingMessage("t", b"k", f"{name} {number}".encode())])

asyncio.run(main(*sys.argv[1:]))
"""


async def test_processes_that_start_at_once_share_a_new_file(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "log.sqlite"
    processes = [run(PUBLISH, str(path), str(name)) for name in range(4)]
    assert [await asyncio.to_thread(process.wait) for process in processes] == [0] * 4
    for process in processes:
        assert process.stdout is not None
        process.stdout.close()
    async with EmbeddedBus(path) as bus, bus.reader({THERE: 0}) as reader:
        messages = await reader.read(1_000, 0)
    assert [each.offset for each in messages] == list(range(800))
    for name in range(4):
        mine = [each.value for each in messages if each.value and each.value.startswith(b"%d " % name)]
        assert mine == [b"%d %d" % (name, number) for number in range(200)]


async def test_a_reader_follows_another_process_without_holes(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    async with EmbeddedBus(path) as bus:
        await bus.create_topics([TopicSpec("t", 1)])
        processes = [run(PUBLISH, str(path), str(name)) for name in range(2)]
        offsets: list[int] = []
        async with bus.reader({THERE: 0}) as reader:
            while len(offsets) < 400:
                offsets += [each.offset for each in await reader.read(50, 10_000)]
        assert offsets == list(range(400))
        for process in processes:
            assert await asyncio.to_thread(process.wait) == 0
            assert process.stdout is not None
            process.stdout.close()


async def test_a_partition_that_is_full_does_not_starve_another(embedded_bus: EmbeddedBus) -> None:
    await embedded_bus.create_topics([TopicSpec("t", 1), TopicSpec("u", 1)])
    await embedded_bus.publish([message()] * 100)
    await embedded_bus.publish([OutgoingMessage("u", b"k", b"other")])
    async with embedded_bus.reader({THERE: 0, TopicPartition("u", 0): 0}) as reader:
        first = await reader.read(10, 0)
        second = await reader.read(10, 0)
    assert {each.topic for each in first} == {"t"}
    assert second[0].topic == "u"


async def test_a_read_is_limited_in_bytes_too(embedded_bus: EmbeddedBus) -> None:
    await embedded_bus.create_topics([TopicSpec("t", 1)])
    for _ in range(5):
        await embedded_bus.publish([message(b"x" * 1_000_000)] * 8)
    async with embedded_bus.reader({THERE: 0}) as reader:
        sizes = [len(await reader.read(1_000, 0)) for _ in range(3)]
    assert sizes == [34, 6, 0]


async def test_a_lock_that_stays_is_unavailable_and_then_not(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    async with EmbeddedBus(path, busy_ms_max=50) as bus:
        await bus.create_topics([TopicSpec("t", 1)])
        with sqlite3.connect(path, isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(BusUnavailable, match="another process holds it"):
                await bus.publish([message()])
            assert await bus.ends([THERE]) == {THERE: 0}  # reading needs no lock
            other.execute("ROLLBACK")
        other.close()
        assert (await bus.publish([message()]))[0].offset == 0


FILL = """
import asyncio, resource, sys
from pathlib import Path
from shared.bus.embedded import EmbeddedBus
from shared.bus.port import BusUnavailable, OutgoingMessage, TopicPartition, TopicSpec

async def main(path):
    there = TopicPartition("t", 0)
    async with EmbeddedBus(Path(path)) as bus:
        await bus.create_topics([TopicSpec("t", 1)])
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, resource.RLIM_INFINITY))
        stored = 0
        try:
            while True:
                stored += len(await bus.publish([OutgoingMessage("t", b"k", b"x" * 100_000)]))
        except BusUnavailable as error:
            print(error)
        assert await bus.ends([there]) == {there: stored}, "what was refused lies there"
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        placed = await bus.publish([OutgoingMessage("t", b"k", b"again")])
        assert placed[0].offset == stored
        print(stored)

asyncio.run(main(sys.argv[1]))
"""


def test_a_disk_that_takes_no_more_is_unavailable_and_then_not(tmp_path: Path) -> None:
    process = run(FILL, str(tmp_path / "log.sqlite"))
    printed, _ = process.communicate(timeout=60)
    assert process.returncode == 0, printed
    said, stored = printed.splitlines()
    assert "can't be used" in said
    assert "disk" in said
    assert int(stored) > 5


async def test_a_damaged_file_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    path.write_bytes(b"this is no log " * 1000)
    with pytest.raises(BusUnavailable, match="the file is damaged"):
        async with EmbeddedBus(path):
            pass
    assert path.read_bytes() == b"this is no log " * 1000


async def test_damage_while_it_is_open_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    async with EmbeddedBus(path) as bus:
        await bus.create_topics([TopicSpec("t", 1)])
        await bus.publish([message(b"x" * 50_000)])
    damaged = bytearray(path.read_bytes())
    damaged[4096:] = b"\xff" * (len(damaged) - 4096)
    path.write_bytes(damaged)
    async with EmbeddedBus(path) as bus, bus.reader({THERE: 0}) as reader:
        with pytest.raises(BusUnavailable, match="the file is damaged"):
            await reader.read(1, 0)
        with pytest.raises(BusUnavailable, match="the file is damaged"):
            await bus.publish([message()])


async def test_somebody_elses_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE theirs (x)")
    other.commit()
    other.close()
    with pytest.raises(BusUnavailable, match="a database of something else"):
        async with EmbeddedBus(path):
            pass


async def test_a_folder_that_can_not_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BusUnavailable, match="check that its folder exists"):
        async with EmbeddedBus(tmp_path / "file" / "log.sqlite"):
            pass


async def test_a_closed_bus_says_so(tmp_path: Path) -> None:
    bus = EmbeddedBus(tmp_path / "log.sqlite")
    async with bus:
        await bus.create_topics([TopicSpec("t", 1)])
    with pytest.raises(BusUnavailable, match="not open"):
        await bus.publish([message()])
    with pytest.raises(BusUnavailable, match="not open"):
        await bus.ends([THERE])


async def test_what_was_asked_before_closing_is_done(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    async with EmbeddedBus(path) as bus:
        await bus.create_topics([TopicSpec("t", 1)])
        asked = [asyncio.ensure_future(bus.publish([message()])) for _ in range(100)]
        await asyncio.sleep(0)
    assert sorted(placed[0].offset for placed in await asyncio.gather(*asked)) == list(range(100))


async def test_a_cancelled_publish_leaves_the_others_alone(embedded_bus: EmbeddedBus) -> None:
    await embedded_bus.create_topics([TopicSpec("t", 1)])
    asked = [asyncio.ensure_future(embedded_bus.publish([message(b"%d" % n)])) for n in range(20)]
    await asyncio.sleep(0)
    for each in asked[::2]:
        each.cancel()
    await asyncio.gather(*asked[1::2])
    async with embedded_bus.reader({THERE: 0}) as reader:
        values = {each.value for each in await reader.read(100, 0)}
    assert values >= {b"%d" % n for n in range(1, 20, 2)}


async def test_every_commit_is_synced(embedded_bus: EmbeddedBus, tmp_path: Path) -> None:
    """The setting that `nothing acknowledged is lost` hangs on, as SQLite itself sees it."""
    connection = connect(tmp_path / "log.sqlite", 1_000)
    try:
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    finally:
        connection.close()
