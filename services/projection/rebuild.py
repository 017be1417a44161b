"""Builds the read models afresh from the log beside the live ones, compares them, and switches in one step."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from services.projection.core.casualties import Groups
from services.projection.handler import handle
from services.projection.store.building import drop_indexes, make_indexes, settle, wipe
from services.projection.store.carry import carry, carry_pins
from services.projection.store.digest import Digest, digest, digest_on
from services.projection.store.engine import Engine, follow, lock_writer, open_engine, writing
from services.projection.store.keep_map import keep_up
from services.projection.store.migrate import upgrade
from services.projection.store.places import make_room, other, place_of, set_live
from services.projection.store.read import snapshot
from services.projection.store.write import Writer, read_positions
from shared.bus.port import Bus, TopicPartition
from shared.outcome import Done
from shared.topics import SPECS, TOPICS

BATCH_MESSAGES: Final = 10_000
"""Nobody waits for a batch here, so it may be larger than the live one's."""
READ_WAIT_MS: Final = 200
LIVE_WAIT_S: Final = 15.0
"""How long the live read models may take to read as far as the new ones; longer, and they can't be compared."""
LOOK_EVERY_S: Final = 0.1

Positions = Mapping[TopicPartition, int]


@dataclass(frozen=True, slots=True)
class Compared:
    """`live` is None where the live read models had not read as far: then nothing can be said."""

    live: Digest | None
    rebuilt: Digest

    @property
    def equal(self) -> bool:
        return self.live is not None and self.live.whole == self.rebuilt.whole

    def pairs(self) -> list[tuple[str, str, str]]:
        """Each part's name with its digest in the live and in the rebuilt read models."""
        live = self.live.parts if self.live else {}
        return [(name, live.get(name, ""), part) for name, part in sorted(self.rebuilt.parts.items())]


class Rebuild:
    """One rebuild: `build`, then `compare`, then `switch`. The live read models answer, and move on, all the while."""

    def __init__(self, bus: Bus, url: str, groups: Groups) -> None:
        self._bus, self._url, self._groups = bus, url, groups
        self._live = open_engine(url)
        self._spare: Engine | None = None
        self._indexes: tuple[str, ...] = ()

    async def close(self) -> None:
        await self._live.dispose()
        if self._spare is not None:
            await self._spare.dispose()

    async def begin(self) -> int:
        """Empty the place beside the live one; how many messages there are to read."""
        await self._bus.create_topics(SPECS)
        await follow(self._live)
        await upgrade(self._live)
        async with writing(self._live).begin() as connection:
            await make_room(connection)
        self._spare = open_engine(self._url, other(place_of(self._live).slot), building=True)
        await wipe(self._spare)
        await upgrade(self._spare)
        self._indexes = await drop_indexes(self._spare)
        begin, end = await self._bus.beginnings(await self._wheres()), await self._bus.ends(await self._wheres())
        return sum(end.values()) - sum(begin.values())

    async def build(self, advance: Callable[[int], None]) -> int:
        """Read the log to its present end; how many messages were read. `advance` is told of each batch."""
        assert self._spare is not None, "begin first"
        count = await self._catch_up(await self._bus.ends(await self._wheres()), advance)
        await make_indexes(self._spare, self._indexes)
        await settle(self._spare)
        self._spare = open_engine(self._url, place_of(self._spare).slot)
        return count

    async def compare(self) -> Compared:
        """The digests of both at one position of the log."""
        assert self._spare is not None, "begin first"
        until_s = time.monotonic() + LIVE_WAIT_S
        while True:
            reached = await Writer(self._spare).positions()
            async with snapshot(self._live) as connection:
                positions = await read_positions(connection)
                if all(positions.get(where, 0) >= offset for where, offset in reached.items()):
                    await carry_pins(connection, self._spare)
                    await self._catch_up(positions)
                    return Compared(await digest_on(connection, self._groups), await digest(self._spare, self._groups))
            if time.monotonic() > until_s:
                return Compared(None, await digest(self._spare, self._groups))
            await asyncio.sleep(LOOK_EVERY_S)

    async def switch(self) -> None:
        """Bring the new read models to where the live ones are, and make them the live ones.

        What is not in the log goes along: the numbers of the feed, the pins, webhooks and their deliveries. The live
        ones are not written meanwhile, but read. Raises PlaceRetired where somebody else has switched.
        """
        assert self._spare is not None, "begin first"
        while await keep_up(self._spare):  # else the map would answer 503 until the projection has worked it out
            pass
        async with writing(self._live).begin() as connection:
            await lock_writer(connection)
            await self._catch_up(await read_positions(connection))
            await carry(connection, self._spare)
            await set_live(connection, place_of(self._spare).slot)

    async def _wheres(self) -> list[TopicPartition]:
        return [TopicPartition(t.name, number) for t in TOPICS for number in await self._bus.partitions(t.name)]

    async def _catch_up(self, ends: Positions, advance: Callable[[int], None] | None = None) -> int:
        """Read up to `ends`, and no message behind them."""
        assert self._spare is not None, "begin first"
        writer = Writer(self._spare)
        at = await self._bus.beginnings(list(ends)) | {w: o for w, o in (await writer.positions()).items() if w in ends}
        behind = {where: offset for where, offset in at.items() if offset < ends[where]}
        count = 0
        if not behind:
            return count
        async with self._bus.reader(behind) as reader:
            while any(offset < ends[where] for where, offset in behind.items()):
                messages = [
                    m for m in await reader.read(BATCH_MESSAGES, READ_WAIT_MS) if m.offset < ends[m.where]
                ]  # fmt: skip
                reached = {where: min(offset, ends[where]) for where, offset in reader.positions().items()}
                after = {where: offset for where, offset in reached.items() if offset != behind[where]}
                # What can't be read has its dead letter on the log already, from when it was first read.
                outcomes = [handle(message) for message in messages]
                changes = [outcome.result for outcome in outcomes if isinstance(outcome, Done)]
                await writer.write(changes, {where: behind[where] for where in after}, after)
                behind = reached
                count += len(messages)
                if advance is not None:
                    advance(len(messages))
        return count
