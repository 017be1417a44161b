"""Names as keys, and the words of an event that free text finds."""

import unicodedata
from typing import Final

from shared.events.base import BaseEvent

KEY_CHARS_MAX: Final = 200
"""A longer name is no name; and PostgreSQL's indexes take 2,704 bytes a row."""


def folded(text: str) -> str:
    """Text as it is searched: compatibility forms, case and runs of white space do not count; no NUL, which
    PostgreSQL can't store."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("\0", " ").split())


def key(name: str) -> str:
    """A name as it is compared: folded, and cut where it is too long for one."""
    return folded(name[: 4 * KEY_CHARS_MAX])[:KEY_CHARS_MAX]


def words(event: BaseEvent) -> str:
    """All that a reader might search for: the quotes, names and texts of the event, each once, as a key."""
    parts = [event.kind.replace("_", " "), event.outlet, *(e.quote for e in event.evidence)]
    named = [(m.name, m.text) for m in event.places]
    named += [(m.name, m.text) for m in event.participants]
    named += [(m.name, m.text) for m in event.sources]
    for name, text in named:
        parts += [name, text or ""]
    return "\n".join(dict.fromkeys(folded(part) for part in parts if part))
