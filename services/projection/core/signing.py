"""Signed deliveries as the Standard Webhooks specification (1.0.0) has them, and when to try again."""

import base64
import binascii
import hashlib
import hmac
from typing import Final

SECRET_PREFIX: Final = "whsec_"
SECRET_BYTES_MIN: Final = 24
SECRET_BYTES_MAX: Final = 64
"""Both are the specification's."""
ATTEMPTS_MAX: Final = 10
"""With a first pause of 5 s about 19 hours: a night without anybody who mends it."""
PAUSE_FACTOR: Final = 4
PAUSE_S_MAX: Final = 6 * 3600.0


def secret_bytes(secret: str) -> bytes:
    """The key in `whsec_<base64>`. Raises ValueError: what is wrong with it."""
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("is no base64") from None
    if not secret.startswith(SECRET_PREFIX) or not SECRET_BYTES_MIN <= len(key) <= SECRET_BYTES_MAX:
        raise ValueError(f"is not {SECRET_PREFIX} and the base64 of {SECRET_BYTES_MIN} to {SECRET_BYTES_MAX} bytes")
    return key


def write_secret(key: bytes) -> str:
    return SECRET_PREFIX + base64.b64encode(key).decode()


def message_id(webhook_id: str, seq: int) -> str:
    """The id of a delivery: the same each time that it is tried."""
    return f"msg_{webhook_id.removeprefix('w_')}_{seq}"


def signed_headers(secret: str, message: str, timestamp_s: int, body: bytes) -> dict[str, str]:
    """`webhook-id`, `webhook-timestamp` (Unix seconds) and `webhook-signature` of a body."""
    signed = f"{message}.{timestamp_s}.".encode() + body
    digest = hmac.new(secret_bytes(secret), signed, hashlib.sha256).digest()
    return {
        "webhook-id": message,
        "webhook-timestamp": str(timestamp_s),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def pause_s(attempts: int, first_s: float, jitter: float) -> float | None:
    """The pause after so many failed attempts, None after the last. `jitter` (0 to 1) adds up to a quarter, so that
    those who failed together do not come back together."""
    if attempts >= ATTEMPTS_MAX:
        return None
    return float(min(first_s * PAUSE_FACTOR ** (attempts - 1), PAUSE_S_MAX) * (1 + jitter / 4))
