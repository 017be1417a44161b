"""The extractor on real logs: every raw report ends in a receipt or a dead letter, once in effect, whatever happens."""

import asyncio
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from prometheus_client import CollectorRegistry

from services.extractor.core.gaps import Gap
from services.extractor.crew import Crew
from services.extractor.limit import DeadLetterLimit
from services.extractor.main import extract
from services.extractor.progress import Progress
from services.extractor.reconcile import LEDGER_GROUP, Ledger, find_gaps_on, reconcile
from services.extractor.settings import ExtractorSettings
from services.extractor.stream import GROUP, Halted, Settler, raw_partitions
from shared.bus.dead_letters import DeadLetter
from shared.bus.port import Bus, Message, OutgoingMessage, TopicPartition
from shared.bus.settings import BusSettings, open_bus
from shared.codec import decode, raw_message
from shared.events.airstrike import Airstrike
from shared.reports import CodedReceipt, RawReport, Report
from shared.topics import CODED, DEAD_LETTER, EVENT_TOPIC, RAW, SPECS
from tests.integration import brokers, tiny_coder

WHEN = datetime(2008, 8, 8, 6, tzinfo=UTC)


def report(number: int, body: str = "A bomb and a bomb.") -> RawReport:
    return RawReport.of(Report(outlet="Wire", body=body, published_at=WHEN, external_id=str(number)), WHEN)


