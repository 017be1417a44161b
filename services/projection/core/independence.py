"""How many independent voices tell of an occurrence: one agency's text printed by five outlets is one.

Two claims are one voice where they name the same source, credit the same agency or outlet (as source, as the carrier
`via`, or in brackets in the text), where one credits the other's outlet, or where their words are nearly the same.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from services.projection.core.agencies import ALIAS
from services.projection.core.words import folded, key
from shared.events.base import BaseEvent, EventId
from shared.model import Model

SHINGLE_WORDS: Final = 3
SHINGLES_MIN: Final = 6
"""Shorter quotes share runs of words by chance; they have to be equal."""
COPIED_SHARE: Final = 0.6
"""Of the shorter quote's runs of three words, so many in the other's: rewritten at most at its edges."""

_CREDIT: Final = re.compile(r"[(\[/]\s*([^()\[\]/]{2,60}?)\s*[)\]/]")
_WORD: Final = re.compile(r"\w+")


class Voice(Model):
    """One independent voice: whom its claims name or credit, and which claims they are."""

    names: tuple[str, ...]
    event_ids: tuple[EventId, ...]


def canonical(name: str) -> str:
    """A name as it is compared, an agency's other names replaced by the usual one."""
    known = key(name)
    return ALIAS.get(known, known)


def credits(quote: str) -> frozenset[str]:
    """Agencies credited in brackets or slashes, as wire text is: "TBILISI (Reuters)", "/Interfax/"."""
    return frozenset(ALIAS[found] for match in _CREDIT.finditer(quote) if (found := key(match[1])) in ALIAS)


@lru_cache(maxsize=8192)
def shingles(quote: str) -> frozenset[tuple[str, ...]]:
    """The runs of three words of a quote, case and punctuation aside."""
    words = _WORD.findall(folded(quote))
    return frozenset(tuple(words[i : i + SHINGLE_WORDS]) for i in range(len(words) - SHINGLE_WORDS + 1))


def copied(a: str, b: str) -> bool:
    """Whether one quote is the other's text: equal, or long enough and nearly all of it in common."""
    if folded(a) == folded(b):
        return True
    ours, theirs = shingles(a), shingles(b)
    shorter = min(len(ours), len(theirs))
    return shorter >= SHINGLES_MIN and len(ours & theirs) >= COPIED_SHARE * shorter


def _credited(event: BaseEvent) -> dict[str, str]:
    """Whom the claim goes back to, by the name compared: sources that assert it, who carried them, credits."""
    found: dict[str, str] = {}
    for source in event.sources:
        if source.stance != "denies":
            found.setdefault(canonical(source.name), source.name)
            if source.via:
                found.setdefault(canonical(source.via), source.via)
    for evidence in event.evidence:
        for agency in credits(evidence.quote):
            found.setdefault(agency, agency)
    return found


def independent(events: Sequence[BaseEvent]) -> tuple[Voice, ...]:
    """The independent voices of these claims. The order of `events` decides that of the answer and nothing else."""
    credited = {event.id: _credited(event) for event in events}
    carried = {name for names in credited.values() for name in names}
    marks: dict[str, dict[str, str]] = {}
    for event in events:
        own = canonical(event.outlet)
        shown = credited[event.id]
        marks[event.id] = shown | {own: event.outlet} if not shown or own in carried else shown
    quotes = {event.id: tuple(dict.fromkeys(e.quote for e in event.evidence)) for event in events}
    groups: list[tuple[dict[str, str], list[str], list[str]]] = []
    for event in events:
        names, texts, ids = dict(marks[event.id]), list(quotes[event.id]), [event.id]
        apart = []
        for group in groups:
            if names.keys() & group[0].keys() or any(copied(a, b) for a in quotes[event.id] for b in group[1]):
                names, texts, ids = group[0] | names, [*group[1], *texts], [*group[2], *ids]
            else:
                apart.append(group)
        groups = [*apart, (names, list(dict.fromkeys(texts)), ids)]
    order = {event.id: place for place, event in enumerate(events)}
    voices = [(sorted(ids, key=order.__getitem__), names) for names, _, ids in groups]
    return tuple(
        Voice(names=tuple(names[name] for name in sorted(names)), event_ids=tuple(ids))
        for ids, names in sorted(voices, key=lambda voice: order[voice[0][0]])
    )
