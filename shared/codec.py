"""Bytes to message or Rejected, and message to bytes. The one place where JSON is read or written."""

import json
from dataclasses import dataclass
from typing import Any, Final, Literal

from pydantic import ValidationError

from shared.bus.dead_letters import DeadLetter
from shared.bus.port import Message, OutgoingMessage
from shared.envelope import Envelope, read_headers
from shared.events.base import BaseEvent
from shared.model import Model
from shared.reports import CodedReceipt, RawReport
from shared.topics import BY_CE_TYPE, BY_NAME, CODED, DEAD_LETTER, EVENT_TOPIC, RAW
from shared.upcast import STEPS, upcast

ERRORS_SHOWN_MAX: Final = 5
"""Enough to see the pattern; one broken producer can make thousands of errors in one message."""

RejectedReason = Literal["no_value", "bad_envelope", "unknown_type", "wrong_topic", "not_json", "invalid"]


@dataclass(frozen=True, slots=True)
class Rejected:
    """Why these bytes are no message of ours. `detail` says what, where and how to mend it."""

    reason: RejectedReason
    detail: str


def describe(error: ValidationError) -> str:
    """A validation error in a line: field, what is wrong, for the first few."""
    shown = [
        f"{'.'.join(str(part) for part in e['loc']) or 'message'}: {e['msg']}"
        for e in error.errors(include_url=False, include_context=False, include_input=False)[:ERRORS_SHOWN_MAX]
    ]
    more = error.error_count() - len(shown)
    return "; ".join(shown) + (f"; and {more} more" if more > 0 else "")


def encode(payload: Model) -> bytes:
    """The JSON of a message: absent for None, no white space, fields in the order of the contract."""
    return payload.model_dump_json(exclude_none=True).encode()


def decode(message: Message) -> RawReport | CodedReceipt | DeadLetter | BaseEvent | Rejected:
    """The typed message, upcast to the current version, or why it is none. Never raises for bad bytes."""
    if message.value is None:
        return Rejected("no_value", "the message has no value; a tombstone means nothing on this topic")
    try:
        envelope = read_headers(message.headers)
    except ValueError as error:
        return Rejected("bad_envelope", str(error))
    value, ce_type = message.value, envelope.type
    if ce_type in STEPS:  # only an old version pays for a second parse
        try:
            data: Any = json.loads(value)
        except (ValueError, RecursionError) as error:
            return Rejected("not_json", f"the value is not JSON: {error}")
        if not isinstance(data, dict):
            return Rejected("invalid", f"the value is a JSON {type(data).__name__}, not an object")
        ce_type, data = upcast(ce_type, data)
        value = json.dumps(data).encode()
    topic = BY_CE_TYPE.get(ce_type)
    if topic is None:
        return Rejected("unknown_type", f"header ce_type is {envelope.type!r}, which no topic here carries")
    if message.topic in BY_NAME and BY_NAME[message.topic] is not topic:
        return Rejected("wrong_topic", f"a {ce_type} belongs on {topic.name}, not on {message.topic}")
    try:
        decoded = topic.payload.model_validate_json(value)
    except ValidationError as error:
        not_json = error.errors(include_url=False, include_context=False)[0]["type"] == "json_invalid"
        return Rejected("not_json" if not_json else "invalid", describe(error))
    assert isinstance(decoded, RawReport | CodedReceipt | DeadLetter | BaseEvent)
    return decoded


def raw_message(report: RawReport, trace_parent: str | None = None) -> OutgoingMessage:
    """The message that ingest publishes."""
    envelope = Envelope(
        id=report.id,
        type=RAW.ce_type,
        source="/tocsin/ingest",
        time=report.received_at,
        subject=report.id,
        schema=schema_uri(RAW.payload),
        trace_parent=trace_parent,
    )
    return OutgoingMessage(RAW.name, report.id.encode(), encode(report), envelope.headers())


def event_message(event: BaseEvent, trace_parent: str | None = None) -> OutgoingMessage:
    """The message that the extractor publishes for an event, on its kind's topic."""
    topic = EVENT_TOPIC[event.kind]
    envelope = Envelope(
        id=event.id,
        type=topic.ce_type,
        source=f"/tocsin/extractor/{event.coder_version}",
        time=event.reported_at,
        subject=event.report_id,
        schema=schema_uri(topic.payload),
        trace_parent=trace_parent,
    )
    return OutgoingMessage(topic.name, event.report_id.encode(), encode(event), envelope.headers())


def receipt_message(receipt: CodedReceipt, trace_parent: str | None = None) -> OutgoingMessage:
    """The receipt that the extractor owes for a raw message."""
    envelope = Envelope(
        id=f"{receipt.report_id}/{receipt.coder_version}/{receipt.partition}/{receipt.offset}",
        type=CODED.ce_type,
        source=f"/tocsin/extractor/{receipt.coder_version}",
        subject=receipt.report_id,
        schema=schema_uri(CODED.payload),
        trace_parent=trace_parent,
    )
    return OutgoingMessage(CODED.name, receipt.report_id.encode(), encode(receipt), envelope.headers())


def dead_letter_message(letter: DeadLetter) -> OutgoingMessage:
    """The message that parks what can't be handled."""
    envelope = Envelope(
        id=f"{letter.place()}/{letter.handler}",
        type=DEAD_LETTER.ce_type,
        source=f"/tocsin/{letter.handler}",
        time=letter.died_at,
        subject=letter.place(),
        schema=schema_uri(DEAD_LETTER.payload),
    )
    return OutgoingMessage(DEAD_LETTER.name, letter.place().encode(), encode(letter), envelope.headers())


def schema_name(payload: type[Model]) -> str:
    """The file name of a payload's JSON Schema under `shared/contracts/schemas/`."""
    words = "".join(f"-{c.lower()}" if c.isupper() else c for c in payload.__name__).lstrip("-")
    return f"{words}.v1.json"


def schema_uri(payload: type[Model]) -> str:
    """A URI reference, resolved by whoever serves the contracts."""
    return f"/schemas/{schema_name(payload)}"
