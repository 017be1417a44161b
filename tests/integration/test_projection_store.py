"""The store on both databases: any order, doubling and batching of a log gives the same read models."""

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from services.extractor import handler as extractor_handler
from services.projection.changes import Change
from services.projection.groups import read_groups
from services.projection.handler import handle
from services.projection.store.digest import Digest, digest
from services.projection.store.engine import Engine, open_engine, writing
from services.projection.store.filters import EventFilter, ReportFilter
from services.projection.store.migrate import SchemaTooNew, downgrade, upgrade
from services.projection.store.read import events_page, feed_after, reports_page
from services.projection.store.read_operations import operations, owed_offsets
from services.projection.store.tables import Base
from services.projection.store.write import PositionsMoved, Writer
from shared.bus.dead_letters import DeadLetter
from shared.bus.port import Message, TopicPartition
from shared.codec import dead_letter_message
from shared.events.base import Evidence
from shared.outcome import Dead, Done
from shared.topics import RAW
from tests.integration import postgres, tiny_coder
from tests.unit.projection.made import NOON, event, lay, logs, receipt, report

GROUPS = read_groups()
RAW_0 = TopicPartition("reports.raw.v1", 0)


def changes(messages: Sequence[Message]) -> list[Change]:
    outcomes = [handle(message) for message in messages]
    return [outcome.result for outcome in outcomes if isinstance(outcome, Done)]


async def project(url: str, batches: Sequence[Sequence[Message]]) -> Digest:
    """The digest of an empty database after these batches."""
    engine = open_engine(url)
    try:
        await upgrade(engine)
        async with writing(engine).begin() as connection:
            for table in reversed(Base.metadata.sorted_tables):
                await connection.execute(table.delete())
        for batch in batches:
            await Writer(engine).write(changes(batch), {}, {})
        return await digest(engine, GROUPS)
    finally:
        await engine.dispose()


