"""Writes the contracts: `python -m shared.contracts.generate`. A test proves that what is committed is current."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from shared.bus.dead_letters import DeadLetter
from shared.bus.port import OutgoingMessage
from shared.codec import dead_letter_message, event_message, raw_message, receipt_message, schema_name
from shared.contracts.cases import CASES
from shared.events.base import BaseEvent
from shared.model import Model
from shared.reports import CodedReceipt, RawReport
from shared.topics import TOPICS, Topic

FOLDER: Final = Path(__file__).parent
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
ASYNCAPI_VERSION: Final = "3.0.0"
KAFKA_BINDING_VERSION: Final = "0.5.0"


def message_for(payload: Model) -> OutgoingMessage:
    """The message that carries a payload, headers and all."""
    match payload:
        case RawReport():
            return raw_message(payload)
        case CodedReceipt():
            return receipt_message(payload)
        case DeadLetter():
            return dead_letter_message(payload)
        case BaseEvent():
            return event_message(payload)
    raise TypeError(f"{type(payload).__name__} is on no topic")


def folder_of(payload: type[Model]) -> str:
    """The folder of a payload's examples, as in `aircraft-downing`."""
    return schema_name(payload).removesuffix(".v1.json")


def schema_of(topic: Topic) -> dict[str, Any]:
    """The JSON Schema of a topic's value."""
    name = schema_name(topic.payload)
    return {"$schema": DIALECT, "$id": f"/schemas/{name}", **topic.payload.model_json_schema(mode="serialization")}


def examples_of(payload: type[Model]) -> tuple[tuple[str, Model], ...]:
    return tuple((case.name, case.payload) for case in CASES if type(case.payload) is payload)


def value_of(payload: Model) -> Any:
    """The JSON of a message's value."""
    return json.loads(message_for(payload).value or b"null")


def _headers_schema(topic: Topic) -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "type": "object",
        "description": "CloudEvents 1.0, Kafka binding, binary mode; UTF-8.",
        "required": ["ce_specversion", "ce_id", "ce_type", "ce_source", "content-type"],
        "properties": {
            "ce_specversion": {"const": "1.0"},
            "ce_id": {**text, "description": "The same for every delivery of the same message."},
            "ce_type": {"const": topic.ce_type},
            "ce_source": {**text, "format": "uri-reference"},
            "ce_time": {**text, "format": "date-time"},
            "ce_subject": {**text, "description": "The report's id; of a dead letter, where its original lies."},
            "ce_dataschema": {"const": f"/schemas/{schema_name(topic.payload)}"},
            "ce_traceparent": {**text, "description": "W3C trace context."},
            "content-type": {"const": "application/json"},
        },
    }


def _message(topic: Topic) -> dict[str, Any]:
    return {
        "name": topic.ce_type,
        "title": topic.payload.__name__,
        "summary": (topic.payload.__doc__ or "").strip().splitlines()[0],
        "contentType": "application/json",
        "headers": _headers_schema(topic),
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": {"$ref": f"./schemas/{schema_name(topic.payload)}"},
        },
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": topic.key},
                "bindingVersion": KAFKA_BINDING_VERSION,
            }
        },
        "examples": [
            {
                "name": name,
                "headers": {key: value.decode() for key, value in message_for(payload).headers},
                "payload": value_of(payload),
            }
            for name, payload in examples_of(topic.payload)
        ],
    }


def _channel(topic: Topic) -> dict[str, Any]:
    return {
        "address": topic.name,
        "messages": {topic.payload.__name__: {"$ref": f"#/components/messages/{topic.payload.__name__}"}},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": {"cleanup.policy": ["delete"], "retention.ms": -1},
                "bindingVersion": KAFKA_BINDING_VERSION,
            }
        },
    }


def _operation(topic: Topic) -> dict[str, Any]:
    channel = f"#/channels/{topic.name}"
    return {
        "action": "send",
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{topic.payload.__name__}"}],
    }


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI 3.0 document: a channel a topic, one message a type, with headers and examples."""
    return {
        "asyncapi": ASYNCAPI_VERSION,
        "info": {
            "title": "Tocsin",
            "version": "1.0.0",
            "description": "Raw wire reports in, typed attributed events out. Every topic is kept for ever.",
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": {f"send.{topic.name}": _operation(topic) for topic in TOPICS},
        "components": {"messages": {topic.payload.__name__: _message(topic) for topic in TOPICS}},
    }


def files() -> Iterator[tuple[Path, str]]:
    """Every generated file, by its path within this folder, with its text."""
    for topic in TOPICS:
        yield Path("schemas") / schema_name(topic.payload), _text(schema_of(topic))
        for name, payload in examples_of(topic.payload):
            yield Path("examples") / folder_of(topic.payload) / f"{name}.json", _text(value_of(payload))
    yield Path("asyncapi.json"), _text(asyncapi())


def _text(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write every file and remove what is no longer generated."""
    wanted = dict(files())
    for folder in ("schemas", "examples"):
        for path in (FOLDER / folder).rglob("*.json"):
            if path.relative_to(FOLDER) not in wanted:
                path.unlink()
    for name, text in wanted.items():
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    print(f"wrote {len(wanted)} files under shared/contracts")


if __name__ == "__main__":
    main()
