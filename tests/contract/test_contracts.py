"""The published contracts are current, every example keeps them, and every handler takes every example."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from services.extractor.core.coder import Coding
from services.extractor.handler import handle
from shared.bus.dead_letters import DeadLetter
from shared.bus.port import Message, OutgoingMessage
from shared.codec import decode, encode, schema_name
from shared.contracts.cases import CASES
from shared.contracts.cases.envelope import CITED
from shared.contracts.citing import Case
from shared.contracts.generate import FOLDER, asyncapi, files, folder_of, message_for
from shared.events import EVENT, KINDS
from shared.events.base import BaseEvent, Evidence, Mention, Span
from shared.model import Model
from shared.outcome import Dead, Done
from shared.reports import CodedReceipt, RawReport
from shared.topics import TOPICS

REPORTS = {report.id: report for report in CITED.values()}
EVENTS = [case.payload for case in CASES if isinstance(case.payload, BaseEvent)]
EXAMPLES_MIN = 2


def name_of(case: Case) -> str:
    return f"{folder_of(type(case.payload))}/{case.name}"


def lying(sent: OutgoingMessage) -> Message:
    return Message(sent.topic, 1, 5, 0, sent.key, sent.value, sent.headers)


def test_what_is_committed_is_what_would_be_generated() -> None:
    wanted = {str(path): text for path, text in files()}
    there = {
        str(path.relative_to(FOLDER)): path.read_text(encoding="utf-8")
        for path in (*FOLDER.glob("schemas/*"), *FOLDER.glob("examples/*/*"), FOLDER / "asyncapi.json")
    }
    assert there.keys() == wanted.keys(), "run: python -m shared.contracts"
    assert [name for name in wanted if there[name] != wanted[name]] == [], "run: python -m shared.contracts"


def test_every_type_has_two_examples_with_names_of_their_own() -> None:
    counts = Counter(type(case.payload) for case in CASES)
    assert {
        topic.payload.__name__: counts[topic.payload] for topic in TOPICS if counts[topic.payload] < EXAMPLES_MIN
    } == {}
    assert len({name_of(case) for case in CASES}) == len(CASES)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_a_schema_is_a_schema_and_closed(topic: Any) -> None:
    schema = json.loads((FOLDER / "schemas" / schema_name(topic.payload)).read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize(
    "path", sorted(FOLDER.glob("examples/*/*.json")), ids=lambda path: f"{path.parent.name}/{path.stem}"
)
def test_an_example_keeps_its_schema(path: Path) -> None:
    schema = json.loads((FOLDER / "schemas" / f"{path.parent.name}.v1.json").read_text(encoding="utf-8"))
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    assert [error.message for error in validator.iter_errors(json.loads(path.read_text(encoding="utf-8")))] == []


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_an_example_comes_back_from_the_codec_as_it_went_in(case: Case) -> None:
    sent = message_for(case.payload)
    back = decode(lying(sent))
    assert back == case.payload
    assert isinstance(back, Model)
    assert encode(back) == sent.value


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: f"{event.kind}-{event.id[-4:]}")
def test_an_event_cuts_its_words_out_of_its_report(event: BaseEvent) -> None:
    body = REPORTS[event.report_id].body
    cuts = list(spans_of(event))
    assert len(cuts) >= len(event.evidence)
    assert [(text, body[span.start : span.end]) for text, span in cuts if text != body[span.start : span.end]] == []
    assert event.report_ref == REPORTS[event.report_id].external_id
    assert event.reported_at == REPORTS[event.report_id].published_at


def spans_of(event: BaseEvent) -> Iterator[tuple[str, Span]]:
    for evidence in event.evidence:
        assert isinstance(evidence, Evidence)
        yield evidence.quote, evidence
    slots: list[Mention] = [*event.places, *event.participants, *event.quantities, *event.sources]
    for mention in (*slots, *([event.occurred] if event.occurred else [])):
        if mention.text is not None and mention.span is not None:
            yield mention.text, mention.span


def test_links_lead_to_events_of_the_same_report() -> None:
    reports = {event.id: event.report_id for event in EVENTS}
    for event in EVENTS:
        for other in (*event.denies, *event.same_as, *event.part_of):
            assert reports[other] == event.report_id


def test_the_union_takes_every_kind() -> None:
    assert {EVENT.validate_json(encode(event)).kind for event in EVENTS} == set(KINDS)


class Silent:
    """A coder that finds nothing: what is tested is that the handler takes every published example."""

    version = "silent"

    def code(self, report: RawReport) -> Coding:
        return Coding()


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_the_extractor_takes_every_report_and_parks_everything_else(case: Case) -> None:
    outcome = handle(lying(message_for(case.payload)), Silent())
    if isinstance(case.payload, RawReport):
        assert isinstance(outcome, Done)
        (receipt,) = (decode(lying(message)) for message in outcome.publish)
        assert isinstance(receipt, CodedReceipt)
        assert (receipt.report_id, receipt.partition, receipt.offset) == (case.payload.id, 1, 5)
    else:
        assert isinstance(outcome, Dead)
        assert outcome.reason == "wrong_topic"


def test_a_dead_letter_gives_its_original_back() -> None:
    for case in CASES:
        if isinstance(case.payload, DeadLetter):
            original = case.payload.original()
            assert (original.topic, original.offset) == (case.payload.topic, case.payload.offset)


def test_asyncapi_has_a_channel_a_topic_and_one_message_a_type() -> None:
    document = asyncapi()
    assert document["asyncapi"] == "3.0.0"
    assert {channel["address"] for channel in document["channels"].values()} == {topic.name for topic in TOPICS}
    messages = document["components"]["messages"]
    assert messages.keys() == {topic.payload.__name__ for topic in TOPICS}
    for message in messages.values():
        headers = Draft202012Validator(message["headers"])
        assert len(message["examples"]) >= EXAMPLES_MIN
        assert [
            error.message for example in message["examples"] for error in headers.iter_errors(example["headers"])
        ] == []
        assert (FOLDER / message["payload"]["schema"]["$ref"]).is_file()


def test_every_reference_in_asyncapi_leads_somewhere() -> None:
    document = asyncapi()

    def references(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            if isinstance(value.get("$ref"), str):
                yield value["$ref"]
            for inner in value.values():
                yield from references(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from references(inner)

    for reference in references(document):
        if reference.startswith("#/"):
            target: Any = document
            for part in reference[2:].split("/"):
                target = target[part]
