"""Whatever happens on the way of a log into the database, the read models are those of the plain run in order.

A machine writes a log step by step (reports, corrections, retractions, denials, recodings, receipts, dead letters),
delivers any of it at any time, again and doubled, forgets what it holds in memory, and compares digests.
"""

import asyncio
import random
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from services.projection.changes import Change
from services.projection.core.times import microseconds
from services.projection.groups import read_groups
from services.projection.handler import handle
from services.projection.store.digest import Digest, digest
from services.projection.store.engine import Engine, open_engine, writing
from services.projection.store.migrate import upgrade
from services.projection.store.read_operations import operations
from services.projection.store.tables import Base
from services.projection.store.write import PositionsMoved, Writer
from shared.bus.dead_letters import DeadLetter
from shared.bus.port import Message, OutgoingMessage, TopicPartition
from shared.codec import dead_letter_message, event_message, raw_message, receipt_message
from shared.events.base import BaseEvent, Occurred, Participant, Place, Precision
from shared.outcome import Done
from shared.reports import RawReport
from tests.integration import postgres
from tests.unit.projection.made import GEORGIA, GORI, KARELI, NOON, RUSSIA, count, event, receipt, report

GROUPS: Final = read_groups()
WRITES: Final = TopicPartition("test.writes", 0)
"""A partition of the test's own: counts the batches, so that a writer who read an old state is found out."""
REPORTS_MAX: Final = 10
EVENTS_MAX: Final = 24


@dataclass(frozen=True)
class Shape:
    """What an event says: few values, so that many tell of one occurrence."""

    kind: str
    place: Place
    agent: Participant
    hours: int | None
    precision: Precision
    killed: int
    version: str


SHAPES: Final = st.builds(
    Shape,
    kind=st.sampled_from(["airstrike", "airstrike", "airstrike", "ground_combat", "shelling", "flight_ban"]),
    place=st.sampled_from([GORI, GORI, GORI, KARELI]),
    agent=st.sampled_from([RUSSIA, RUSSIA, RUSSIA, GEORGIA]),
    hours=st.sampled_from([None, -3, -2, 4]),
    precision=st.sampled_from(["hour", "part_of_day", "day"]),
    killed=st.sampled_from([0, 6, 6, 30]),
    version=st.sampled_from(["1.0.0", "1.0.0", "1.0.0", "1.10.0"]),
)


def changes(messages: Sequence[Message]) -> list[Change]:
    outcomes = [handle(message) for message in messages]
    return [outcome.result for outcome in outcomes if isinstance(outcome, Done)]


async def emptied(url: str) -> Engine:
    """An engine on a database of today's schema that holds nothing."""
    engine = open_engine(url)
    await upgrade(engine)
    async with writing(engine).begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            await connection.execute(table.delete())
    return engine


