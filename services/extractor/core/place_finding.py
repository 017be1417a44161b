"""Find the places that a sentence names: gazetteer hits and places told by grammar alone. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from services.extractor.core.place_context import (
    HYPHENS,
    LINK,
    NAME_ARTICLES,
    SPACE,
    Context,
    ContextReader,
    Token,
    continues,
    tokens_of,
)
from services.extractor.core.place_names import AREA_KINDS, Gazetteer, Place, fold
from services.extractor.core.place_structure import PlaceMention, link_mentions
from services.extractor.core.place_words import PlaceWords

NAME_TOKENS_MAX = 5
UNKNOWN_TOKENS_MAX = 3  # longer runs of capitals are titles and organisations
KNOWN_TOWN_POPULATION_MIN = 15_000  # under an alternate name and with no preposition, smaller is chance
BARE_TOWN_POPULATION_MIN = 1_000

_LIST_GAP = re.compile(r",\s+(?:and\s+|or\s+)?|\s+and\s+|\s+or\s+")
LIST_HEAD_TOKENS_MAX = 9  # "several other towns in the north of the country, including ..."
_DATELINE_AFTER = re.compile(r"\s*(?:,|\(|[-–—]\s|[-–—]{2})")


def find_places(text: str, start: int, end: int, gazetteer: Gazetteer, words: PlaceWords) -> tuple[PlaceMention, ...]:
    """Return the places named in text[start:end] (a sentence), in order, with offsets into `text`.

    Each mention cuts out its name as written; those that the gazetteer lacks have no candidates.
    """
    tokens = tokens_of(text, start, end)
    reader = ContextReader(tokens, words)
    finder = _Finder(text, tokens, gazetteer, words, _surnames(text, words), _placed(text, words), reader)
    return link_mentions(text, finder.mentions(), words)


@lru_cache(maxsize=1)
def _report_tokens(text: str) -> list[Token]:
    return tokens_of(text, 0, len(text))


@lru_cache(maxsize=8)  # one report's sentences come one after another
def _surnames(text: str, words: PlaceWords) -> frozenset[str]:
    """Names that stand behind a title or a given name somewhere in the report."""
    tokens = _report_tokens(text)
    no_surnames = words.titles | words.given_names
    found: set[str] = set()
    in_name = False
    openers = words.given_names | (words.titles - words.ordinary)
    for before, token in pairwise(tokens):
        in_name = in_name or (before.cap and before.key in openers)
        if not in_name:
            continue
        abbreviated = token.gap == ". " and before.key in words.titles
        linked = abbreviated or (LINK.fullmatch(token.gap) is not None and not before.possessive)
        in_name = linked and token.cap and not token.upper
        if in_name and token.key not in no_surnames:
            found.add(token.key)
    return frozenset(found)


@lru_cache(maxsize=8)
def _placed(text: str, words: PlaceWords) -> frozenset[str]:
    """Ordinary words that the report uses as a place's name: "in Sake" once, and "fled Sake" is a place too."""
    tokens = _report_tokens(text)
    ordinary = words.ordinary - words.directions - words.never
    found: set[str] = set()
    for n in range(1, len(tokens)):
        before, token = tokens[n - 1], tokens[n]
        if not token.cap or token.upper or token.key not in ordinary:
            continue
        if before.key not in words.firm or before.cap or not SPACE.fullmatch(token.gap) or token.possessive:
            continue
        if n + 1 == len(tokens) or not (tokens[n + 1].cap and LINK.fullmatch(tokens[n + 1].gap)):
            found.add(token.key)
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class _Finder:
    text: str
    tokens: list[Token]
    gazetteer: Gazetteer
    words: PlaceWords
    surnames: frozenset[str]
    placed: frozenset[str]
    reader: ContextReader

    def mentions(self) -> list[PlaceMention]:
        found: list[PlaceMention] = []
        i = 0
        while i < len(self.tokens):
            skipped = self._not_place_at(i)
            if skipped:
                i += skipped
                continue
            j, candidates = self._longest(i)
            mention = self._accept(i, j, candidates) if candidates else None
            if mention is None and self._starts(i):
                mention, j = self._unknown(i)
            if mention is not None:
                found.append(mention)
                i = self._list_after(i, j, found) if self._heads_list(i) else j
            i += 1
        return found

    def _heads_list(self, i: int) -> bool:
        """Whether what is named here is one of several places: "the towns of X, Y and Z"."""
        before = self.tokens[max(0, i - LIST_HEAD_TOKENS_MAX) : i]
        return bool(before) and before[-1].key in ("of", "including") and any(
            t.key.endswith("s") and t.key in self.words.descriptors for t in before
        )  # fmt: skip

    def _list_after(self, i: int, j: int, found: list[PlaceMention]) -> int:
        """Add the names coordinated with the place at tokens i to j, whether the gazetteer has them or not."""
        head = found[-1]
        last = j
        while last + 1 < len(self.tokens) and _LIST_GAP.fullmatch(self._gap_without_and(last + 1)):
            first = last + 1 + (self.tokens[last + 1].key in ("and", "or"))
            stop = first
            while stop + 1 < len(self.tokens) and self.tokens[stop + 1].cap and self._linked(stop + 1):
                stop += 1
            run = self.tokens[first : stop + 1]
            if not run or not run[0].cap or len(run) > UNKNOWN_TOKENS_MAX or any(self._no_name(t) for t in run):
                break
            after = self.tokens[stop + 1] if stop + 1 < len(self.tokens) else None
            if after is not None and SPACE.fullmatch(after.gap) and after.key in self.words.speech:
                break
            name = self.text[run[0].start : run[-1].end]
            readings = self.gazetteer.lookup(name) or self.gazetteer.lookup_spelling(name)
            context = Context(relation=head.relation, preposition=head.preposition, firm=True)
            found.append(self._mention(first, stop, context, readings))
            last = stop
        return last

    def _gap_without_and(self, k: int) -> str:
        token = self.tokens[k]
        if token.key in ("and", "or") and k + 1 < len(self.tokens):
            return f"{token.gap}{token.text}{self.tokens[k + 1].gap}"
        return token.gap

    # --- names in the gazetteer

    def _linked(self, k: int, pattern: re.Pattern[str] = LINK) -> bool:
        return continues(self.tokens, k, pattern)

    def _starts(self, i: int) -> bool:
        token = self.tokens[i]
        if token.cap:
            return True
        more = i + 1 < len(self.tokens) and self.tokens[i + 1].cap and self.tokens[i + 1].gap in HYPHENS
        return token.key in NAME_ARTICLES and more

    def _longest(self, i: int) -> tuple[int, tuple[Place, ...]]:
        """The last token and the readings of the longest name in the gazetteer that starts at token i."""
        if not self._starts(i):
            return i, ()
        last = i
        while last + 1 < min(len(self.tokens), i + NAME_TOKENS_MAX) and self._linked(last + 1):
            token = self.tokens[last + 1]
            known = token.key in self.words.inner or token.key in self.words.descriptors
            if not (token.cap or known or token.gap in HYPHENS):
                break
            last += 1
        for j in range(last, i - 1, -1):
            token = self.tokens[j]
            described = token.key in self.words.descriptors and self.tokens[i].key not in self.words.never
            if not token.cap and (j == i or not (described or token.gap in HYPHENS)):
                continue
            if candidates := self.gazetteer.lookup(self.text[self.tokens[i].start : token.end]):
                return j, candidates
        return i, ()

    def _accept(self, i: int, j: int, candidates: tuple[Place, ...]) -> PlaceMention | None:
        words, first, last = self.words, self.tokens[i], self.tokens[j]
        name = self.text[first.start : last.end]
        key = fold(name)
        context = self.reader.context(i, j)
        dateline = i == 0 and first.start == len(self.text) - len(self.text.lstrip()) and self._dateline(j)
        best = candidates[0]
        area = any(c.kind in AREA_KINDS for c in candidates) and best.primary
        if key in words.never or key in words.demonyms or len(key) < 2:
            return None
        if key in words.directions and context.descriptor is None:
            return None  # "the North" is half of some country, not one of the provinces of that name
        if any(t.upper for t in self.tokens[i : j + 1]) and not (dateline or self._headline()):
            # Capitals are acronyms unless the gazetteer lists them as a name of a country or region.
            if i == j and not (best.primary and best.kind not in ("city", "capital")):
                return None
        elif len(key) == 2 and not context.firm:
            return None
        if self._is_adjective(i, j) or self._is_organisation(i, j):
            return None
        if self._is_person(i, j, context, area=area):
            return None
        if not dateline and self._leftover(i, j):
            return None
        towns_only = best.kind in ("city", "capital")
        ordinary = (i == j or towns_only) and all(t.key in words.ordinary for t in self.tokens[i : j + 1])
        called = context.descriptor is not None and not context.descriptor.endswith("s") and (i > 0 or area)
        plural = context.firm and i > 1 and self.tokens[i - 1].key == "of" and self.tokens[i - 2].key.endswith("s")
        known = i == j and i > 0 and first.key in self.placed
        if ordinary and not (context.firm and (context.preposition or called)) and not (plural or known):
            return None
        if not (context.firm or context.taken or dateline or area or self._believable(i, j, best)):
            return None
        return self._mention(i, j, context, self._fitting(candidates, context.descriptor), dateline=dateline)

    def _believable(self, i: int, j: int, best: Place) -> bool:
        """Whether a town with nothing around it to say that it is one may stand."""
        after = self.tokens[j + 1] if j + 1 < len(self.tokens) else None
        if after is not None and after.key in self.words.speech and best.kind == "city":
            return False
        if i == 0 and i == j and re.search(rf"\b{re.escape(self.tokens[i].text.lower())}\b", self.text):
            return False  # a sentence's first word that the report elsewhere writes small
        people_min = BARE_TOWN_POPULATION_MIN if best.primary else KNOWN_TOWN_POPULATION_MIN
        return best.population >= people_min or best.kind not in ("city", "capital")

    def _fitting(self, candidates: tuple[Place, ...], descriptor: str | None) -> tuple[Place, ...]:
        """Prefer the readings that the descriptor asks for ('Idlib province'), where there are any."""
        kinds = self.words.descriptors.get(descriptor or "", frozenset())
        fitting = tuple(c for c in candidates if c.kind in kinds)
        if descriptor and not fitting:
            return candidates
        return fitting or candidates

    def _mention(
        self, i: int, j: int, context: Context, candidates: tuple[Place, ...], *, dateline: bool = False
    ) -> PlaceMention:
        start, end = self.tokens[i].start, self.tokens[j].end
        name = self.text[start:end]
        if context.descriptor and (full := self.gazetteer.lookup(f"{name} {context.descriptor}")):
            candidates = full
        seat = any(c.kind in ("country", "capital") for c in candidates)
        return PlaceMention(
            text=name,
            start=start,
            end=end,
            candidates=candidates,
            relation=context.relation,
            preposition=context.preposition,
            direction=context.direction,
            descriptor=context.descriptor,
            possessive=self.tokens[j].possessive,
            metonym_possible=context.office or (seat and context.relation is None and not dateline),
            firm=context.firm,
            dateline=dateline,
        )

    # --- names that only look like places

    def _not_place_at(self, i: int) -> int:
        """How many tokens a listed organisation, group or thing takes that starts here; 0 if none does."""
        if not self._starts(i) or self.tokens[i].key not in self.words.not_place_heads:
            return 0
        for j in range(min(len(self.tokens), i + NAME_TOKENS_MAX + 1) - 1, i - 1, -1):
            if fold(self.text[self.tokens[i].start : self.tokens[j].end]) in self.words.not_places:
                return j - i + 1
        return 0

    def _is_adjective(self, i: int, j: int) -> bool:
        """'Moscow-backed', 'pro-Russia': a place name inside a compound adjective."""
        first, after = self.tokens[i], self.tokens[j + 1] if j + 1 < len(self.tokens) else None
        if after is not None and after.gap in HYPHENS and not after.cap:
            return after.key not in self.words.descriptors
        before_small = i > 0 and first.gap in HYPHENS and not self.tokens[i - 1].cap
        return before_small and self.tokens[i - 1].key not in self.words.directions | NAME_ARTICLES

    def _is_organisation(self, i: int, j: int) -> bool:
        words = self.words
        if i > 1 and self.tokens[i - 1].key == "of" and self.tokens[i - 2].key in words.org_of:
            return self.tokens[i - 2].cap
        k = j + 1
        if k < len(self.tokens) and self._linked(k) and self.tokens[k].key in words.org_heads:
            # Small "airport" or "court" describes; small "accords" names what was signed there.
            return True
        while (
            k < len(self.tokens) and k <= j + NAME_TOKENS_MAX and LINK.fullmatch(self.tokens[k].gap.strip("'s’") or " ")
        ):
            token = self.tokens[k]
            if not token.cap and token.key not in ("of", "for", "and"):
                break
            if token.cap and token.key in words.org_heads:
                return True
            k += 1
        return False

    def _is_person(self, i: int, j: int, context: Context, *, area: bool) -> bool:
        words, first = self.words, self.tokens[i]
        before = self.tokens[i - 1] if i and (self._linked(i, SPACE) or first.gap == ". ") else None
        if i == j and first.key in words.titles and not context.firm:
            return True
        if before is not None and first.gap == ". " and before.key not in words.titles:
            before = None
        if before is not None and (before.key in words.titles or (before.cap and before.key in words.given_names)):
            return True
        if i == j and first.key in words.given_names and not context.firm:
            return True
        firm = context.firm and context.preposition in words.firm and not self.tokens[j].possessive
        return i == j and first.key in self.surnames and not firm and not area

    def _leftover(self, i: int, j: int) -> bool:
        """Whether capitals next to the name make it part of some longer name that the gazetteer lacks."""
        if self._headline():
            return False
        if i and self._linked(i) and self.tokens[i - 1].cap and not self._explained(i - 1, left=True):
            return True
        after = j + 1
        article = after + 1 < len(self.tokens) and self.tokens[after].key in NAME_ARTICLES
        if article and self._linked(after, SPACE) and self.tokens[after + 1].gap in HYPHENS:
            return True  # "Ashraf al-Qidra"
        return (
            after < len(self.tokens)
            and self._linked(after)
            and self.tokens[after].cap
            and not self._explained(after, left=False)
        )

    def _explained(self, k: int, *, left: bool) -> bool:
        token, words = self.tokens[k], self.words
        if token.key in words.descriptors or token.key in words.directions or token.key in words.demonyms:
            return True
        if token.key in words.never or token.key in words.relations or token.key in words.function_words:
            return True
        if left:
            return k == 0 and token.key not in words.given_names and not token.upper
        hyphen = not SPACE.fullmatch(token.gap)
        if hyphen:
            return bool(self.gazetteer.lookup(token.text))
        return token.key in words.titles or token.key in words.given_names

    def _headline(self) -> bool:
        """Whether the sentence is capitalised throughout, so that capitals tell nothing."""
        long = [t for t in self.tokens if len(t.text) > 3]
        return len(long) > 4 and all(t.cap or t.key in self.words.function_words for t in long)

    def _dateline(self, j: int) -> bool:
        return self.tokens[j].upper and _DATELINE_AFTER.match(self.text, self.tokens[j].end) is not None

    # --- places told by grammar alone

    def _unknown(self, i: int) -> tuple[PlaceMention | None, int]:
        """A capitalised name that the gazetteer lacks, in a slot that only places fill."""
        words, tokens = self.words, self.tokens
        if i and self._linked(i) and tokens[i - 1].cap and not self._explained(i - 1, left=True):
            return None, i
        j = i
        while j + 1 < len(tokens) and self._linked(j + 1):
            token = tokens[j + 1]
            small = token.key in NAME_ARTICLES and j + 2 < len(tokens) and tokens[j + 2].cap and self._linked(j + 2)
            if not (token.cap or small) or token.key in words.descriptors or token.key in words.never:
                break
            j += 1
        run = tokens[i : j + 1]
        context = self.reader.context(i, j)
        placed = context.preposition is not None and (context.preposition in words.firm or " " in context.preposition)
        moved = context.preposition in ("to", "from") and context.firm
        named = context.firm and (context.descriptor or placed or moved)
        if not (named or context.taken) or len(run) > UNKNOWN_TOKENS_MAX:
            return None, i
        if any(self._no_name(token) for token in run if token.key not in NAME_ARTICLES) or all(
            t.key in words.ordinary for t in run
        ):
            return None, i
        after = tokens[j + 1] if j + 1 < len(tokens) and self._linked(j + 1, SPACE) else None
        loose = after is not None and not after.cap and after.key not in words.function_words
        if (loose and context.descriptor is None) or self._is_organisation(i, j) or self._is_adjective(i, j):
            return None, i
        if self._is_person(i, j, context, area=False) or (tokens[j].possessive and context.descriptor is None):
            return None, i
        candidates = self.gazetteer.lookup_spelling(self.text[tokens[i].start : tokens[j].end])
        if context.taken and not named and not candidates:
            return None, i  # "the fall of Milosevic"
        return self._mention(i, j, context, candidates), j

    def _no_name(self, token: Token) -> bool:
        words = self.words
        kinds = (words.never, words.demonyms, words.titles, words.given_names, words.not_places, words.org_heads)
        short = len(token.key) < 2 or (len(token.key) == 2 and token.gap not in HYPHENS)
        return token.upper or short or any(token.key in kind for kind in kinds)
