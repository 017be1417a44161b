"""Properties of ids, envelopes, events and the codec that must hold for any value."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.bus.port import Message
from shared.codec import Rejected, decode, event_message, raw_message
from shared.contracts.cases import CASES
from shared.envelope import Envelope, read_headers
from shared.events import EVENT_CLASSES, KINDS
from shared.events.base import BaseEvent, Evidence, Participant, Quantity, event_id
from shared.model import derive_id
from shared.reports import RawReport, Report
from shared.topics import EVENT_TOPIC, RAW

TEXT = st.text(st.characters(codec="utf-8"), max_size=30)
TIMES = st.integers(-2_000_000_000, 4_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))


def test_an_id_is_what_it_always_was() -> None:
    """Ids lie on logs for ever: if this fails, every consumer sees every report twice."""
    assert derive_id("r", "ab", "c") == "r_601d5476e2ccfe2c87a2bba7a3226597"
    assert event_id("r_1", "v1", "airstrike", (Evidence(start=1, end=2, quote="x"),)).startswith("e_")


@given(st.lists(TEXT, max_size=4), st.lists(TEXT, max_size=4))
def test_ids_are_equal_when_and_only_when_the_parts_are(left: list[str], right: list[str]) -> None:
    assert (derive_id("r", *left) == derive_id("r", *right)) == (left == right)


@given(TEXT, TEXT.filter(str.strip), TIMES)
def test_a_report_keeps_its_id_through_the_codec(body: str, outlet: str, moment: datetime) -> None:
    report = RawReport.of(Report(outlet=outlet, body=body, published_at=moment), moment)
    sent = raw_message(report)
    back = decode(Message(sent.topic, 0, 0, 0, sent.key, sent.value, sent.headers))
    assert back == report
    assert isinstance(back, RawReport)
    assert back.report_id() == report.id


@given(TEXT.filter(bool), TEXT.filter(bool), TEXT.filter(bool), st.none() | TIMES, st.none() | TEXT)
def test_an_envelope_comes_back(id_: str, type_: str, source: str, time: datetime | None, subject: str | None) -> None:
    envelope = Envelope(id=id_, type=type_, source=source, time=time, subject=subject)
    assert read_headers(envelope.headers()) == envelope


@given(st.lists(st.tuples(st.sampled_from(["ce_id", "ce_type", "ce_time", "ce_source", "content-type"]), st.binary())))
def test_no_headers_and_no_bytes_raise_in_the_codec(headers: list[tuple[str, bytes]]) -> None:
    report = RawReport.of(Report(outlet="x", body="", published_at=datetime(2008, 8, 8, tzinfo=UTC)), datetime.now(UTC))
    sent = raw_message(report)
    decoded = decode(Message(RAW.name, 0, 0, 0, None, sent.value, (*sent.headers, *headers)))
    assert isinstance(decoded, Rejected | RawReport)


def test_there_are_the_23_kinds_of_the_contract() -> None:
    assert len(KINDS) == len(set(KINDS)) == 23
    assert EVENT_TOPIC["flight_ban"].name == "events.flight-ban.v1"


@pytest.mark.parametrize("cls", EVENT_CLASSES, ids=lambda cls: cls.__name__)
def test_typed_fields_repeat_slots_and_never_disagree(cls: type[BaseEvent]) -> None:
    assert set(cls.FROM_SLOTS) <= set(cls.model_fields)
    fields: dict[str, Any] = {
        "id": "e_" + "0" * 32,
        "report_id": "r_" + "0" * 32,
        "outlet": "x",
        "reported_at": datetime(2008, 8, 8, tzinfo=UTC),
        "coder_version": "v",
        "status": "occurred",
        "evidence": (Evidence(start=0, end=1, quote="x"),),
        "confidence": 0.5,
        "participants": (Participant(role="agent", name="A"), Participant(role="target", name="T")),
        "quantities": tuple(
            Quantity(measure=path, min=3, qualifier="at_least")
            for path in cls.FROM_SLOTS.values()
            if path in ("killed", "injured", "aircraft", "personnel")
        ),
    }
    event = cls.of_slots(**fields)
    for name, path in cls.FROM_SLOTS.items():
        if path in ("agent", "target"):
            assert getattr(event, name) == ({"agent": "A", "target": "T"}[path],)
            with pytest.raises(ValidationError, match=name):
                cls(**(event.model_dump() | {name: ("somebody else",)}))
    assert event_message(event).topic == EVENT_TOPIC[event.kind].name


@pytest.mark.parametrize("case", [c for c in CASES if isinstance(c.payload, BaseEvent)], ids=lambda c: c.name)
def test_an_example_built_from_its_slots_is_itself(case: Any) -> None:
    event = case.payload
    slots = {name: getattr(event, name) for name in type(event).model_fields if name not in type(event).FROM_SLOTS}
    assert type(event).of_slots(**slots) == event
