"""Words around a name: tokens, and the walk to the preposition that places it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import NamedTuple

from services.extractor.core.place_names import fold
from services.extractor.core.place_words import PlaceWords

LEFT_TOKENS_MAX = 8  # how far a preposition may stand before its place

_TOKEN = re.compile(r"(?:[A-Z]\.){2,}|(?:St|Ste|Mt|Ft)\.(?=\s[A-Z])|[^\W\d_]+(?:['’ʼ‘`][^\W\d_]+)*")
SPACE = re.compile(r"[ \t\u00a0]+|[ \t]*\n[ \t]*")
LINK = re.compile(r"[ \t\u00a0]+|[ \t]*\n[ \t]*|[-‐‑]")
_POSSESSIVE = ("'s", "’s")
HYPHENS = ("-", "‐", "‑")
NAME_ARTICLES = frozenset(["al", "el", "ad", "ar", "as", "at", "an", "ash", "ez", "az", "es"])


class Token(NamedTuple):
    """A word; a named tuple because a report has hundreds, and its sentences' are made anew."""

    text: str  # without a possessive ending
    key: str
    start: int
    end: int
    gap: str  # between the token before and this one
    cap: bool
    upper: bool
    possessive: bool
    after: str  # the character behind it, '' at the end


def tokens_of(text: str, start: int, end: int) -> list[Token]:
    """Cut text[start:end] into words; offsets are into `text`."""
    tokens: list[Token] = []
    last = start
    for match in _TOKEN.finditer(text, start, end):
        word, at = match.group(), match.start()
        possessive = word.endswith(_POSSESSIVE) and len(word) > 2
        name = word[:-2] if possessive else word
        stop = match.end()
        tokens.append(
            Token(
                name,
                fold(name),
                at,
                at + len(name),
                text[last:at],
                name[:1].isupper(),
                len(name) > 1 and name.isupper(),
                possessive,
                text[stop : min(stop + 1, end)],
            )
        )
        last = stop
    return tokens


def continues(tokens: list[Token], k: int, pattern: re.Pattern[str] = LINK) -> bool:
    """Whether token k goes on with the name that the token before it belongs to."""
    return k > 0 and pattern.fullmatch(tokens[k].gap) is not None and not tokens[k - 1].possessive


@dataclass(frozen=True, slots=True)
class Context:
    """What stands around a name: the words to its left, and the noun on either side that says what it is."""

    relation: str | None = None
    preposition: str | None = None
    direction: str | None = None
    descriptor: str | None = None
    firm: bool = False  # the context alone makes it a place
    office: bool = False
    taken: bool = False  # "the siege of X", "the fall of X": a town more often than a person


@dataclass(frozen=True, slots=True)
class ContextReader:
    """Reads the context of names in one sentence's tokens."""

    tokens: list[Token]
    words: PlaceWords

    def context(self, i: int, j: int) -> Context:
        context = self._left(i)
        k = j + 1
        if k < len(self.tokens) and self.tokens[k].key in self.words.adjectives - self.words.descriptors.keys():
            k += continues(self.tokens, k, SPACE) and not self.tokens[k].cap  # "the Baddawi refugee camp"
        after = self.tokens[k] if k < len(self.tokens) and continues(self.tokens, k, SPACE) else None
        if (
            after is not None
            and after.key in self.words.descriptors
            and self.tokens[j].key not in self.words.descriptors
        ):
            context = replace(context, descriptor=after.key, firm=True)
        return context

    def _left(self, i: int) -> Context:
        """Walk left from a name over articles, directions, descriptors and owners to its preposition."""
        words, tokens = self.words, self.tokens
        context, owned = Context(), False
        k = i - 1
        while k >= 0 and i - k <= LEFT_TOKENS_MAX and LINK.fullmatch(tokens[k + 1].gap):
            token = tokens[k]
            key = token.key
            if key == "of" and k:
                noun = tokens[k - 1].key
                if noun == "out":
                    return replace(context, relation="from", preposition="out of", firm=True)
                if noun in words.takings:
                    return replace(context, taken=True)
                if noun in words.directions:
                    return replace(context, relation=f"{_compass(noun)}_of", preposition=f"{noun} of", firm=True)
                if noun in words.outskirts:
                    return replace(context, relation="near", preposition=f"{noun} of", firm=True)
                if noun in words.offices_of:
                    return replace(context, office=True)
                if noun.endswith("s") and (noun in words.descriptors or noun[:-1] in words.descriptors):
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
                while k and tokens[k - 1].cap and continues(self.tokens, k):
                    k -= 1
            elif key in words.directions:
                if not owned:
                    half = tokens[k].gap in HYPHENS and k > 0 and tokens[k - 1].key in words.directions
                    context = replace(
                        context, direction=context.direction or (f"{tokens[k - 1].key}-{key}" if half else key)
                    )
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

    def _with_preposition(self, context: Context, k: int) -> Context:
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


def _compass(word: str) -> str:
    return word.removesuffix("ern")
