"""A message that can't be handled, kept with its reason and its original bytes so that it can be replayed."""

import base64
from typing import Self

from pydantic import Field

from shared.bus.port import Message
from shared.model import Instant, Model

REASON_CHARS_MAX = 2_000
"""A reason is for people to read; a stack of text in it would push the message over the broker's limit."""


class DeadLetter(Model):
    """The value of `reports.dead-letter.v1`. `value` and `key` are the original bytes in base64."""

    reason: str = Field(description="A short code, as in 'not_json', 'invalid', 'unknown_type', 'defect'.")
    detail: str = Field(description="What is wrong, where, and how to mend it.")
    handler: str = Field(description="The service and handler that gave up.")
    topic: str
    partition: int = Field(ge=0)
    offset: int = Field(ge=0)
    timestamp_ms: int
    died_at: Instant
    key: str | None = None
    value: str | None = None
    headers: tuple[tuple[str, str], ...] = Field(default=(), description="Header values in base64.")

    @classmethod
    def of(cls, message: Message, *, reason: str, detail: str, handler: str, died_at: Instant) -> Self:
        return cls(
            reason=reason,
            detail=detail[:REASON_CHARS_MAX],
            handler=handler,
            topic=message.topic,
            partition=message.partition,
            offset=message.offset,
            timestamp_ms=message.timestamp_ms,
            died_at=died_at,
            key=_encode(message.key),
            value=_encode(message.value),
            headers=tuple((name, base64.b64encode(value).decode()) for name, value in message.headers),
        )

    def original(self) -> Message:
        """The message as it was read."""
        return Message(
            self.topic,
            self.partition,
            self.offset,
            self.timestamp_ms,
            _decode(self.key),
            _decode(self.value),
            tuple((name, base64.b64decode(value)) for name, value in self.headers),
        )

    def place(self) -> str:
        """The dead letter's own key: where its original lies, as in `reports.raw.v1/3/17`."""
        return f"{self.topic}/{self.partition}/{self.offset}"


def _encode(raw: bytes | None) -> str | None:
    return None if raw is None else base64.b64encode(raw).decode()


def _decode(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)
