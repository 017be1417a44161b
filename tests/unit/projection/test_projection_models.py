"""Times, measures, tolls, the timeline, cursors and positions."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.projection.api.tokens import read_cursor, read_position, write_cursor, write_position
from services.projection.core.casualties import group_of, rows, tolls
from services.projection.core.measures import measures
from services.projection.core.timeline import entry
from services.projection.core.times import instant, microseconds, window
from services.projection.core.versions import version_key
from services.projection.core.words import key
from services.projection.groups import read_groups
from services.projection.handler import handle
from services.projection.store.rows import event_rows
from shared.bus.port import Message, TopicPartition
from shared.codec import event_message
from shared.events.base import BaseEvent, Occurred, Participant, Source
from shared.outcome import Dead, Done, Skip
from shared.topics import TOPICS
from tests.unit.projection.made import GEORGIA, KARELI, NOON, RUSSIA, count, event, report, strike

GROUPS = read_groups()
HOUR = timedelta(hours=1)


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC)))  # noqa: DTZ001
def test_instants_come_back(at: datetime) -> None:
    assert instant(microseconds(at)) == at


def test_a_time_lasts_as_long_as_its_precision_and_without_one_its_report_stands_in() -> None:
    dated = window(strike(1, hour=6, precision="part_of_day"))
    assert (dated.until_us - dated.from_us, dated.dated) == (6 * 3_600_000_000, True)
    undated = window(event())
    assert (undated.from_us, undated.dated) == (microseconds(NOON), False)


def test_versions_sort_by_their_numbers() -> None:
    versions = ["2.0.0", "1.10.0", "1.9.0", "1.9.0-rc1", "0.1"]
    assert sorted(versions, key=version_key) == ["0.1", "1.9.0", "1.9.0-rc1", "1.10.0", "2.0.0"]


def ban(number: int, status: str = "occurred", by: Participant = RUSSIA, **fields: Any) -> BaseEvent:
    return event("flight_ban", report(number), status=status, participants=(by,), **fields)


def starts(hours: float, until: float | None = None) -> Occurred:
    end = NOON + until * HOUR if until is not None else None
    return Occurred(start=NOON + hours * HOUR, end=end, precision="minute")


@pytest.mark.parametrize(
    ("events", "states"),
    [
        pytest.param([ban(1, occurred=starts(5))], ["announced", "in_force", "in_force"], id="takes effect"),
        pytest.param([ban(1, occurred=starts(0, 5))], ["in_force", "expired", "expired"], id="runs out"),
        pytest.param(
            [ban(1, occurred=starts(0)), ban(2, "ended", occurred=starts(9))],
            ["in_force", "in_force", "lifted"],
            id="is lifted",
        ),
        pytest.param([ban(1, "called_for")], ["called_for"] * 3, id="is only called for"),
        pytest.param(
            [ban(1, occurred=starts(0)), ban(2, "ended", by=GEORGIA, occurred=starts(2))],
            ["in_force"] * 3,
            id="another's is lifted",
        ),
        pytest.param(
            [ban(1, occurred=starts(0)), ban(2, "ended", occurred=starts(3)), ban(3, occurred=starts(8))],
            ["in_force", "lifted", "in_force"],
            id="comes back",
        ),
        pytest.param(
            [ban(1, occurred=Occurred(start=NOON, end=NOON + 24 * HOUR, precision="day"))],
            ["in_force"] * 3,
            id="the end of the day named is not the end of the ban",
        ),
    ],
)
def test_what_is_in_force(events: list[BaseEvent], states: list[str]) -> None:
    found = []
    for hours in (1, 6, 48):
        at_us = microseconds(NOON + hours * HOUR)
        assert measures(events, at_us) == measures(events[::-1] + events, at_us)
        found.append(next(m for m in measures(events, at_us) if "Russia" in m.imposed_by).state)
    assert found == states


def test_a_truce_binds_both_and_ends_when_it_is_broken() -> None:
    other = Participant(role="target", name="Georgia", country="GE")
    agreed = event("ceasefire", report(1), participants=(RUSSIA, other), occurred=starts(0), phase="agreed")
    back = Participant(role="target", name="Russia", country="RU")
    broken = event("ceasefire", report(2), participants=(GEORGIA, back), occurred=starts(5), phase="broken")
    [before], [after] = (measures([agreed, broken], microseconds(NOON + h * HOUR)) for h in (1, 6))
    assert (before.state, after.state, after.lifted_by) == ("in_force", "lifted", (broken.id,))


def toll(number: int, killed: int, source: str, side: str = "Russian peacekeepers") -> BaseEvent:
    participants = (Participant(role="target", name=side, country="RU"),)
    quantities = (count("killed", killed, killed), count("vehicles", 3, 3))
    fields: dict[str, Any] = {"participants": participants, "quantities": quantities, "sources": (Source(name=source),)}
    return event("casualty_report", report(number), **fields)


def test_the_ledger_keeps_each_count_and_the_tolls_each_sources_last() -> None:
    told = [toll(1, 10, "Interfax"), toll(2, 12, "Interfax"), toll(3, 21, "RIA"), toll(4, 5, "RIA", "villagers")]
    assert [(r.measure, r.min, r.group, r.cumulative) for r in rows(told[0], GROUPS)] == [
        ("killed", 10, "military", True)
    ]
    found = tolls(told[::-1], GROUPS)
    assert [(t.side, t.group, t.range.low, t.range.high, t.range.contradictory) for t in found] == [
        (("Russian peacekeepers",), "military", 12, 21, True),
        (("villagers",), "civilian", 5, 5, False),
    ]


def test_a_group_is_told_by_words_that_agree() -> None:
    assert group_of(["12 Soldiers"], GROUPS) == "military"
    assert group_of(["women and children", None], GROUPS) == "civilian"
    assert group_of(["civilians and soldiers"], GROUPS) is None
    assert group_of(["people"], GROUPS) is None


def test_a_line_says_what_who_where_how_many_and_who_says_so() -> None:
    told = strike(
        1,
        KARELI.model_copy(update={"relation": "near"}),
        quantities=(count("injured", 7, 7), count("aircraft", None, 4, "up_to")),
        sources=(Source(name="officials"), Source(name="Moscow", stance="denies")),
    )
    line = entry(told)
    assert line.headline == "Airstrike by Russia near Kareli: 7 injured, up to 4 aircraft"
    assert (line.sources, line.denied_by, line.time_from) == (("officials",), ("Moscow",), "report")
    bare = entry(event("mobilization", status="announced"))
    assert (bare.headline, bare.sources, bare.time_from) == ("Mobilization (announced)", ("Wire",), "publication")
    children = (Participant(role="target", name="children"),)
    assert entry(event("evacuation", participants=children)).headline == "Evacuation of children"
    assert entry(event("shelling", participants=children)).headline == "Shelling of children"


_keys = st.tuples(st.integers(), st.text(), st.integers())


@given(key_=_keys, scope=st.text(), other=st.text())
def test_cursors_come_back_for_their_own_query_only(key_: tuple[int, str, int], scope: str, other: str) -> None:
    cursor = write_cursor(key_, scope)
    assert read_cursor(cursor, scope, (0, "", 0)) == key_
    if other != scope:
        with pytest.raises(ValueError, match="no cursor of this query"):
            read_cursor(cursor, other, (0, "", 0))
    with pytest.raises(ValueError, match="older version"):
        read_cursor(cursor, scope, (0, ""))


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_cursors_and_positions(text: str) -> None:
    for read in (lambda: read_cursor(text, "", (0,)), lambda: read_position(text), lambda: read_position("p." + text)):
        try:
            read()
        except ValueError as error:
            assert str(error).startswith("is ")  # noqa: PT017


_where = st.builds(TopicPartition, st.sampled_from([t.name for t in TOPICS]), st.integers(0, 20))


@given(st.dictionaries(_where, st.integers(1, 2**40)))
def test_positions_come_back(positions: dict[TopicPartition, int]) -> None:
    assert read_position(write_position(positions)) == positions


def test_a_place_on_the_log_is_a_position() -> None:
    assert read_position("reports.raw.v1/3/17") == {TopicPartition("reports.raw.v1", 3): 18}
    with pytest.raises(ValueError, match="topic/partition/offset"):
        read_position("reports.law.v1/3/17")


def test_names_are_compared_folded_and_never_too_long_for_an_index() -> None:
    assert key("  GORI\u00a0\0city ") == "gori city"
    assert len(key("ﷺ" * 1_000).encode()) <= 2_000


def test_rows_hold_what_any_database_can() -> None:
    told = strike(1, quantities=(count("killed", 10**30, None, "over"),), sources=(Source(name="a\0b" * 999),))
    made = event_rows(told)
    assert made.quantities[0]["min"] == 2**63 - 1
    assert "\0" not in str(made.sources[0]["name_key"])
    assert "1" + "0" * 30 in str(made.event["payload"])


def test_the_handler_buries_events_counts_raw_messages_and_skips_dead_dead_letters() -> None:
    good = event_message(strike(1))
    assert isinstance(handle(Message(good.topic, 0, 0, 0, good.key, good.value, good.headers)), Done)
    assert isinstance(handle(Message(good.topic, 0, 0, 0, b"k", b"{", good.headers)), Dead)
    assert isinstance(handle(Message("reports.raw.v1", 0, 0, 0, b"k", b"{")), Done)
    assert isinstance(handle(Message("reports.dead-letter.v1", 0, 0, 0, b"k", b"{")), Skip)
