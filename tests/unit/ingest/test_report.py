"""What is a report, and what each broken one is told."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.ingest.core.batch import parse_array, parse_lines
from services.ingest.core.report import Refused, parse_item, parse_json
from shared.reports import Report

NOW = datetime(2008, 8, 8, 12, tzinfo=UTC)
GOOD = {"outlet": "Caucasus Wire", "body": "Bombs fell near Kareli.", "published_at": "2008-08-08T10:40:00+04:00"}


def parse(**changes: object) -> Report | Refused:
    return parse_item(json.dumps(GOOD | changes).encode(), NOW)


def refused(**changes: object) -> Refused:
    found = parse(**changes)
    assert isinstance(found, Refused), found
    return found


def test_a_good_report_keeps_every_character_and_the_offset() -> None:
    report = parse(body="ტყვია 🚁 a\u0301\r\n", time_zone="Asia/Tbilisi")
    assert isinstance(report, Report)
    assert report.body == "ტყვია 🚁 a\u0301\r\n"
    assert report.published_at.utcoffset() == timedelta(hours=4)


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"published_at": "2008-08-08T10:40:00"}, "published_at", "offset"),
        ({"published_at": "yesterday"}, "published_at", "RFC 3339"),
        ({"published_at": 1218177600}, "published_at", "not a string"),
        ({"published_at": None}, "published_at", "not a string"),
        ({"published_at": "2008-02-30T10:40:00Z"}, "published_at", "no real time"),
        ({"published_at": "0008-08-08T10:40:00Z"}, "published_at", "before 1900"),
        ({"published_at": "2008-08-09T12:00:01Z"}, "published_at", "future"),
        ({"published_at": "9999-12-31T23:59:59-23:59"}, "published_at", "future"),
        ({"outlet": "  "}, "outlet", "blank"),
        ({"outlet": 7}, "outlet", "string"),
        ({"outlet": "x" * 2001}, "outlet", "at most 2000"),
        ({"body": "a\0b"}, "body", "NUL character at character 1"),
        ({"body": "a\ud800b"}, "body", "lone surrogate at character 1"),
        ({"body": ["x"]}, "body", "string"),
        ({"language": "English"}, "language", "pattern"),
        ({"country": "ge"}, "country", "pattern"),
        ({"time_zone": "Tbilisi"}, "time_zone", "IANA"),
        ({"time_zone": "Asia"}, "time_zone", "IANA"),
        ({"time_zone": "\ud800"}, "time_zone", "IANA"),
        ({"supersedes": "r_1"}, "supersedes", "pattern"),
        ({"retracts": "yes"}, "retracts", "boolean"),
        ({"retracts": True}, "supersedes", "missing in a retraction"),
        ({"colour": "red"}, "colour", "no field of a report"),
        ({"external_id": ""}, "external_id", "at least 1"),
    ],
)
def test_a_flaw_names_its_field_and_the_mend(changes: dict[str, object], field: str, words: str) -> None:
    found = refused(**changes)
    assert found.status == 422
    (flaw,) = [flaw for flaw in found.flaws if words in flaw.problem]
    assert flaw.field == field
    assert flaw.mend


def test_all_flaws_are_told_at_once() -> None:
    found = parse_item(b'{"published_at": "x", "url": 3, "who": 1}', NOW)
    assert isinstance(found, Refused)
    assert {flaw.field for flaw in found.flaws} == {"published_at", "url", "who", "outlet", "body"}


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "line 1, column 1"),
        (b'{"outlet": "x",\n  oops}', "line 2, column 3"),
        (b"\xff\xfe", "byte 0 is not valid UTF-8"),
        (b'{"body": "\xed\xa0\x80"}', "byte 10 is not valid UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b'{"body": NaN}', "NaN"),
        (b'{"body": -Infinity}', "-Infinity"),
        (b'{"body": ' + b"9" * 5000 + b"}", "4300"),
        (b'{"body": "a", "body": "b"}', "twice"),
        (b"{} {}", "Extra data"),
    ],
)
def test_what_is_not_json_says_where(raw: bytes, words: str) -> None:
    found = parse_item(raw, NOW)
    assert isinstance(found, Refused)
    assert found.status == 400
    assert words in found.flaws[0].problem


@pytest.mark.parametrize("raw", [b"null", b"[]", b'"x"', b"3", b"true", b"1e999"])
def test_another_json_type_is_no_report(raw: bytes) -> None:
    found = parse_item(raw, NOW)
    assert isinstance(found, Refused)
    assert (found.status, found.flaws[0].field) == (422, "")


def test_a_report_that_no_broker_takes_is_413() -> None:
    assert refused(body="ა" * 310_000).status == 413


def test_a_broken_line_spoils_only_itself() -> None:
    good = json.dumps(GOOD).encode()
    items = parse_lines(b"\xef\xbb\xbf" + good + b"\r\n\n  \n{oops\n" + good, 10, NOW)
    assert isinstance(items, tuple)
    assert [type(item).__name__ for item in items] == ["Report", "Refused", "Report"]


def test_an_array_is_taken_element_by_element() -> None:
    items = parse_array(json.dumps([GOOD, 3, GOOD]).encode(), 3, NOW)
    assert isinstance(items, tuple)
    assert [type(item).__name__ for item in items] == ["Report", "Refused", "Report"]


@pytest.mark.parametrize(("raw", "status"), [(b"[]", 422), (b"{}", 422), (b"[1,2,3,4]", 413), (b"[1,", 400)])
def test_an_array_that_cannot_be_taken(raw: bytes, status: int) -> None:
    found = parse_array(raw, 3, NOW)
    assert isinstance(found, Refused)
    assert found.status == status


@pytest.mark.parametrize(("raw", "status"), [(b"\n \n", 422), (b"1\n2\n3\n4", 413)])
def test_lines_that_cannot_be_taken(raw: bytes, status: int) -> None:
    found = parse_lines(raw, 3, NOW)
    assert isinstance(found, Refused)
    assert found.status == status


# No timed verdicts: the machine that runs the tests may be busy, and the first draw builds a table of Unicode.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@patient
@given(st.binary(max_size=200))
def test_bytes_never_raise(raw: bytes) -> None:
    parse_json(raw)
    parse_lines(raw, 5, NOW)
    parse_array(raw, 5, NOW)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@patient
@given(st.dictionaries(st.sampled_from([*Report.model_fields, "x", "\ud800"]), JSON_VALUES))
def test_any_object_is_a_report_or_refused(fields: dict[str, object]) -> None:
    found = parse_item(json.dumps(fields).encode(), NOW)
    assert isinstance(found, Report | Refused)
