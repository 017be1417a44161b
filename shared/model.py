"""The base of every message: frozen, closed to unknown fields, and one way to derive ids."""

import hashlib

from pydantic import AwareDatetime, BaseModel, ConfigDict


class Model(BaseModel):
    """A frozen value. Unknown fields are refused, so a misspelt field is an error and not a loss."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, ser_json_inf_nan="null")


Instant = AwareDatetime
"""A moment with its offset (RFC 3339). The offset is kept as written; order and equality are by instant."""


def derive_id(prefix: str, *parts: str) -> str:
    """An id that depends on nothing but `parts`: prefix, underscore, 32 hexadecimal digits (128 bits of SHA-256).

    Every part is preceded by its length, so ("ab", "c") and ("a", "bc") differ.
    """
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass")
        digest.update(len(raw).to_bytes(8, "big"))
        digest.update(raw)
    return f"{prefix}_{digest.hexdigest()[:32]}"
