"""`kill -9` at random instants: what the embedded log has acknowledged is there, in order, with dense offsets."""

import asyncio
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from shared.bus.embedded import EmbeddedBus
from shared.bus.port import Message, TopicPartition, TopicSpec

ROUNDS = 12
PARTITIONS = 3
WRITERS = 2

WRITER = """
import asyncio, sys
from pathlib import Path
from shared.bus.embedded import EmbeddedBus
from shared.bus.port import OutgoingMessage

async def publish(bus, name, batch_max):
    number = 0
    while True:
        ids = [f"{name}.{number + n}" for n in range(1 + number % batch_max)]
        number += len(ids)
        batch = [OutgoingMessage("t", name.encode(), i.encode(), (("id", i.encode()),)) for i in ids]
        for i, placed in zip(ids, await bus.publish(batch)):
            print(i, placed.partition, placed.offset, flush=True)

async def main(path, name):
    async with EmbeddedBus(Path(path)) as bus:
        await asyncio.gather(*(publish(bus, f"{name}.{task}", 1 + 7 * task) for task in range(4)))

asyncio.run(main(*sys.argv[1:]))
"""


class Writer:
    """A process that publishes as fast as it can and prints what was acknowledged."""

    def __init__(self, path: Path, name: str) -> None:
        self.acknowledged: list[str] = []
        self.first = threading.Event()
        self._process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), name], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
        )
        self._listening = threading.Thread(target=self._listen)
        self._listening.start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                if line.endswith("\n"):  # the kill may cut the last line in two
                    self.acknowledged.append(line.rstrip("\n"))
                    self.first.set()
        self.first.set()

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        assert self._process.wait() == -signal.SIGKILL
        self._listening.join()


async def everything(path: Path) -> list[Message]:
    wheres = [TopicPartition("t", number) for number in range(PARTITIONS)]
    async with EmbeddedBus(path) as bus, bus.reader(dict.fromkeys(wheres, 0)) as reader:
        messages: list[Message] = []
        while found := await reader.read(5_000, 0):
            messages += found
        assert reader.positions() == await bus.ends(wheres)
    return messages


def check(messages: Sequence[Message], acknowledged: Sequence[str]) -> None:
    for number in range(PARTITIONS):
        offsets = [each.offset for each in messages if each.partition == number]
        assert offsets == list(range(len(offsets)))
    values = [each.value.decode() for each in messages if each.value is not None]
    assert len(set(values)) == len(values) == len(messages)
    assert all(each.header("id") == each.value for each in messages)

    there = {f"{each.value.decode()} {each.partition} {each.offset}" for each in messages if each.value is not None}
    assert set(acknowledged) <= there

    by_writer: dict[str, list[int]] = {}
    for each in messages:
        assert each.key is not None
        assert each.value is not None
        by_writer.setdefault(each.key.decode(), []).append(int(each.value.decode().rpartition(".")[2]))
    for numbers in by_writer.values():  # each publisher's messages, in its order, whole batches, none left out
        assert numbers == list(range(len(numbers)))


async def test_what_was_acknowledged_outlasts_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    async with EmbeddedBus(path) as bus:
        await bus.create_topics([TopicSpec("t", PARTITIONS)])
    chance = random.Random(20080808)
    acknowledged: list[str] = []
    for number in range(ROUNDS):
        writers = [Writer(path, f"r{number}w{writer}") for writer in range(WRITERS)]
        try:
            for writer in writers:
                await asyncio.to_thread(writer.first.wait)
            await asyncio.sleep(chance.uniform(0, 0.15))
        finally:
            for writer in writers:
                writer.kill()
                acknowledged += writer.acknowledged
        assert all(writer.acknowledged for writer in writers)
        check(await everything(path), acknowledged)
    assert len(acknowledged) > ROUNDS * WRITERS
