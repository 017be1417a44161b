"""The extractor's parts without a log: gaps, the handler's boundary, stalls."""

import pickle
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from services.extractor.core.gaps import Gap, Offsets, find_gaps
from services.extractor.crew import Crew
from services.extractor.handler import handle
from services.extractor.kafka_stream import headers_of
from services.extractor.progress import Progress
from shared.bus.port import Message, OutgoingMessage
from shared.codec import decode, raw_message
from shared.outcome import Dead, Done
from shared.reports import CodedReceipt, RawReport, Report
from shared.topics import CODED, EVENT_TOPIC, RAW
from shared.web.serve import StartFailed
from tests.integration import tiny_coder

WHEN = datetime(2008, 8, 8, 6, tzinfo=UTC)
UNKNOWN_TYPE = (("ce_specversion", b"1.0"), ("ce_id", b"1"), ("ce_type", b"x"), ("ce_source", b"/"))
TRACE = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"


def lying(sent: OutgoingMessage) -> Message:
    return Message(sent.topic, 2, 7, 0, sent.key, sent.value, sent.headers)


def raw(body: str) -> Message:
    report = RawReport.of(Report(outlet="Wire", body=body, published_at=WHEN), WHEN)
    return lying(raw_message(report, TRACE))


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 8))), st.integers(0, 60), st.integers(0, 60))
def test_offsets_are_a_set_of_numbers(added: list[tuple[int, int]], begin: int, end: int) -> None:
    offsets, model = Offsets(), set[int]()
    for start, length in added:
        offsets.add(start, start + length)
        model |= set(range(start, start + length))
    missing = {number for gap in offsets.missing(begin, end) for number in range(*gap)}
    assert missing == set(range(begin, end)) - model
    ranges = offsets.ranges()
    assert all(a_end < b_begin for (_, a_end), (b_begin, _) in pairwise(ranges))


def test_gaps_are_what_lies_within_the_bounds_without_an_answer() -> None:
    settled = {0: Offsets(), 1: Offsets()}
    for offset in (0, 1, 4, 9):
        settled[0].add(offset)
    assert find_gaps(settled, {0: (0, 8), 1: (5, 5), 2: (3, 4)}) == (Gap(0, 2, 4), Gap(0, 5, 8), Gap(2, 3, 4))


def test_events_come_before_their_receipt_and_carry_the_trace() -> None:
    outcome = handle(raw("bomb, bomb"), tiny_coder.TinyCoder())
    assert isinstance(outcome, Done)
    assert [m.topic for m in outcome.publish] == [EVENT_TOPIC["airstrike"].name] * 2 + [CODED.name]
    assert all(("ce_traceparent", TRACE.encode()) in message.headers for message in outcome.publish)
    receipt = decode(lying(outcome.publish[-1]))
    assert isinstance(receipt, CodedReceipt)
    assert (receipt.partition, receipt.offset, len(receipt.event_ids)) == (2, 7, 2)
    assert pickle.loads(pickle.dumps(outcome)) == outcome


def test_coding_twice_gives_the_same_bytes() -> None:
    first, second = (handle(raw("bomb"), tiny_coder.TinyCoder()) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"value": None}, "no_value"),
        ({"value": b"\xff"}, "not_json"),
        ({"value": b"[" * 100_000}, "not_json"),
        ({"value": b"{}"}, "invalid"),
        ({"headers": ()}, "bad_envelope"),
        ({"headers": UNKNOWN_TYPE}, "unknown_type"),
        ({"topic": CODED.name}, "wrong_topic"),
    ],
)  # fmt: skip
def test_bytes_that_are_no_report_are_dead_with_their_reason(change: dict[str, Any], reason: str) -> None:
    outcome = handle(replace(raw("bomb"), **change), tiny_coder.TinyCoder())
    assert isinstance(outcome, Dead)
    assert outcome.reason == reason


def test_an_event_on_the_raw_topic_is_dead() -> None:
    done = handle(raw("bomb"), tiny_coder.TinyCoder())
    assert isinstance(done, Done)
    outcome = handle(replace(lying(done.publish[0]), topic=RAW.name), tiny_coder.TinyCoder())
    assert isinstance(outcome, Dead)
    assert outcome.reason == "wrong_topic"


def test_a_defect_names_the_report_and_the_place() -> None:
    message = raw("DEFECT")
    outcome = handle(message, tiny_coder.TinyCoder())
    assert isinstance(outcome, Dead)
    assert outcome.reason == "defect"
    assert (message.key or b"").decode() in outcome.detail
    assert "ZeroDivisionError at tiny_coder.py" in outcome.detail


@given(st.binary(max_size=100), st.lists(st.tuples(st.text(max_size=8), st.binary(max_size=8)), max_size=4))
def test_no_bytes_raise_in_the_handler(value: bytes, headers: list[tuple[str, bytes]]) -> None:
    good = raw("bomb")
    coder = tiny_coder.TinyCoder()
    assert isinstance(handle(replace(good, value=value), coder), Dead)
    assert isinstance(handle(replace(good, headers=(*headers,)), coder), Dead)


@pytest.mark.parametrize("workers", [0, 1])
async def test_a_coder_that_cannot_be_loaded_fails_the_start(workers: int) -> None:
    with pytest.raises(StartFailed, match="can't be loaded"):
        async with Crew(tiny_coder.load_broken, workers):
            pass


@pytest.mark.parametrize("headers", [[("a", b"1"), ("b", None)], {"a": b"1", "b": None}, (("a", b"1"), ("b", b""))])
def test_headers_of_faust_become_pairs(headers: object) -> None:
    assert headers_of(headers) == (("a", b"1"), ("b", b""))
    assert headers_of(None) == ()


def test_it_is_not_live_when_reports_wait_and_nothing_moves() -> None:
    now = [0.0]
    progress = Progress(CollectorRegistry(), 60, clock=lambda: now[0])
    progress.waits_for, progress.assigned = None, (0,)
    progress.saw_lag(5)
    assert progress.live().ok
    now[0] = 61.0
    assert not progress.live().ok
    assert "5 reports wait" in progress.live().reasons[0]
    progress.moved("coded", 1)
    assert progress.live().ok
    now[0] = 200.0
    progress.waits_for = "the log is away"  # a restart would not bring it back
    assert progress.live().ok
    assert not progress.ready().ok