def shuffled(log: Sequence[Message], chance: random.Random) -> list[list[Message]]:
    """The same log in any order, some of it doubled, in any batches."""
    order = [*log, *chance.sample(log, k=len(log) // 2)]
    chance.shuffle(order)
    batches: list[list[Message]] = []
    while order:
        size = chance.randint(1, len(order))
        batches.append(order[:size])
        order = order[size:]
    return batches


def check_order_independence(url: str, log: list[Message], chance: random.Random) -> None:
    async def both() -> tuple[Digest, Digest]:
        return await project(url, [log]), await project(url, shuffled(log, chance))

    in_order, in_disorder = asyncio.run(both())
    assert in_disorder.parts == in_order.parts


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(log=logs(), chance=st.randoms(use_true_random=False))
def test_any_order_doubling_and_batching_gives_the_same_digest_on_sqlite(
    log: list[Message], chance: random.Random, tmp_path: Path
) -> None:
    check_order_independence(f"sqlite+aiosqlite:///{tmp_path / 'readmodels.sqlite'}", log, chance)


def test_any_order_doubling_and_batching_gives_the_same_digest_on_postgres(postgres_server: str) -> None:
    with postgres.database(postgres_server) as url:

        @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
        @given(log=logs(), chance=st.randoms(use_true_random=False))
        def check(log: list[Message], chance: random.Random) -> None:
            check_order_independence(url, log, chance)

        check()


def test_both_databases_give_the_same_digest(postgres_server: str, tmp_path: Path) -> None:
    with postgres.database(postgres_server) as url:

        @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
        @given(log=logs())
        def check(log: list[Message]) -> None:
            async def both() -> tuple[Digest, Digest]:
                lite = f"sqlite+aiosqlite:///{tmp_path / 'readmodels.sqlite'}"
                return await project(lite, [log]), await project(url, [log])

            on_sqlite, on_postgres = asyncio.run(both())
            assert on_postgres.parts == on_sqlite.parts

        check()


async def test_rows_and_positions_commit_together(engine: Engine) -> None:
    one = report(1)
    writer = Writer(engine)
    log = lay([one], [event(of=one)], [])
    await writer.write(changes(log), {RAW_0: 0}, {RAW_0: 1})
    assert await writer.positions() == {RAW_0: 1}
    with pytest.raises(PositionsMoved):  # a second projection that read the same batch
        await Writer(engine).write(changes(lay([report(2)], [], [])), {RAW_0: 0}, {RAW_0: 1})
    assert (await operations(engine)).reports == 1


async def test_of_many_writers_one_moves_the_position(engine: Engine) -> None:
    async def write(number: int) -> bool:
        try:
            await Writer(engine).write(changes(lay([report(number)], [], [])), {RAW_0: 0}, {RAW_0: 1})
        except PositionsMoved:
            return False
        return True

    assert sum(await asyncio.gather(*(write(number) for number in range(5)))) == 1
    assert (await operations(engine)).reports == 1


async def test_what_is_owed_is_known(engine: Engine) -> None:
    reports = [report(number) for number in range(4)]
    log = lay(reports, [], [receipt(reports[0], [], 0), receipt(reports[2], [], 2)], bury=True)
    writer = Writer(engine)
    await writer.write(changes(log), {}, {})
    assert await owed_offsets(engine, 10) == ((0, 1), (0, 3))  # 4 can't be read, but has its dead letter
    late = lay([], [], [receipt(reports[1], [], 1), receipt(reports[3], [], 3)])
    await writer.write(changes(late), {}, {})
    assert await owed_offsets(engine, 10) == ()
    assert (await operations(engine)).owed == 0


async def test_feed_numbers_have_neither_gap_nor_double(engine: Engine) -> None:
    one = report(1)
    events = [event(of=one, ordinal=number) for number in range(7)]
    writer = Writer(engine)
    for batch in (events[:3], events[2:5], events):
        await writer.write(changes(lay([], batch, [])), {}, {})
    found, last = await feed_after(engine, 0, EventFilter(), 100)
    assert [number for number, _ in found] == list(range(1, 8))
    assert {e.id for _, e in found} == {e.id for e in events}
    assert last == 7
    assert await feed_after(engine, 7, EventFilter(), 100) == ((), 7)


async def test_a_withdrawn_report_withdraws_its_events_from_then_on(engine: Engine) -> None:
    one = report(1)
    two = report(90, supersedes=one.id)
    await Writer(engine).write(changes(lay([two, one], [event(of=one), event(of=two)], [])), {}, {})
    now = await events_page(engine, EventFilter(), 10, None)
    assert [e.report_id for e in now.items] == [two.id]
    then = await events_page(engine, EventFilter(as_of_us=int(one.published_at.timestamp() * 1e6)), 10, None)
    assert [e.report_id for e in then.items] == [one.id]


async def test_the_newest_coder_of_a_report_counts(engine: Engine) -> None:
    one, two = report(1), report(2)
    old = [event(of=one, coder_version="1.9.0"), event(of=two, coder_version="1.9.0")]
    new = [receipt(one, [], 0, version="1.10.0"), receipt(one, old, 0, version="1.9.0")]
    await Writer(engine).write(changes(lay([one, two], old, new)), {}, {})
    found = await events_page(engine, EventFilter(), 10, None)
    assert [e.report_id for e in found.items] == [two.id]  # the new coder found nothing in the first


async def test_migrations_make_the_tables_of_the_code_and_unmake_them(database_url: str) -> None:
    opened = open_engine(database_url)
    await upgrade(opened)
    await upgrade(opened)

    def of_metadata(_: object, name: str | None, *__: object) -> bool:
        return name is None or (not name.endswith("_words") and "_words_" not in name)  # full text is SQL of its own

    def differences(connection: Connection) -> list[object]:
        migrations = MigrationContext.configure(connection, opts={"include_object": of_metadata})
        return list(compare_metadata(migrations, Base.metadata))

    async with opened.connect() as connection:
        assert await connection.run_sync(differences) == []
    await Writer(opened).write(changes(lay([report(1)], [event(of=report(1))], [])), {}, {})
    await downgrade(opened, "base")
    await upgrade(opened)
    assert (await operations(opened)).events == 0
    async with writing(opened).begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaTooNew, match="9999"):
        await upgrade(opened)
    await opened.dispose()


async def test_full_text_goes_forward_and_back_on_a_filled_database(database_url: str) -> None:
    opened = open_engine(database_url)
    await upgrade(opened)
    one = report(1, title="Überfall", body="Bombs fell near Kareli; the ministry's Su-24s were seen.")
    log = lay([one], [event(of=one, evidence=(Evidence(start=0, end=22, quote=one.body[:22]),))], [])
    await Writer(opened).write(changes(log), {}, {})
    before = await digest(opened, GROUPS)
    await downgrade(opened, "0001")
    async with writing(opened).begin() as connection:  # as the older code wrote them
        for of in ("events", "reports"):
            words = "überfall bombs fell near kareli; the ministry's su-24s were seen." if of == "reports" else (
                "bombs fell near kareli\nairstrike\nwire")  # fmt: skip
            await connection.execute(text(f"UPDATE {of} SET words = :words"), {"words": words})
    await upgrade(opened)
    assert (await digest(opened, GROUPS)).parts == before.parts
    for q, in_report, in_event in (("kareli BOMB", 1, 1), ("uberfall 24s", 1, 0), ("airstrike", 0, 1), ("omb", 0, 0)):
        assert len((await reports_page(opened, ReportFilter(q=q), 10, None)).items) == in_report, q
        assert len((await events_page(opened, EventFilter(q=q), 10, None)).items) == in_event, q
    await opened.dispose()


async def test_two_processes_may_upgrade_at_once(database_url: str) -> None:
    engines = [open_engine(database_url) for _ in range(3)]
    await asyncio.gather(*(upgrade(opened) for opened in engines))
    assert (await operations(engines[0])).events == 0
    for opened in engines:
        await opened.dispose()


async def test_the_extractors_dead_letters_settle_what_nobody_can_read(engine: Engine) -> None:
    """Whatever the bytes, and in whichever order letter and message come."""
    unreadable = [
        Message(RAW.name, 0, offset, 0, key, value, headers)
        for offset, (key, value, headers) in enumerate(
            [(None, b"{", ()), (b"k", None, ()), (None, b"\xff\xfe", (("ce_type", b"nonsense"),)), (b"", b"", ())]
        )
    ]
    letters = []
    for message in unreadable:
        outcome = extractor_handler.handle(message, tiny_coder.load())
        assert isinstance(outcome, Dead)
        letter = DeadLetter.of(
            message, reason=outcome.reason, detail=outcome.detail, handler=extractor_handler.HANDLER, died_at=NOON
        )
        parked = dead_letter_message(letter)
        letters.append(Message(parked.topic, 0, message.offset, 0, parked.key, parked.value, parked.headers))
    writer = Writer(engine)
    await writer.write(changes(unreadable[:2]), {}, {})
    assert (await operations(engine)).owed == 2
    await writer.write(changes(letters), {}, {})
    assert (await operations(engine)).owed == 0
    await writer.write(changes(unreadable), {}, {})
    assert (await operations(engine)).owed == 0
    assert await owed_offsets(engine, 10) == ()