class Deliveries(RuleBasedStateMachine):
    """`url` is where the log is delivered, `plain_url` where it is written again in order."""

    def __init__(self, url: str, plain_url: str) -> None:
        super().__init__()
        self.url, self.plain_url = url, plain_url
        self.runner = asyncio.Runner()
        self.engine = self.runner.run(emptied(url))
        self.writer = Writer(self.engine)
        self.batches = 0
        self.log: list[Message] = []
        self.offsets: dict[str, int] = {}
        self.delivered: set[int] = set()
        self.reports: list[tuple[RawReport, int]] = []
        self.events: list[BaseEvent] = []

    def lay(self, message: OutgoingMessage) -> int:
        """Put a message on the log; its offset in its topic."""
        offset = self.offsets.get(message.topic, 0)
        self.offsets[message.topic] = offset + 1
        self.log.append(Message(message.topic, 0, offset, 0, message.key, message.value, message.headers))
        return offset

    @precondition(lambda self: len(self.reports) < REPORTS_MAX)
    @rule(data=st.data(), outlet=st.sampled_from(["Wire", "Agency", "Daily"]))
    def a_report(self, data: st.DataObject, outlet: str) -> None:
        """A report, which may correct or retract an earlier one."""
        number = len(self.reports)
        earlier = data.draw(st.sampled_from([None, None, *(r.id for r, _ in self.reports)]))
        retracts = earlier is not None and data.draw(st.booleans())
        made = report(number, outlet=outlet, supersedes=earlier, retracts=retracts)
        self.reports.append((made, self.lay(raw_message(made))))

    @initialize(shapes=st.lists(SHAPES, min_size=3, max_size=6))
    def several_outlets_tell_of_one_day(self, shapes: list[Shape]) -> None:
        for shape in shapes:
            made = report(len(self.reports), outlet=f"Outlet {len(self.reports)}")
            self.reports.append((made, self.lay(raw_message(made))))
            self.tell(made, shape)

    @precondition(lambda self: self.reports and len(self.events) < EVENTS_MAX)
    @rule(data=st.data(), shape=SHAPES)
    def an_event(self, data: st.DataObject, shape: Shape) -> None:
        """An event of a report, by the present coder or a newer one."""
        of, _ = data.draw(st.sampled_from(self.reports))
        self.tell(of, shape)

    def tell(self, of: RawReport, shape: Shape) -> None:
        counted = (count("killed", shape.killed, shape.killed),) if shape.killed else ()
        occurred = None
        if shape.hours is not None:
            occurred = Occurred(start=NOON + timedelta(hours=shape.hours), precision=shape.precision)
        made = event(
            shape.kind,
            of,
            ordinal=len(self.events),
            coder_version=shape.version,
            places=(shape.place,),
            participants=(shape.agent,),
            occurred=occurred,
            quantities=counted,
        )
        self.events.append(made)
        self.lay(event_message(made))

    @precondition(lambda self: self.events and len(self.events) < EVENTS_MAX)
    @rule(data=st.data())
    def a_denial(self, data: st.DataObject) -> None:
        """A denial of an event, of its own report or another."""
        of, _ = data.draw(st.sampled_from(self.reports))
        denied = data.draw(st.sampled_from(self.events))
        made = event("denial", of, ordinal=len(self.events), participants=(RUSSIA,), denies=(denied.id,))
        self.events.append(made)
        self.lay(event_message(made))

    @precondition(lambda self: self.reports)
    @rule(data=st.data(), version=st.sampled_from(["1.0.0", "1.10.0"]))
    def a_receipt(self, data: st.DataObject, version: str) -> None:
        """The receipt of a coder that found what is there, or, of a new one, nothing."""
        of, offset = data.draw(st.sampled_from(self.reports))
        found = [e for e in self.events if e.coder_version == version]
        self.lay(receipt_message(receipt(of, found, offset, version)))

    @rule()
    def a_dead_letter(self) -> None:
        """A raw message that nobody can read, and its burial."""
        offset = self.lay(OutgoingMessage("reports.raw.v1", None, b"{", ()))
        broken = Message("reports.raw.v1", 0, offset, 0, None, b"{", ())
        letter = DeadLetter.of(broken, reason="not_json", detail="x", handler="extractor", died_at=NOON)
        self.lay(dead_letter_message(letter))

    def write(self, numbers: Sequence[int]) -> None:
        before, after = {WRITES: self.batches}, {WRITES: self.batches + 1}
        self.runner.run(self.writer.write(changes([self.log[n] for n in numbers]), before, after))
        self.batches += 1
        self.delivered.update(numbers)

    @precondition(lambda self: self.log)
    @rule(chance=st.randoms(use_true_random=False), size=st.integers(1, 12))
    def deliver_any(self, chance: random.Random, size: int) -> None:
        """Some of the log in any order, delivered before or not, some of it twice in one batch."""
        numbers = chance.choices(range(len(self.log)), k=size)
        self.write(numbers)

    @precondition(lambda self: len(self.delivered) < len(self.log))
    @rule()
    def deliver_the_rest(self) -> None:
        self.write([n for n in range(len(self.log)) if n not in self.delivered])

    @precondition(lambda self: self.delivered)
    @rule(chance=st.randoms(use_true_random=False))
    def deliver_again(self, chance: random.Random) -> None:
        """All that was ever delivered, backwards or shuffled, as after a lost position."""
        numbers = sorted(self.delivered, reverse=True)
        if chance.random() < 0.5:
            chance.shuffle(numbers)
        self.write(numbers)

    @precondition(lambda self: self.log and self.batches)
    @rule()
    def a_writer_that_is_behind_writes_nothing(self) -> None:
        late = Writer(self.engine)
        stale = {WRITES: self.batches - 1}
        with pytest.raises(PositionsMoved):
            self.runner.run(late.write(changes(self.log), stale, {WRITES: self.batches}))

    @rule()
    def restart(self) -> None:
        """Another process on the same database."""
        self.runner.run(self.engine.dispose())
        self.engine = open_engine(self.url)
        self.writer = Writer(self.engine)

    @rule(as_of_minutes=st.sampled_from([None, 2, 5]))
    def compare(self, as_of_minutes: int | None) -> None:
        """Now, or as of an instant between two reports."""
        as_of_us = None if as_of_minutes is None else microseconds(NOON + timedelta(minutes=as_of_minutes))
        ours = self.runner.run(digest(self.engine, GROUPS, as_of_us))
        assert ours.parts == self.runner.run(self._plain(as_of_us)).parts

    async def _plain(self, as_of_us: int | None) -> Digest:
        engine = await emptied(self.plain_url)
        try:
            for number in sorted(self.delivered):
                await Writer(engine).write(changes([self.log[number]]), {}, {})
            return await digest(engine, GROUPS, as_of_us)
        finally:
            await engine.dispose()

    @invariant()
    def the_feed_numbers_each_event_once(self) -> None:
        found = self.runner.run(operations(self.engine))
        delivered = {m.key for n in self.delivered if (m := self.log[n]).topic.startswith("events.")}
        assert found.events == found.feed_last
        assert (found.events > 0) == bool(delivered)

    def teardown(self) -> None:
        try:
            if self.log:
                self.write([n for n in range(len(self.log)) if n not in self.delivered])
            self.compare(None)
        finally:
            self.runner.run(self.engine.dispose())
            self.runner.close()


def check(url: str, plain_url: str, examples: int) -> None:
    class Here(Deliveries):
        def __init__(self) -> None:
            super().__init__(url, plain_url)

    held = settings(
        max_examples=examples, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(Here, settings=held)


@pytest.fixture
def lite_urls(tmp_path: Path) -> tuple[str, str]:
    """Two SQLite databases with the schema, made once."""
    first, second = tmp_path / "read-models.sqlite", tmp_path / "plain.sqlite"

    async def make() -> None:
        engine = await emptied(f"sqlite+aiosqlite:///{first}")
        await engine.dispose()

    asyncio.run(make())
    shutil.copy(first, second)
    return f"sqlite+aiosqlite:///{first}", f"sqlite+aiosqlite:///{second}"


def test_any_way_of_delivery_gives_the_plain_digest_on_sqlite(lite_urls: tuple[str, str]) -> None:
    check(*lite_urls, examples=15)


@pytest.mark.slow
def test_any_way_of_delivery_gives_the_plain_digest_on_postgres(
    postgres_server: str, lite_urls: tuple[str, str]
) -> None:
    """The plain run is on SQLite, so this compares the databases as well."""
    with postgres.database(postgres_server) as url:
        check(url, lite_urls[1], examples=4)
