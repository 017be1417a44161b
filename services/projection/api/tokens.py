"""Cursors (where a page ended) and positions (how far the log was read), as opaque text."""

import base64
import binascii
import hashlib
import json
import zlib
from collections.abc import Mapping
from typing import Final

from shared.bus.port import TopicPartition
from shared.topics import BY_NAME

CHECK_CHARS: Final = 12
"""48 bits: enough to tell a cursor of ours from a typing error; no secret, because a cursor grants nothing."""
TOKEN_CHARS_MAX: Final = 4_000
POSITION_BYTES_MAX: Final = 100_000
"""Inflated. All partitions of all topics take 5,000."""

Key = tuple[int | str, ...]


def _check(text: str, scope: str) -> str:
    return hashlib.sha256(f"{scope}\n{text}".encode()).hexdigest()[:CHECK_CHARS]


def write_cursor(key: Key, scope: str) -> str:
    """The cursor after the row with this sort key. `scope` names the query (path and filters) it belongs to."""
    text = base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).decode().rstrip("=")
    return f"{text}.{_check(text, scope)}"


def read_cursor(cursor: str, scope: str, like: Key) -> Key:
    """The sort key in a cursor of the same query, with values of the types of `like`. Raises ValueError: why not."""
    text, dot, check = cursor.partition(".")
    if len(cursor) > TOKEN_CHARS_MAX or not dot or check != _check(text, scope):
        raise ValueError("is no cursor of this query; take it unchanged from `next` and keep the filters the same")
    key = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    if [type(value) for value in key] != [type(value) for value in like]:
        raise ValueError("is a cursor of an older version; start again without it")
    return tuple(key)


def write_position(positions: Mapping[TopicPartition, int]) -> str:
    """How far the log was read, for all partitions, as a token for `min_position`."""
    by_topic: dict[str, dict[str, int]] = {}
    for (topic, partition), offset in sorted(positions.items()):
        if offset:
            by_topic.setdefault(topic, {})[str(partition)] = offset
    raw = zlib.compress(json.dumps(by_topic, separators=(",", ":"), sort_keys=True).encode(), 9)
    return "p." + base64.urlsafe_b64encode(raw).decode().rstrip("=")


def read_position(token: str) -> dict[TopicPartition, int]:
    """The offsets that a reader wants to have been read (each the next one). Raises ValueError: why not.

    Takes a token of `write_position`, or the place of one message as ingest names it, `topic/partition/offset`.
    """
    if len(token) > TOKEN_CHARS_MAX:
        raise ValueError(f"is longer than {TOKEN_CHARS_MAX} characters")
    if not token.startswith("p."):
        where = message_place(token)
        return {TopicPartition(where[0], where[1]): where[2] + 1}
    try:
        text = token[2:]
        inflate = zlib.decompressobj()
        raw = inflate.decompress(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), POSITION_BYTES_MAX)
        by_topic = json.loads(raw)
        return {
            TopicPartition(str(topic), int(partition)): int(offset)
            for topic, offsets in by_topic.items()
            for partition, offset in offsets.items()
        }
    except (binascii.Error, zlib.error, ValueError, AttributeError, TypeError, RecursionError):
        raise ValueError("is no position; take it unchanged from `position` of an answer") from None


def message_place(token: str) -> tuple[str, int, int]:
    """Topic, partition and offset of `topic/partition/offset`. Raises ValueError."""
    parts = token.split("/")
    if len(parts) != 3 or parts[0] not in BY_NAME or not all(p.isdecimal() and len(p) < 19 for p in parts[1:]):
        raise ValueError("is neither a `position` of an answer nor topic/partition/offset, as reports.raw.v1/3/17")
    return parts[0], int(parts[1]), int(parts[2])
