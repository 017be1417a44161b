"""Find the places that a sentence names: gazetteer hits and places told by grammar alone. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from services.extractor.core.place_names import AREA_KINDS, Gazetteer, Place, fold
from services.extractor.core.place_structure import PlaceMention, link_mentions
from services.extractor.core.place_words import PlaceWords

NAME_TOKENS_MAX = 5
UNKNOWN_TOKENS_MAX = 3  # longer runs of capitals are titles and organisations
LEFT_TOKENS_MAX = 8  # how far a preposition may stand before its place
KNOWN_TOWN_POPULATION_MIN = 15_000  # under an alternate name and with no preposition, smaller is chance
BARE_TOWN_POPULATION_MIN = 1_000

_TOKEN = re.compile(r"(?:[A-Z]\.){2,}|(?:St|Ste|Mt|Ft)\.(?=\s[A-Z])|[^\W\d_]+(?:['’ʼ‘`][^\W\d_]+)*")
_SPACE = re.compile(r"[ \t\u00a0]+|[ \t]*\n[ \t]*")
_LINK = re.compile(r"[ \t\u00a0]+|[ \t]*\n[ \t]*|[-‐‑]")
_POSSESSIVE = ("'s", "’s")
_HYPHENS = ("-", "‐", "‑")
_ARTICLES = frozenset(["al", "el", "ad", "ar", "as", "at", "an", "ash", "ez", "az", "es"])
_DATELINE_AFTER = re.compile(r"\s*(?:,|\(|[-–—]\s|[-–—]{2})")


@dataclass(frozen=True, slots=True)
class _Token:
    text: str  # without a possessive ending
    key: str
    start: int
    end: int
    gap: str  # between the token before and this one
    cap: bool
    upper: bool
    possessive: bool
    after: str  # the character behind it, '' at the end


def find_places(text: str, start: int, end: int, gazetteer: Gazetteer, words: PlaceWords) -> tuple[PlaceMention, ...]:
    """Return the places named in text[start:end] (a sentence), in order, with offsets into `text`.

    Each mention cuts out its name as written; those that the gazetteer lacks have no candidates.
    """
    tokens = _tokens(text, start, end)
    finder = _Finder(text, tokens, gazetteer, words, _surnames(text, words))
    return link_mentions(text, finder.mentions(), words)


def _tokens(text: str, start: int, end: int) -> list[_Token]:
    tokens: list[_Token] = []
    last = start
    for match in _TOKEN.finditer(text, start, end):
        word, at = match.group(), match.start()
        possessive = word.endswith(_POSSESSIVE) and len(word) > 2
        name = word[:-2] if possessive else word
        tokens.append(
            _Token(
                text=name,
                key=fold(name),
                start=at,
                end=at + len(name),
                gap=text[last:at],
                cap=name[:1].isupper(),
                upper=len(name) > 1 and name.isupper(),
                possessive=possessive,
                after=text[match.end() : min(match.end() + 1, end)],
            )
        )
        last = match.end()
    return tokens


@lru_cache(maxsize=8)  # one report's sentences come one after another
def _surnames(text: str, words: PlaceWords) -> frozenset[str]:
    """Names that stand behind a title or a given name somewhere in the report."""
    tokens = _tokens(text, 0, len(text))
    found: set[str] = set()
    in_name = False
    for before, token in pairwise(tokens):
        linked = _LINK.fullmatch(token.gap) is not None and not before.possessive
        opens = before.key in words.given_names or (before.key in words.titles and before.key not in words.ordinary)
        in_name = linked and token.cap and not token.upper and (in_name or (opens and before.cap))
        if in_name and token.key not in words.titles | words.given_names:
            found.add(token.key)
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class _Context:
    """What stands around a name: the words to its left, and the noun on either side that says what it is."""

    relation: str | None = None
    preposition: str | None = None
    direction: str | None = None
    descriptor: str | None = None
    firm: bool = False  # the context alone makes it a place
    office: bool = False


@dataclass(frozen=True, slots=True)
class _Finder:
    text: str
    tokens: list[_Token]
    gazetteer: Gazetteer
    words: PlaceWords
    surnames: frozenset[str]

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
                i = j
            i += 1
        return found

    # --- names in the gazetteer

    def _linked(self, k: int, pattern: re.Pattern[str] = _LINK) -> bool:
        """Whether token k continues the one before it."""
        return k > 0 and pattern.fullmatch(self.tokens[k].gap) is not None and not self.tokens[k - 1].possessive

    def _starts(self, i: int) -> bool:
        token = self.tokens[i]
        if token.cap:
            return True
        more = i + 1 < len(self.tokens) and self.tokens[i + 1].cap and self.tokens[i + 1].gap in _HYPHENS
        return token.key in _ARTICLES and more

    def _longest(self, i: int) -> tuple[int, tuple[Place, ...]]:
        """The last token and the readings of the longest name in the gazetteer that starts at token i."""
        if not self._starts(i):
            return i, ()
        last = i
        while last + 1 < min(len(self.tokens), i + NAME_TOKENS_MAX) and self._linked(last + 1):
            token = self.tokens[last + 1]
            known = token.key in self.words.inner or token.key in self.words.descriptors
            if not (token.cap or known or token.gap in _HYPHENS):
                break
            last += 1
        for j in range(last, i - 1, -1):
            token = self.tokens[j]
            described = token.key in self.words.descriptors and self.tokens[i].key not in self.words.never
            if not token.cap and (j == i or not (described or token.gap in _HYPHENS)):
                continue
            if candidates := self.gazetteer.lookup(self.text[self.tokens[i].start : token.end]):
                return j, candidates
        return i, ()

    def _accept(self, i: int, j: int, candidates: tuple[Place, ...]) -> PlaceMention | None:
        words, first, last = self.words, self.tokens[i], self.tokens[j]
        name = self.text[first.start : last.end]
        key = fold(name)
        context = self._context(i, j)
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
        if ordinary and not (context.firm and (context.preposition or called)):
            return None
        if not (context.firm or dateline or area or self._believable(i, j, best)):
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
        self, i: int, j: int, context: _Context, candidates: tuple[Place, ...], *, dateline: bool = False
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
        if not self.tokens[i].cap:
            return 0
        for j in range(min(len(self.tokens), i + NAME_TOKENS_MAX + 1) - 1, i - 1, -1):
            if fold(self.text[self.tokens[i].start : self.tokens[j].end]) in self.words.not_places:
                return j - i + 1
        return 0

    def _is_adjective(self, i: int, j: int) -> bool:
        """'Moscow-backed', 'pro-Russia': a place name inside a compound adjective."""
        first, after = self.tokens[i], self.tokens[j + 1] if j + 1 < len(self.tokens) else None
        if after is not None and after.gap in _HYPHENS and not after.cap:
            return after.key not in self.words.descriptors
        before_small = i > 0 and first.gap in _HYPHENS and not self.tokens[i - 1].cap
        return before_small and self.tokens[i - 1].key not in self.words.directions | _ARTICLES

    def _is_organisation(self, i: int, j: int) -> bool:
        words = self.words
        if i > 1 and self.tokens[i - 1].key == "of" and self.tokens[i - 2].key in words.org_of:
            return self.tokens[i - 2].cap
        k = j + 1
        if k < len(self.tokens) and self._linked(k) and self.tokens[k].key in words.org_heads:
            # Small "airport" or "court" describes; small "accords" names what was signed there.
            return True
        while k < len(self.tokens) and k <= j + NAME_TOKENS_MAX and self._linked(k):
            token = self.tokens[k]
            if not token.cap and token.key not in ("of", "for", "and"):
                break
            if token.cap and token.key in words.org_heads:
                return True
            k += 1
        return False

    def _is_person(self, i: int, j: int, context: _Context, *, area: bool) -> bool:
        words, first = self.words, self.tokens[i]
        before = self.tokens[i - 1] if i and self._linked(i, _SPACE) else None
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
        hyphen = not _SPACE.fullmatch(token.gap)
        if hyphen:
            return bool(self.gazetteer.lookup(token.text))
        return token.key in words.titles or token.key in words.given_names

    def _headline(self) -> bool:
        """Whether the sentence is capitalised throughout, so that capitals tell nothing."""
        long = [t for t in self.tokens if len(t.text) > 3]
        return len(long) > 4 and sum(t.cap for t in long) >= 0.8 * len(long)

    def _dateline(self, j: int) -> bool:
        return self.tokens[j].upper and _DATELINE_AFTER.match(self.text, self.tokens[j].end) is not None

    # --- context

    def _context(self, i: int, j: int) -> _Context:
        context = self._left(i)
        after = self.tokens[j + 1] if j + 1 < len(self.tokens) and self._linked(j + 1, _SPACE) else None
        if (
            after is not None
            and after.key in self.words.descriptors
            and self.tokens[j].key not in self.words.descriptors
        ):
            context = replace(context, descriptor=after.key, firm=True)
        return context

    def _left(self, i: int) -> _Context:
        """Walk left from a name over articles, directions, descriptors and owners to its preposition."""
        words, tokens = self.words, self.tokens
        context, owned = _Context(), False
        k = i - 1
        while k >= 0 and i - k <= LEFT_TOKENS_MAX and _LINK.fullmatch(tokens[k + 1].gap):
            token = tokens[k]
            key = token.key
            if key == "of" and k:
                noun = tokens[k - 1].key
                if noun in words.directions:
                    return replace(context, relation=f"{_compass(noun)}_of", preposition=f"{noun} of", firm=True)
                if noun in words.outskirts:
                    return replace(context, relation="near", preposition=f"{noun} of", firm=True)
                if noun in words.offices_of:
                    return replace(context, office=True)
                if noun.endswith("s") and noun in words.descriptors:
                    return replace(context, firm=True)  # "villages of X": X holds them
                if noun not in words.descriptors or self._named(k - 2):
                    return context
                context = replace(context, descriptor=context.descriptor or noun, firm=True)
                k -= 1
            elif key in words.relations:
                return self._with_preposition(context, k)
            elif key in words.place_verbs and not token.cap:
                return replace(context, firm=True)
            elif token.possessive and token.cap:
                owned = True
                while k and tokens[k - 1].cap and self._linked(k):
                    k -= 1
            elif key in words.directions:
                if not owned:
                    context = replace(context, direction=context.direction or key)
            elif not (key in ("the", "a") or key in words.adjectives or key in words.descriptors):
                return context
            k -= 1
        return context

    def _named(self, k: int) -> bool:
        """Whether the noun after token k has a name already ("Guffa village of ...")."""
        if k < 0:
            return False
        words, token = self.words, self.tokens[k]
        return token.cap and not any(token.key in kind for kind in (words.never, words.demonyms, words.directions))

    def _with_preposition(self, context: _Context, k: int) -> _Context:
        """Add the preposition at token k; "to", "from" and "on" place a name only by the words before them."""
        words, tokens = self.words, self.tokens
        key = tokens[k].key
        if key == "to" and k and tokens[k - 1].key in words.outskirts:
            return replace(context, relation="near", preposition=f"{tokens[k - 1].key} to", firm=True)
        recent = {t.key for t in tokens[max(0, k - 4) : k]}
        firm = key in words.firm
        relation: str | None = words.relations[key]
        if key in ("to", "from"):
            firm = self._moving(k)
            relation = relation if firm or key == "from" else None
        elif key == "on":
            firm = not recent.isdisjoint(words.place_verbs)
            relation = relation if firm else None
        return replace(context, relation=relation, preposition=key, firm=context.firm or firm)

    def _moving(self, k: int) -> bool:
        """Whether "to" or "from" at token k belongs to a verb of motion."""
        return any(t.key in self.words.motion for t in self.tokens[max(0, k - 6) : k])

    # --- places told by grammar alone

    def _unknown(self, i: int) -> tuple[PlaceMention | None, int]:
        """A capitalised name that the gazetteer lacks, in a slot that only places fill."""
        words, tokens = self.words, self.tokens
        if i and self._linked(i) and tokens[i - 1].cap and not self._explained(i - 1, left=True):
            return None, i
        j = i
        while j + 1 < len(tokens) and self._linked(j + 1):
            token = tokens[j + 1]
            small = token.key in _ARTICLES and j + 2 < len(tokens) and tokens[j + 2].cap and self._linked(j + 2)
            if not (token.cap or small) or token.key in words.descriptors or token.key in words.never:
                break
            j += 1
        run = tokens[i : j + 1]
        context = self._context(i, j)
        placed = context.preposition is not None and (context.preposition in words.firm or " " in context.preposition)
        moved = context.preposition in ("to", "from") and context.firm
        if not (context.descriptor or placed or moved) or not context.firm or len(run) > UNKNOWN_TOKENS_MAX:
            return None, i
        if any(self._no_name(token) for token in run if token.cap) or all(t.key in words.ordinary for t in run):
            return None, i
        after = tokens[j + 1] if j + 1 < len(tokens) and self._linked(j + 1, _SPACE) else None
        loose = after is not None and not after.cap and after.key not in words.function_words
        if (loose and context.descriptor is None) or self._is_organisation(i, j) or self._is_adjective(i, j):
            return None, i
        if self._is_person(i, j, context, area=False) or (tokens[j].possessive and context.descriptor is None):
            return None, i
        name = self.text[tokens[i].start : tokens[j].end]
        return self._mention(i, j, context, self.gazetteer.lookup_spelling(name)), j

    def _no_name(self, token: _Token) -> bool:
        words = self.words
        kinds = (words.never, words.demonyms, words.titles, words.given_names, words.not_places, words.org_heads)
        return token.upper or len(token.key) < 3 or any(token.key in kind for kind in kinds)


def _compass(word: str) -> str:
    return word.removesuffix("ern")
