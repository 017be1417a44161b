"""The gate: which sentences the parser must see. It may let a sentence through for nothing, but never keeps one back
in which a frame would open.

A word of the vocabulary opens the gate only if the words that its sense cannot do without stand in the sentence, too:
most of the news says that somebody "hit" or "left" something.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Final

from services.extractor.core.lexicon import SPECIAL, Condition, Entry, Lexicon, Sense
from services.extractor.core.syntax import Token

Needs = tuple[frozenset[str], ...]
"""Sets of words, of each of which one must stand in the sentence."""

_PIECE: Final = re.compile(r"[^\W\d_]+")
"""Never longer than the parser's tokens, so that no word hides in a piece."""
_GLUED: Final[Mapping[str, tuple[str, ...]]] = {"cannot": ("can", "not")}
"""What the parser's tokenizer takes apart."""
STAND_INS: Final[Mapping[str, frozenset[str]]] = {
    "on": frozenset({"targeting", "hitting", "striking"}),
    "under": frozenset({"into"}),
}
"""Words that give an event noun an argument as if by this preposition (see `arguments.of_noun`)."""
NOT_OF_WORDS: Final = SPECIAL - {"@weapon"}
"""The special tests that more than the words themselves may meet."""
NEGATIVES: Final = frozenset(
    {"not", "t", "nt", "never", "no", "any", "neither", "nor", "none", "nothing", "nobody", "hardly", "without"}
)
"""Without one of these nothing is negated: "didn't" is cut into "didn" and "t" here."""
WORDS_CACHED_MAX: Final = 65_536
"""Some 20 MB when full; a day's news has fewer different words."""


class Gate:
    """Made of a vocabulary, once."""

    def __init__(self, lexicon: Lexicon) -> None:
        of_sense = {sense.id: _needs_of(sense) for sense in lexicon.senses}
        needs: dict[str, set[Needs]] = {}
        for forms in (lexicon.verbs, lexicon.nouns, lexicon.phrases):
            for form, entries in forms.items():
                needs.setdefault(form, set()).update(_needs(e, of_sense[e.sense.id]) for e in entries)
        self._needs = {form: () if () in some else tuple(sorted(some, key=len)) for form, some in needs.items()}
        self._words = frozenset(self._needs)
        self._armed, self._weapons = _last_pieces(lexicon.classes["forces"]), _last_pieces(lexicon.classes["munition"])

        @lru_cache(WORDS_CACHED_MAX)
        def forms_of(word: str) -> frozenset[str]:
            tags = ("VB", "NN", "NNS")
            return frozenset(
                [word, *(lexicon.lemma(Token(0, 0, len(word), word, word, tag, "ROOT", 0)) for tag in tags)]
            )

        self._forms_of = forms_of

    def names(self, text: str, start: int, end: int) -> bool:
        """Whether text[start:end] has any word of the vocabulary."""
        return not self._words.isdisjoint(_PIECE.findall(text[start:end].lower()))

    def opens(self, text: str, start: int, end: int, marks: Collection[str] = NOT_OF_WORDS) -> bool:
        """Whether a frame may open in text[start:end], a sentence. `marks` are the special tests that may hold there
        because of its actors, places and numbers; all, where none are known yet."""
        words = set(_PIECE.findall(text[start:end].lower()))
        triggers = words & self._words
        if not triggers:
            return False
        if any(not self._needs[word] for word in triggers):
            return True
        for glued, parts in _GLUED.items():
            if glued in words:
                words.update(parts)
        there = words.union(marks, *map(self._forms_of, words))
        if not there.isdisjoint(self._armed):
            there.add("@armed")
        if not there.isdisjoint(self._weapons):
            there.add("@weapon")
        return any(
            not any(need.isdisjoint(there) for need in needs) for word in triggers for needs in self._needs[word]
        )


def _needs(entry: Entry, of_sense: Needs) -> Needs:
    """What an entry cannot do without: the rest of its own words, and what its sense asks for."""
    own = [frozenset({word, word + "s"}) for run in entry.rest for word in _PIECE.findall(run)]
    return tuple(sorted({*own, *of_sense}, key=len))


def _needs_of(sense: Sense) -> Needs:
    # a killing told in the passive has no subject to ask for
    conditions = [sense.obj, sense.with_, sense.content, sense.pobj, *([] if sense.sense == "kill" else [sense.subj])]
    found = [_heads(condition) for condition in conditions if condition]
    if sense.prep:
        found.append(sense.prep.union(*(STAND_INS.get(word, frozenset()) for word in sense.prep)))
    if sense.negated:
        found.append(NEGATIVES)
    return tuple(found)


def _heads(condition: Condition) -> frozenset[str]:
    """What may meet a condition: the last words of its terms, for the lemmas of a run end at a token, and its marks."""
    return condition.special | _last_pieces(condition.words)


def _last_pieces(terms: Iterable[str]) -> frozenset[str]:
    return frozenset(piece for term in terms for piece in _PIECE.findall(term)[-1:])
