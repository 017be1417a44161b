"""One posted item becomes a Report, or everything that is wrong with it and how to mend it. Pure."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from shared.reports import REPORT_BYTES_MAX, RawReport, Report

FUTURE_MAX: Final = timedelta(days=1)
"""Clocks go wrong by hours and time zones by a day; a report from next week is a mistake."""
YEAR_MIN: Final = 1900
"""Wire reports are older, but none that is posted here; a year 8 is a typing error and breaks time-zone sums."""

JSON_BYTES_PER_CHAR_MAX: Final = 6
"""A control character is written as `\\u0001`."""

_RFC_3339: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)", re.ASCII
)
_TIME_MEND: Final = "write RFC 3339 with the offset, as in '2008-08-08T10:00:00+04:00' or '2008-08-08T06:00:00Z'"
_MEND_OF_FIELD: Final = {
    "published_at": _TIME_MEND,
    "language": "write a BCP 47 tag, as in 'en' or 'ka'",
    "country": "write two capital letters of ISO 3166-1, as in 'GE'",
    "time_zone": "write an IANA name, as in 'Asia/Tbilisi'",
    "supersedes": "write the id that this API gave the earlier report: 'r_' and 32 hexadecimal digits",
    "retracts": "write true or false, without quotation marks",
    "outlet": "write who publishes the report, as in 'Reuters'",
    "external_id": "write your own id in 1 to 500 characters, or leave the field out",
}
_FIELDS: Final = ", ".join(Report.model_fields)


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong: which field ('' for the whole), what, and the mend."""

    field: str
    problem: str
    mend: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Why an item is no report. `status` is 400 (not JSON), 413 (too large) or 422 (not a valid report)."""

    status: int
    title: str
    flaws: tuple[Flaw, ...]


class _DuplicateKey(ValueError):
    pass


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _DuplicateKey(key)
        found[key] = value
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def parse_json(raw: bytes) -> object | Refused:
    """The JSON value of UTF-8 bytes. Strict: no NaN, no key twice in an object, no endless nesting or digits."""

    def refused(problem: str, mend: str) -> Refused:
        return Refused(400, "The body is not JSON", (Flaw("", problem, mend),))

    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return refused(f"byte {error.start} is not valid UTF-8", "encode the body as UTF-8")
    try:
        value: object = json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_object, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        return refused(f"line {error.lineno}, column {error.colno}: {error.msg}", "send one valid JSON value")
    except _DuplicateKey as error:
        return refused(f"the key {error.args[0]!a} is there twice in one object", "keep one of the two")
    except RecursionError:
        return refused("it is nested too deeply", "send a flat object")
    except ValueError as error:  # NaN and Infinity, or an integer of thousands of digits
        return refused(str(error), "send plain JSON numbers")
    return value


def _instant(value: object, now: datetime) -> datetime | Flaw:
    if not isinstance(value, str):
        return Flaw("published_at", "is not a string", _TIME_MEND)
    if not _RFC_3339.fullmatch(value):
        return Flaw("published_at", "is not RFC 3339 with an offset", _TIME_MEND)
    try:
        moment = datetime.fromisoformat(value.upper())
    except ValueError as error:
        return Flaw("published_at", f"is no real time: {error}", _TIME_MEND)
    if moment.year < YEAR_MIN:
        return Flaw("published_at", f"is before {YEAR_MIN}", "check the year")
    try:
        late = moment.astimezone(UTC) > now + FUTURE_MAX
    except OverflowError:
        late = True
    if late:
        return Flaw("published_at", "is more than a day in the future", "check the date, the clock and the offset")
    return moment


def _of_pydantic(error: ErrorDetails) -> Flaw:
    name = ".".join(str(part) for part in error["loc"])
    problem = error["msg"].removeprefix("Value error, ")
    match error["type"]:
        case "missing":
            mend = f"add the field; {_MEND_OF_FIELD.get(name, 'it must be there')}"
        case "extra_forbidden":
            problem, mend = "is no field of a report", f"leave it out; the fields are {_FIELDS}"
        case "string_type":
            mend = "write a JSON string, or leave the field out if it is optional"
        case "string_too_long":
            mend = "shorten it"
        case _:
            mend = _MEND_OF_FIELD.get(name, "see the schema of a report in /openapi.json")
    return Flaw(name, problem, mend)


def _nul(fields: Iterable[tuple[str, object]]) -> list[Flaw]:
    return [
        Flaw(name, f"has a NUL character at character {value.index(chr(0))}", "take the NUL characters out")
        for name, value in fields
        if isinstance(value, str) and "\0" in value
    ]


def parse_report(value: object, now: datetime) -> Report | Refused:
    """The report that a JSON value is, or all its flaws. `now` is the moment of receipt, with its offset."""
    title = "The report is not valid"
    if not isinstance(value, dict):
        flaw = Flaw("", f"is a JSON {_json_type(value)}, not an object", f"send an object with the fields {_FIELDS}")
        return Refused(422, title, (flaw,))
    fields: dict[str, Any] = dict(value)
    flaws = _nul(fields.items())
    if "published_at" in fields:
        moment = _instant(fields["published_at"], now)
        if isinstance(moment, Flaw):
            flaws.append(moment)
            fields["published_at"] = now  # the one flaw is told; a stand-in lets the other fields be checked too
        else:
            fields["published_at"] = moment
    try:
        report = Report.model_validate(fields, strict=True)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        return Refused(422, title, (*flaws, *map(_of_pydantic, found)))
    if report.retracts and report.supersedes is None:
        flaws.append(Flaw("supersedes", "is missing in a retraction", _MEND_OF_FIELD["supersedes"]))
    if flaws:
        return Refused(422, title, tuple(flaws))
    size = _encoded_bytes(report, now)
    if size > REPORT_BYTES_MAX:
        flaw = Flaw("body", f"makes a message of {size:,} bytes; {REPORT_BYTES_MAX:,} fit", "send it in parts")
        return Refused(413, "The report is too large", (flaw,))
    return report


def _encoded_bytes(report: Report, now: datetime) -> int:
    """The bytes of the report's message; 0 where it can't be near the limit, which spares most reports the encoding."""
    chars = sum(len(value) for _, value in report if isinstance(value, str))
    if chars * JSON_BYTES_PER_CHAR_MAX < REPORT_BYTES_MAX // 2:
        return 0
    return len(RawReport.of(report, now).model_dump_json(exclude_none=True).encode())


def _json_type(value: object) -> str:
    names = {dict: "object", list: "array", str: "string", bool: "boolean", int: "number", float: "number"}
    return names.get(type(value), "null")


def parse_item(raw: bytes, now: datetime) -> Report | Refused:
    """The report that these bytes are, or why they are none."""
    value = parse_json(raw)
    return value if isinstance(value, Refused) else parse_report(value, now)
