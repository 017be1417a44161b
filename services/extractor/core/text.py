"""Paragraphs, sentences and quotations of a report, as spans of its body.

The parser's own splitter cuts at "11:38 a.m. the President"; this one knows abbreviations and never changes an offset.
"""

import re
from dataclasses import dataclass
from typing import Final

SENTENCE_CHARS_MAX: Final = 1_000
"""Longer runs are tables, lists or noise; the parser's time grows with them and its trees mean nothing."""

_ABBREVIATIONS: Final = frozenset(
    {"mr", "mrs", "ms", "dr", "prof", "gen", "lt", "col", "maj", "capt", "sgt", "cpl", "brig", "adm", "cmdr",
     "gov", "sen", "rep", "rev", "hon", "pres", "st", "mt", "ft", "no", "nos", "vs", "etc", "jr", "sr", "jan",
     "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "mon", "tue", "tues", "wed",
     "thu", "thurs", "fri", "sat", "sun", "inc", "ltd", "co", "corp", "dept", "approx", "est", "al", "eg", "ie",
     "cf", "fig", "u.s", "u.n", "u.k", "u.s.s.r", "d.c", "e.g", "i.e", "a.m", "p.m", "ph.d", "b.c", "a.d",
     "f.y.r"}
)  # fmt: skip
"""Words that a full stop shortens; before a capital they do not end a sentence."""
_END: Final = re.compile(r"(?<![.!?…])[.!?…]++[\"”’'»)\]]*+(?=\s)|\n[ \t\r]*+\n|\n(?=[ \t]*+(?:[-•*–—]|\d{1,3}[.)])\s)")
"""Possessive, and begun where a run of marks begins: a page of full stops is read once."""
_EMPTY_LINE: Final = re.compile(r"\n[ \t\r]*+\n")
_LIST_NUMBER: Final = re.compile(r"(?:^|\n)[ \t]*\d{1,3}$")
_INITIAL: Final = re.compile(r"(?:^|[\s(\"“.])[A-Z]$")
_DATELINE: Final = re.compile(
    r"(?:[A-Z][A-Z.'’ -]{2,40}(?:,\s[A-Za-z.'’ ]{2,30})?(?:\s*\([A-Za-z ./-]{2,40}\))?"
    r"|[A-Z][\w.'’ -]{2,30}(?:,\s[A-Z][\w.'’ ]{2,30})?\s*\([A-Za-z ./-]{2,40}\)"
    r"|[A-Z][A-Z.'’ -]{2,40},\s(?:[A-Za-z.'’ ]{2,30},\s)?[A-Z][a-z]{2,8}\.?\s\d{1,2}(?:,\s\d{4})?"
    r"(?:\s*\([A-Za-z ./-]{2,40}\))?"
    r"|[A-Z][\w'’]+(?:[ -][A-Z][\w'’]+){0,2}(?:,\s[A-Z][\w'’ ]{2,30})?,?"
    r"\s\d{1,2}\s[A-Z][a-z]{2,8}(?:\s\d{4})?(?:\s*\([A-Za-z ./-]{2,40}\))?"
    r")\s*(?:—|–|--|-)\s+"
)
_OPEN: Final = "“«"
_QUOTE: Final = re.compile(r"[“«”»\"″]|\r?\n[ \t\r]*+\n")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence: its span in the body, and the number of its paragraph, both from 0."""

    start: int
    end: int
    paragraph: int


@dataclass(frozen=True, slots=True)
class Quotation:
    """The inside of a pair of quotation marks. `words` tells a quoted utterance from a scare-quoted word."""

    start: int
    end: int
    words: int


def dateline(text: str) -> tuple[int, int] | None:
    """The span of a dateline ("SEOUL, April 1 (Reuters) - ") at the head of a report, without what follows it."""
    offset = len(text) - len(text.lstrip())
    found = _DATELINE.match(text, offset, offset + 160)
    return (found.start(), found.end()) if found else None


def _is_end(text: str, mark: re.Match[str]) -> bool:
    if mark.group()[0] == "\n":
        return True
    after = text[mark.end() : mark.end() + 80].lstrip(" \t\r")
    if after[:1] == "\n" or not after:
        return True
    after = after.lstrip("\n")
    head = after.lstrip("\"“‘'«([—–- ")
    if not head or not (head[0].isupper() or head[0].isdigit()):
        return False
    if not mark.group().startswith(".") or len(mark.group()) > 1:
        return True
    before = text[max(0, mark.start() - 12) : mark.start()]
    if _LIST_NUMBER.search(before):
        return False
    word = re.split(r"[\s(\"“,;:—–]", before)[-1].lower().strip("'’")
    if word in ("a.m", "p.m", "u.s", "u.n", "u.k"):
        # "at 10 a.m. The troops" ends a sentence; "the U.S. Army" and "11 a.m. Moscow time" do not.
        return bool(re.match(r"(?:The|A|An|In|On|At|It|He|She|They|But|And|Two|Three|Officials|This|That)\b", head))
    if word in _ABBREVIATIONS:
        return False
    return not _INITIAL.search(before[-2:] if len(before) > 1 else before)


def sentences(text: str) -> tuple[Sentence, ...]:
    """The sentences of a body in order. Linear in its length; every non-blank character is in exactly one."""
    out: list[Sentence] = []
    line = dateline(text)
    start = line[1] if line else 0
    for mark in _END.finditer(text, start):
        if _is_end(text, mark):
            _add(text, start, mark.end() if mark.group()[0] != "\n" else mark.start(), out)
            start = mark.end() if mark.group()[0] != "\n" else mark.start()
    _add(text, start, len(text), out)
    return tuple(out)


def _add(text: str, start: int, end: int, out: list[Sentence]) -> None:
    """Add the sentences of a stretch, in a new paragraph where an empty line stands before it."""
    start, end = _trimmed(text, start, end)
    if start == end:
        return
    paragraph = 0
    if out:
        paragraph = out[-1].paragraph + (_EMPTY_LINE.search(text, out[-1].end, start) is not None)
    while end - start > SENTENCE_CHARS_MAX:
        cut = text.rfind(" ", start, start + SENTENCE_CHARS_MAX)
        cut = cut if cut > start else start + SENTENCE_CHARS_MAX
        out.append(Sentence(*_trimmed(text, start, cut), paragraph))
        start, end = _trimmed(text, cut, end)
    if start < end:
        out.append(Sentence(start, end, paragraph))


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The stretch without the white space at its ends."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def quotations(text: str) -> tuple[Quotation, ...]:
    """The quoted stretches of a body, in order. A quotation left open at a paragraph's end stops there."""
    out: list[Quotation] = []
    opened: int | None = None
    for mark in _QUOTE.finditer(text):
        char, i = mark.group(), mark.start()
        if char in _OPEN or (char in '"″' and opened is None):
            opened = i + 1
        elif opened is not None:
            out.append(_quotation(text, opened, i))
            opened = None
    if opened is not None:
        out.append(_quotation(text, opened, len(text)))
    return tuple(out)


def _quotation(text: str, start: int, end: int) -> Quotation:
    return Quotation(start, end, len(text[start:end].split()))
