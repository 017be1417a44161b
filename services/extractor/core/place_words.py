"""The word lists of the place grammar, as the linguist's file gives them (`data/place_words.yaml`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import cast


@dataclass(frozen=True, eq=False)
class PlaceWords:
    """Folded words and phrases by what they tell the place grammar; compared and hashed by identity."""

    never: frozenset[str]  # calendar words and the like: no place, whatever stands around
    ordinary: frozenset[str]  # English words that are also towns: a place only in strong context
    demonyms: frozenset[str]
    given_names: frozenset[str]
    titles: frozenset[str]  # before a person's name
    not_places: frozenset[str]  # names of organisations, groups and things, whole
    org_heads: frozenset[str]  # after a place name: the whole is an organisation or a pact
    org_of: frozenset[str]  # before "of" and a place name: likewise
    offices_of: frozenset[str]  # before "of" and a place name: the state, not the ground
    descriptors: Mapping[str, frozenset[str]]  # 'oblast' -> kinds of reading that it asks for
    relations: Mapping[str, str]  # preposition -> relation
    firm: frozenset[str]  # prepositions that make a place of an unknown name
    motion: frozenset[str]  # verbs with which "to" and "from" are firm
    place_verbs: frozenset[str]  # verbs whose object is a place
    speech: frozenset[str]
    directions: frozenset[str]
    outskirts: frozenset[str]  # before "of": near
    takings: frozenset[str]  # before "of": what is done to a town
    adjectives: frozenset[str]  # may stand between a preposition and a place
    inner: frozenset[str]  # lower-case words inside a name
    function_words: frozenset[str]  # may follow an unknown place

    @cached_property
    def not_place_heads(self) -> frozenset[str]:
        """First words of `not_places`."""
        return frozenset(name.split()[0] for name in self.not_places)


def place_words_from(raw: Mapping[str, object]) -> PlaceWords:
    """Make PlaceWords of the parsed file: section -> {words: list | mapping, examples: ...}.

    Raises ValueError naming the sections that are missing or unknown.
    """
    wanted = {f.name for f in fields(PlaceWords)}
    if wrong := wanted ^ set(raw):
        raise ValueError(f"place_words.yaml: missing or unknown sections: {', '.join(sorted(wrong))}")
    values: dict[str, object] = {}
    for name in wanted:
        words = cast("Mapping[str, object]", raw[name])["words"]
        if isinstance(words, Mapping):
            values[name] = {k: frozenset(v) if isinstance(v, list) else v for k, v in words.items()}
        elif isinstance(words, str):
            values[name] = frozenset(words.split())
        else:
            values[name] = frozenset(cast("list[str]", words))
    return PlaceWords(**values)  # type: ignore[arg-type]  # sections are checked above, shapes by the tests
