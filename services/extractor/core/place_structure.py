"""Mentions of places and what joins them in a sentence: "X, Y", "Y's X", "X in Y", "X and Z". Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from services.extractor.core.place_names import CONTAINER_KINDS, Place
from services.extractor.core.place_words import PlaceWords

_LIST = re.compile(r"\s*(?:,|,?\s(?:and|or|as well as))\s+(?:the\s+)?")
_OWNER = re.compile(r"['’]s\s+")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class PlaceMention:
    """A place as a sentence names it. `text` is text[start:end], offsets in code points.

    `candidates` are the readings in the gazetteer (none: known by grammar alone). `relation` and
    `preposition` are None where nothing places it ("Moscow denied": `metonym_possible`). `descriptor`
    is the noun that says what it is ('oblast'), `direction` the part meant ('northern'). `part_of` is
    the wider place that the sentence puts it in, `pair` the span of the other end of a "between".
    """

    text: str
    start: int
    end: int
    candidates: tuple[Place, ...] = ()
    relation: str | None = None
    preposition: str | None = None
    direction: str | None = None
    descriptor: str | None = None
    possessive: bool = False
    metonym_possible: bool = False
    firm: bool = False  # the grammar makes it a place, whatever the gazetteer says
    dateline: bool = False
    part_of: PlaceMention | None = None
    pair: tuple[int, int] | None = None

    @property
    def can_contain(self) -> bool:
        return any(c.kind in CONTAINER_KINDS for c in self.candidates) or (
            not self.candidates and self.descriptor is not None
        )


def link_mentions(text: str, mentions: list[PlaceMention], words: PlaceWords) -> tuple[PlaceMention, ...]:
    """Join neighbours in a sentence: hand relations down lists, and give each narrower place its container."""
    joined = _share_relations(text, mentions)
    holder: dict[int, int] = {}
    for n in range(len(joined) - 1):
        this, following = joined[n], joined[n + 1]
        gap = text[this.end : following.start]
        if this.possessive and _owned(gap, words):
            if this.can_contain:
                holder[n + 1] = n
        elif following.can_contain and not _is_country(this) and _contains(gap, this, joined, n, text, words):
            holder[n] = n + 1
    for n in sorted(holder):  # "Bunj in South Sudan's Upper Nile": the chain ends at the owner
        if holder[n] == n + 1 and joined[n + 1].possessive and holder.get(n + 2) == n + 1:
            holder[n] = n + 2
    return tuple(_with_container(n, joined, holder) for n in range(len(joined)))


def _with_container(n: int, mentions: list[PlaceMention], holder: dict[int, int]) -> PlaceMention:
    chain = [n]
    while (wider := holder.get(chain[-1])) is not None and wider not in chain:
        chain.append(wider)
    made: PlaceMention | None = None
    for index in reversed(chain):
        made = replace(mentions[index], part_of=made)
    return made if made is not None else mentions[n]


def _share_relations(text: str, mentions: list[PlaceMention]) -> list[PlaceMention]:
    """Give "in Goma and Bukavu" both their preposition, and pair the ends of "between X and Y"."""
    joined = list(mentions)
    for n in range(1, len(joined)):
        before, this = joined[n - 1], joined[n]
        gap = text[before.end : this.start]
        if this.relation is not None or before.relation is None or not _LIST.fullmatch(gap):
            continue
        pair = None
        if before.relation == "between":
            pair = (before.start, before.end)
            joined[n - 1] = replace(before, pair=(this.start, this.end))
        joined[n] = replace(
            this,
            relation=before.relation,
            preposition=before.preposition,
            firm=before.firm or this.firm,
            metonym_possible=False,
            pair=pair,
        )
    return joined


def _owned(gap: str, words: PlaceWords) -> bool:
    """Whether only an owner's ending, directions and nouns for places lie in the gap."""
    owner = _OWNER.match(gap)
    return owner is not None and _only_place_words(gap[owner.end() :], words)


def _contains(gap: str, this: PlaceMention, mentions: list[PlaceMention], n: int, text: str, words: PlaceWords) -> bool:
    wider = mentions[n + 1]
    if re.fullmatch(r",\s+|\s*\(", gap):
        # "Gori, Georgia" is a hierarchy; "Gori, Poti and Georgia" is a list.
        follows = text[wider.end : mentions[n + 2].start] if n + 2 < len(mentions) else ""
        listed = n > 0 and _LIST.fullmatch(text[mentions[n - 1].end : this.start]) is not None
        same_kind = this.can_contain and not _is_country(wider)
        return not _LIST.fullmatch(follows) and not (listed and same_kind) and not same_kind
    if not re.search(r"\b(?:in|of|within)\b", gap) or this.possessive:
        return False
    clean = re.sub(r"\b(?:in|of|within|capital|part|seat)\b", " ", gap)
    return _only_place_words(clean, words)


def _only_place_words(gap: str, words: PlaceWords) -> bool:
    if re.search(r"[^\w\s,'’-]|\d", gap):
        return False
    known = (
        words.directions | words.adjectives | words.outskirts | frozenset(words.descriptors) | {"the", "a", "an", "s"}
    )
    return all(word.casefold() in known for word in _WORD.findall(gap))


def _is_country(mention: PlaceMention) -> bool:
    return bool(mention.candidates) and mention.candidates[0].kind == "country"
