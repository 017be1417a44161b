"""Is it English? By the words that every English sentence is made of, those of other languages, and the letters."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

SAMPLE_WORDS: Final = 400
"""The words looked at: a report that begins in English goes on in English."""
ENGLISH_SHARE_MIN: Final = 0.12
"""Share of English function words; English news has 0.3 and more, other languages in Latin script under 0.08."""
KNOWN_SHARE_MIN: Final = 0.25
"""Share of function words and words of the vocabulary: flashes ("Two killed in Gaza strike") are made of the latter."""
HINTED_FACTOR: Final = 0.5
"""A reporter who says that it is English is believed on half the evidence."""
FOREIGN_FACTOR: Final = 0.5
"""Vocabulary is no proof against this share of foreign function words: "los drones", "le raid"."""
FEW_WORDS_MAX: Final = 40
"""Shares of so few words prove nothing: one English word is enough where nothing shows another language."""
BARE_WORDS_MAX: Final = 7
"""A line of names ("Jets bomb Poti") may have none."""
LATIN_SHARE_MIN: Final = 0.5
"""Of the letters; English reports quote other scripts, but are not written in them."""
WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_LATIN: Final = re.compile(r"[A-Za-zÀ-ɏḀ-ỿ]")


@dataclass(frozen=True, slots=True)
class EnglishTest:
    """All words lower-case. `vocabulary` is what the coder knows beside function words; `others` are function words of
    other languages that are no English ones."""

    function_words: frozenset[str]
    vocabulary: frozenset[str]
    others: frozenset[str]

    @classmethod
    def of(
        cls, function_words: frozenset[str], vocabulary: frozenset[str], others: Mapping[str, Sequence[str]]
    ) -> Self:
        """`others` as in other_languages.yaml: function words by language."""
        foreign = frozenset(word for words in others.values() for word in words)
        return cls(function_words, vocabulary - function_words, foreign - function_words)

    def passes(self, words: Sequence[str], hint: str | None) -> bool:
        """Whether a text is to be read as English. `words` are its first `SAMPLE_WORDS`, lower-case, at least one.

        A hint of another language settles it; one of English lowers what is asked.
        """
        english = is_english_tag(hint) if hint is not None else None
        if english is False:
            return False
        letters = "".join(words)
        if len(_LATIN.findall(letters)) < LATIN_SHARE_MIN * len(letters):
            return False
        function = sum(w in self.function_words for w in words)
        foreign = sum(w in self.others for w in words)
        known = function + sum(w in self.vocabulary for w in words)
        if foreign > function and foreign > FOREIGN_FACTOR * known:
            return False
        if len(words) <= FEW_WORDS_MAX:
            return known > 0 or len(words) <= BARE_WORDS_MAX
        factor = HINTED_FACTOR if english else 1.0
        return function >= factor * ENGLISH_SHARE_MIN * len(words) or known >= factor * KNOWN_SHARE_MIN * len(words)


def is_english_tag(tag: str) -> bool:
    """Whether a language tag in whatever writing ("EN", "en_GB", "eng", "en-us") names English."""
    return re.split(r"[-_]", tag.strip().lower())[0] in ("en", "eng")
