"""The order of coder versions."""

import re
from functools import lru_cache
from typing import Final

from services.projection.core.words import KEY_CHARS_MAX

_DIGITS: Final = re.compile(r"(\d+)")
NUMBER_DIGITS: Final = 12
"""A number in a version is padded to this; a build number by date and time has 12 digits."""


@lru_cache(1_000)
def version_key(version: str) -> str:
    """A string that sorts as the versions do: numbers by value, so 1.10.0 comes after 1.9.0. No two share one."""
    padded = (part.zfill(NUMBER_DIGITS) if part.isdigit() else part for part in _DIGITS.split(version))
    return f"{''.join(padded)} {version}"[:KEY_CHARS_MAX]
