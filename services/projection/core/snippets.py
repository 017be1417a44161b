"""Snippets: a piece of a text around the words that were looked for, and where in it they stand."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from pydantic import Field

from services.projection.core.words import WORD, tokens
from shared.model import Model

BEFORE_CHARS: Final = 60
SNIPPET_CHARS_MAX: Final = 240
WORDS_HELD_MAX: Final = 20_000
"""Words folded last; most words of a text are common ones. A few megabytes."""
SEARCHED_CHARS_MAX: Final = 200_000
"""A word that comes later in a text is found, but not shown: looking for it would take tenths of a second."""


class Snippet(Model):
    """A piece of a text, cut at words. `hits` are spans of `text` in Unicode code points."""

    text: str
    hits: tuple[tuple[int, int], ...] = Field(default=(), description="Start and end of each word that was found.")


_tokens = lru_cache(WORDS_HELD_MAX)(tokens)


def _hits(text: str, wanted: tuple[str, ...]) -> Iterable[tuple[int, int]]:
    return (
        found.span()
        for found in WORD.finditer(text)
        if any(token.startswith(wanted) for token in _tokens(found.group()))
    )


def snippet(texts: Iterable[str], q: str) -> Snippet:
    """Around the first hit in the first of the texts that has one; else the beginning of the first text."""
    wanted = tokens(q)
    first = ""
    for text in texts:
        first = first or text
        searched = text[:SEARCHED_CHARS_MAX]
        hit = next(iter(_hits(searched, wanted)), None)
        if hit is not None:
            return _cut(text, hit[0], wanted)
    return _cut(first, 0, ())


def _cut(text: str, at: int, wanted: tuple[str, ...]) -> Snippet:
    start = max(0, at - BEFORE_CHARS)
    if start:
        start = text.find(" ", start, at) + 1 or start
    end = min(len(text), start + SNIPPET_CHARS_MAX)
    if end < len(text):
        end = max(text.rfind(" ", at + 1, end), start) if " " in text[at + 1 : end] else end
    piece = text[start:end]
    return Snippet(text=piece, hits=tuple(_hits(piece, wanted)) if wanted else ())
