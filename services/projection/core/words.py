"""Names as keys, and the words of reports and events that free text finds."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from shared.events.base import BaseEvent

KEY_CHARS_MAX: Final = 200
"""A longer name is no name; and PostgreSQL's indexes take 2,704 bytes a row."""

WORD_CHARS_MAX: Final = 64
"""A longer run of letters is no word; PostgreSQL's tsvector takes 2,046 bytes a word."""
WORDS_BYTES_MAX: Final = 500_000
"""Distinct words of one text, UTF-8; a tsvector holds 1 MB. Beyond it a text is not searched further."""
NAMES_HELD_MAX: Final = 20_000
"""Names folded last; the same few thousand come again and again. A few megabytes."""
WORD: Final = re.compile(r"[^\W_]+")
"""A run of letters and digits of any script. Scripts without spaces are found by the start of a run only."""


def folded(text: str) -> str:
    """Text as it is searched: compatibility forms, case and runs of white space do not count; no NUL, which
    PostgreSQL can't store."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("\0", " ").split())


def key(name: str) -> str:
    """A name as it is compared: folded, and cut where it is too long for one."""
    return _key(name[: 4 * KEY_CHARS_MAX])


@lru_cache(NAMES_HELD_MAX)
def _key(name: str) -> str:
    return folded(name)[:KEY_CHARS_MAX]


def tokens(text: str) -> tuple[str, ...]:
    """The words of a text as they are compared, each once: compatibility forms, case and accents do not count."""
    plain = text.casefold()
    if not plain.isascii():
        apart = unicodedata.normalize("NFKD", plain)
        plain = unicodedata.normalize("NFC", "".join(c for c in apart if unicodedata.category(c) != "Mn")).casefold()
    return tuple(dict.fromkeys([word[:WORD_CHARS_MAX] for word in WORD.findall(plain)]))


def searchable(texts: Iterable[str]) -> str:
    """The words of all texts, each once, with a space between: what both databases index as it stands."""
    found, left_bytes = list[str](), WORDS_BYTES_MAX
    cut = tokens("\n".join(texts))
    joined = " ".join(cut)
    if 4 * len(joined) <= WORDS_BYTES_MAX:  # no character has more bytes
        return joined
    for token in cut:
        left_bytes -= len(token.encode()) + 1
        if left_bytes < 0:
            break
        found.append(token)
    return " ".join(found)


def texts_of(event: BaseEvent) -> tuple[str, ...]:
    """All that a reader might search for: the quotes, kind, outlet, names and texts of the event, each once."""
    parts = [*(e.quote for e in event.evidence), event.kind.replace("_", " "), event.outlet]
    named = [(m.name, m.text) for m in event.places]
    named += [(m.name, m.text) for m in event.participants]
    named += [(m.name, m.text) for m in event.sources]
    for name, text in named:
        parts += [name, text or ""]
    return tuple(dict.fromkeys(part for part in parts if part))