@pytest.fixture(params=["embedded", "noida"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BusSettings]:
    """A log of this test's own, because the topics have their real names."""
    if request.param == "embedded":
        yield BusSettings(log_path=tmp_path / "log.sqlite")
        return
    broker = brokers.noida(tmp_path)
    broker.start()
    yield BusSettings(bootstrap_servers=broker.bootstrap_servers)
    broker.stop()


async def read_all(bus: Bus, topic: str) -> list[RawReport | CodedReceipt | DeadLetter | Airstrike]:
    wheres = [TopicPartition(topic, number) for number in await bus.partitions(topic)]
    ends = await bus.ends(wheres)
    found = []
    async with bus.reader(await bus.beginnings(wheres)) as reader:
        while any(reader.positions()[where] < end for where, end in ends.items()):
            for message in await reader.read(500, 100):
                decoded = decode(message)
                assert isinstance(decoded, RawReport | CodedReceipt | DeadLetter | Airstrike), decoded
                found.append(decoded)
    return found


async def wait_answered(bus: Bus, count: int) -> None:
    """Until `count` raw offsets have a receipt or a dead letter."""
    wheres = [TopicPartition(topic, n) for topic in (CODED.name, DEAD_LETTER.name) for n in await bus.partitions(topic)]
    answered: set[tuple[int, int]] = set()
    async with bus.reader(await bus.beginnings(wheres)) as reader:
        while len(answered) < count:
            for answer in map(decode, await reader.read(500, 100)):
                assert isinstance(answer, CodedReceipt | DeadLetter)
                answered.add((answer.partition, answer.offset))


async def run_until_answered(log: BusSettings, bus: Bus, count: int, tmp_path: Path, workers: int = 0) -> Progress:
    settings = ExtractorSettings(workers=workers, data_path=tmp_path / "faust", reconcile_s=0.2)
    progress, stop = Progress(CollectorRegistry(), 60), asyncio.Event()
    running = asyncio.create_task(extract(settings, log, tiny_coder.load, progress, stop))
    waiting = asyncio.create_task(wait_answered(bus, count))
    await asyncio.wait([running, waiting], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    stop.set()
    await running
    return progress


async def test_every_report_ends_in_events_and_a_receipt_or_a_dead_letter(log: BusSettings, tmp_path: Path) -> None:
    bodies = {1: "A bomb, a bomb.", 2: "Nothing.", 3: "DEFECT", 4: " ", 5: "One bomb."}
    reports = {number: report(number, body) for number, body in bodies.items()}
    broken = [
        OutgoingMessage(RAW.name, b"k", b"\xff{", raw_message(reports[1]).headers),
        OutgoingMessage(RAW.name, b"k", b"{}", raw_message(reports[1]).headers),
        OutgoingMessage(RAW.name, b"k", b"{}"),
        OutgoingMessage(RAW.name, b"k", None),
    ]
    async with open_bus(log) as bus:
        await bus.create_topics(SPECS)
        await bus.publish([raw_message(r, "00-" + "a" * 32 + "-" + "b" * 16 + "-01") for r in reports.values()])
        await bus.publish(broken)
        await run_until_answered(log, bus, 9, tmp_path)
        events = await read_all(bus, EVENT_TOPIC["airstrike"].name)
        receipts = {r.report_id: r for r in await read_all(bus, CODED.name) if isinstance(r, CodedReceipt)}
        letters = [letter for letter in await read_all(bus, DEAD_LETTER.name) if isinstance(letter, DeadLetter)]
        gaps = await find_gaps_on(bus)
    by_report = Counter(event.report_id for event in events if isinstance(event, Airstrike))
    assert by_report == {reports[1].id: 2, reports[5].id: 1}
    assert set(receipts) == {reports[n].id for n in (1, 2, 4, 5)}
    assert receipts[reports[4].id].not_coded == "empty"
    assert {e.id for e in events if isinstance(e, Airstrike) and e.report_id == reports[1].id} == set(
        receipts[reports[1].id].event_ids
    )
    assert Counter(letter.reason for letter in letters) == {
        "defect": 1, "not_json": 1, "invalid": 1, "bad_envelope": 1, "no_value": 1
    }  # fmt: skip
    (defect,) = [letter for letter in letters if letter.reason == "defect"]
    assert reports[3].id in defect.detail
    assert decode(defect.original()) == reports[3]
    assert gaps == ()


async def test_a_restart_reads_on_and_doubles_nothing(log: BusSettings, tmp_path: Path) -> None:
    async with open_bus(log) as bus:
        await bus.create_topics(SPECS)
        await bus.publish([raw_message(report(number)) for number in range(20)])
        await run_until_answered(log, bus, 20, tmp_path)
        await bus.publish([raw_message(report(number)) for number in range(20, 30)])
        await run_until_answered(log, bus, 30, tmp_path)
        assert len(await read_all(bus, CODED.name)) == 30
        assert len(await read_all(bus, EVENT_TOPIC["airstrike"].name)) == 60


async def test_what_was_skipped_is_found_and_coded_again(log: BusSettings, tmp_path: Path) -> None:
    """The bookmark is moved past reports that nobody answered for, as faust was seen to do."""
    async with open_bus(log) as bus, Crew(tiny_coder.load, 0) as crew:
        await bus.create_topics(SPECS)
        await bus.publish([raw_message(report(number)) for number in range(40)])
        wheres = await raw_partitions(bus)
        ends = await bus.ends(wheres)
        await bus.commit(GROUP, ends)
        gaps = await find_gaps_on(bus)
        assert set(gaps) == {Gap(where.partition, 0, end) for where, end in ends.items() if end}
        settler = Settler(bus, crew, Progress(CollectorRegistry(), 60), DeadLetterLimit())
        assert await reconcile(bus, settler, asyncio.Event()) == 40
        assert await find_gaps_on(bus) == ()
        assert await reconcile(bus, settler, asyncio.Event()) == 0
        progress = await run_until_answered(log, bus, 40, tmp_path)
        assert progress.uncoded == 0
        assert len(await read_all(bus, CODED.name)) == 40


async def test_a_flood_of_dead_letters_stops_it_with_its_position_unmoved(log: BusSettings, tmp_path: Path) -> None:
    async with open_bus(log) as bus, Crew(tiny_coder.load, 0) as crew:
        await bus.create_topics(SPECS)
        await bus.publish([raw_message(report(number, "DEFECT")) for number in range(10)])
        wheres = await raw_partitions(bus)
        async with bus.reader(await bus.beginnings(wheres)) as reader:
            messages: list[Message] = []
            while len(messages) < 10:
                messages += await reader.read(10, 100)
        settler = Settler(bus, crew, Progress(CollectorRegistry(), 60), DeadLetterLimit(consecutive_max=5))
        with pytest.raises(Halted, match="6 dead letters in a row"):
            await settler.settle(messages, asyncio.Event())
        assert await read_all(bus, DEAD_LETTER.name) == []


async def test_a_dead_letter_is_made_of_any_size_of_report(embedded_bus: Bus) -> None:
    async with Crew(tiny_coder.load, 0) as crew:
        await embedded_bus.create_topics(SPECS)
        large = report(1, "DEFECT" + "x" * 880_000)
        (placed,) = await embedded_bus.publish([raw_message(large)])
        async with embedded_bus.reader({TopicPartition(RAW.name, placed.partition): placed.offset}) as reader:
            messages = await reader.read(1, 1000)
        settler = Settler(embedded_bus, crew, Progress(CollectorRegistry(), 60), DeadLetterLimit())
        await settler.settle(messages, asyncio.Event())
        (letter,) = await read_all(embedded_bus, DEAD_LETTER.name)
        assert isinstance(letter, DeadLetter)
        assert (letter.value, letter.offset) == (None, placed.offset)
        assert "read them where it lies" in letter.detail


async def test_a_report_that_kills_its_process_is_a_dead_letter_and_the_others_are_coded(
    embedded_bus: Bus, tmp_path: Path
) -> None:
    await embedded_bus.create_topics(SPECS)
    bodies = ["a bomb", "DEADLY", "a bomb"]
    await embedded_bus.publish([raw_message(report(number, body)) for number, body in enumerate(bodies)])
    log = BusSettings(log_path=tmp_path / "log.sqlite")
    await run_until_answered(log, embedded_bus, 3, tmp_path, workers=1)
    assert len(await read_all(embedded_bus, CODED.name)) == 2
    (letter,) = await read_all(embedded_bus, DEAD_LETTER.name)
    assert isinstance(letter, DeadLetter)
    assert (letter.reason, "died" in letter.detail) == ("defect", True)


async def start(log: BusSettings, tmp_path: Path) -> asyncio.subprocess.Process:
    """The extractor as its own process, with the slow tiny coder in place of the knowledge."""
    root = Path(__file__).parents[2]
    environment = {"TOCSIN_EXTRACTOR_DATA_PATH": str(tmp_path / "faust"), "TOCSIN_EXTRACTOR_PORT": "0"}
    if log.bootstrap_servers:
        environment["TOCSIN_BUS_BOOTSTRAP_SERVERS"] = log.bootstrap_servers
    else:
        environment["TOCSIN_BUS_LOG_PATH"] = str(log.log_path)
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.integration.slow_extractor", env=environment, cwd=root
    )


async def kill_in_the_middle(log: BusSettings, tmp_path: Path) -> None:
    """Three times `kill -9` while reports are being coded, then a clean run to the end, stopped by SIGTERM."""
    count = 120
    async with open_bus(log) as bus:
        await bus.create_topics(SPECS)
        await bus.publish([raw_message(report(number)) for number in range(count)])
        for enough in (20, 50, 80, count):
            process = await start(log, tmp_path)
            waiting, ended = asyncio.create_task(wait_answered(bus, enough)), asyncio.create_task(process.wait())
            await asyncio.wait([waiting, ended], return_when=asyncio.FIRST_COMPLETED)
            assert waiting.done(), "the extractor ended by itself"
            process.send_signal(signal.SIGKILL if enough < count else signal.SIGTERM)
            assert await ended == (-signal.SIGKILL if enough < count else 0)
        receipts = [r for r in await read_all(bus, CODED.name) if isinstance(r, CodedReceipt)]
        events = [e for e in await read_all(bus, EVENT_TOPIC["airstrike"].name) if isinstance(e, Airstrike)]
        assert {r.report_id for r in receipts} == {report(number).id for number in range(count)}
        assert {e.id for e in events} == {event_id for r in receipts for event_id in r.event_ids}
        assert len({e.id for e in events}) == 2 * count
        assert await read_all(bus, DEAD_LETTER.name) == []
        assert await find_gaps_on(bus) == ()


@pytest.mark.slow
async def test_kill_9_loses_and_doubles_nothing_on_the_embedded_log(tmp_path: Path) -> None:
    await kill_in_the_middle(BusSettings(log_path=tmp_path / "log.sqlite"), tmp_path)


@pytest.mark.apache
@pytest.mark.slow
async def test_kill_9_loses_and_doubles_nothing_on_apache_kafka(apache_kafka: str, tmp_path: Path) -> None:
    """Only Apache Kafka both takes the idempotent producer and evicts a dead member of the group."""
    await kill_in_the_middle(BusSettings(bootstrap_servers=apache_kafka), tmp_path)


async def test_health_and_metrics_while_it_runs(tmp_path: Path) -> None:
    from services.extractor.api import build_app

    registry = CollectorRegistry()
    progress = Progress(registry, 60)
    transport = httpx.ASGITransport(build_app(progress, registry))
    async with httpx.AsyncClient(transport=transport, base_url="http://extractor") as client:
        assert (await client.get("/health/ready")).json()["reasons"] == ["starting"]
        progress.waits_for, progress.assigned, progress.uncoded = None, (0, 1), 3
        assert (await client.get("/health/ready")).status_code == 200
        assert "tocsin_extractor_uncoded_reports 3.0" in (await client.get("/metrics")).text


async def test_the_ledgers_bookmark_forgets_no_answer(embedded_bus: Bus) -> None:
    """Answers may lie on the log before the extractor's own bookmark has passed what they answer."""
    async with Crew(tiny_coder.load, 0) as crew:
        await embedded_bus.create_topics(SPECS)
        settler = Settler(embedded_bus, crew, Progress(CollectorRegistry(), 60), DeadLetterLimit())
        wheres = await raw_partitions(embedded_bus)
        async with embedded_bus.reader(await embedded_bus.beginnings(wheres)) as reader:
            async with Ledger(embedded_bus) as ledger:
                for round_ in range(6):
                    await embedded_bus.commit(GROUP, reader.positions())  # of the round before: answers run ahead
                    await embedded_bus.publish([raw_message(report(10 * round_ + number)) for number in range(10)])
                    await settler.settle(await reader.read(10, 1000), asyncio.Event())
                    assert await ledger.gaps() == ()
                    assert await find_gaps_on(embedded_bus) == ()
            await embedded_bus.commit(GROUP, reader.positions())
        kept = await embedded_bus.committed(LEDGER_GROUP, wheres)
        assert sum(kept.values()) > 0
        assert await find_gaps_on(embedded_bus) == ()


@pytest.fixture
def noida_broker(tmp_path: Path) -> Iterator[brokers.CommandBroker]:
    broker = brokers.noida(tmp_path)
    broker.start()
    yield broker
    broker.stop()


@pytest.mark.slow
async def test_a_broker_that_goes_away_and_comes_back_loses_nothing(
    noida_broker: brokers.CommandBroker, tmp_path: Path
) -> None:
    broker = noida_broker
    log = BusSettings(bootstrap_servers=broker.bootstrap_servers)
    settings = ExtractorSettings(workers=0, data_path=tmp_path / "faust", reconcile_s=0.5, batch_messages_max=2)
    progress, stop = Progress(CollectorRegistry(), 60), asyncio.Event()
    async with open_bus(log) as bus:
        await bus.create_topics(SPECS)
        await bus.publish([raw_message(report(number)) for number in range(40)])
        running = asyncio.create_task(extract(settings, log, tiny_coder.load_slow, progress, stop))
        await wait_answered(bus, 10)
        broker.stop()
        broker.start()
        waiting = asyncio.create_task(wait_answered(bus, 40))
        await asyncio.wait([running, waiting], return_when=asyncio.FIRST_COMPLETED)
        assert not running.done(), "the extractor ended by itself"
        stop.set()
        await asyncio.gather(running, waiting)
        assert await find_gaps_on(bus) == ()
        receipts = [r for r in await read_all(bus, CODED.name) if isinstance(r, CodedReceipt)]
        assert {r.report_id for r in receipts} == {report(number).id for number in range(40)}
