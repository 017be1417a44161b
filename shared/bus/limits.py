"""What every medium refuses alike, so that a message that passed on one passes on all."""

from typing import Final

from shared.bus.port import MessageRefused, OutgoingMessage

MESSAGE_BYTES_MAX: Final = 1_048_576
"""Kafka's own default (`max.message.bytes`, `max.request.size`); a larger one would need every broker reconfigured."""

MESSAGE_OVERHEAD_BYTES: Final = 100
"""More than Kafka's record batch header (61) and the lengths, deltas and attributes of one record (21)."""

HEADER_OVERHEAD_BYTES: Final = 10
"""Two lengths of at most 5 bytes each."""


def message_bytes(message: OutgoingMessage) -> int:
    """The most that the message takes on the wire, in bytes."""
    headers = sum(len(name.encode()) + len(value) + HEADER_OVERHEAD_BYTES for name, value in message.headers)
    return MESSAGE_OVERHEAD_BYTES + len(message.key or b"") + len(message.value or b"") + headers


def check_message(message: OutgoingMessage) -> None:
    """Raises `MessageRefused` for what no medium would take."""
    if message.key is None and message.value is None:
        raise MessageRefused(f"a message for {message.topic} has neither key nor value")
    size = message_bytes(message)
    if size > MESSAGE_BYTES_MAX:
        raise MessageRefused(
            f"a message for {message.topic} takes {size} bytes with key and headers, more than {MESSAGE_BYTES_MAX}"
        )
