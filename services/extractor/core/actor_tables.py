"""The tables of actors, indexed: known actors and their names, roles, and the words of the noun-phrase grammar.

In go the parsed data files (states, actors, roles), out come look-ups by first word, longest term first.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, Self, TypeVar, cast

Kind = Literal["state", "armed_group", "organisation", "media", "person", "force", "people", "body", "unknown"]
RoleClass = Literal["official", "force", "armed_nonstate", "civilians", "body", "media"]
Form = Literal["name", "adj", "noun", "capital", "residence"]
Table = Mapping[str, object]
T = TypeVar("T")
Lexicon = dict[str, list[tuple[tuple[str, ...], T]]]

TOKEN: Final = re.compile(r"(?:[^\W\d_]\.){2,}|'s\b|\d+(?:st|nd|rd|th)\b|\w+|\n\s*\n|[^\w\s]")
"""Dotted abbreviations, possessives, ordinals, words, paragraph ends and single marks."""
_KINDS: Final[Mapping[str, Kind]] = {
    "alliance": "organisation",
    "people": "people",
    "region": "state",
    "defacto_state": "state",
}


@dataclass(frozen=True, slots=True)
class Entity:
    """A known actor. side: the state it acts for; home: where it is at home (both ISO 3166-1 alpha-2)."""

    name: str
    kind: Kind
    side: str | None = None
    home: str | None = None
    also_name: bool = False
    compass: str = ""


@dataclass(frozen=True, slots=True)
class Role:
    """An office, a force or a kind of people, by its canonical name."""

    name: str
    cls: RoleClass
    plural: bool = False
    flags: frozenset[str] = frozenset()

    @property
    def title(self) -> bool:
        return "title" in self.flags


@dataclass(frozen=True, slots=True)
class ActorMention:
    """One actor at text[start:end]. `name` is canonical for aggregation (Georgian troops: Georgia), `as_source` for a
    speaker (Georgian officials stay so). country: the state it acts for; home: where it is at home. generic: no
    nationality, no name (the rebels). adjective: a bare demonym (Russian); metonym: a capital or residence."""

    start: int
    end: int
    text: str
    name: str
    kind: Kind
    country: str | None = None
    office: str | None = None
    person: str | None = None
    generic: bool = False
    plural: bool = False
    as_source: str = ""
    home: str | None = None
    role: RoleClass | None = None
    head: str | None = None
    adjective: bool = False
    metonym: bool = False


def _strings(value: object) -> tuple[str, ...]:
    return tuple(str(v) for v in value) if isinstance(value, Iterable) and not isinstance(value, str) else ()


def _rows(table: Table, key: str) -> list[Table]:
    return [cast(Table, row) for row in cast(Iterable[object], table.get(key, ()))]


def fold(word: str) -> str:
    if word.isascii():
        return word
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c)) or word


def words_of(text: str) -> tuple[str, ...]:
    return tuple(fold(w) for w in TOKEN.findall(text.replace("’", "'")))


def _put(lexicon: Lexicon[T], term: tuple[str, ...], value: T) -> None:
    """First come, first kept; longest terms first."""
    bucket = lexicon.setdefault(term[0], [])
    if all(term != known for known, _ in bucket):
        bucket.append((term, value))
        bucket.sort(key=lambda pair: -len(pair[0]))


def longest(lexicon: Lexicon[T], words: Sequence[str], i: int) -> tuple[T, int] | None:
    for term, value in lexicon.get(words[i], ()):
        if len(term) == 1 or tuple(words[i : i + len(term)]) == term:
            return value, i + len(term)
    return None


class ActorTables:
    """The tables, indexed. Build it once with `from_mappings`; it is immutable after that and safe to share."""

    def __init__(self, names: Sequence[tuple[str, Entity, Form]], roles: Sequence[tuple[str, Role]], words: Table):
        self.names: Lexicon[tuple[Entity, Form]] = {}
        self.capitals: Lexicon[tuple[Entity, Form]] = {}
        self.roles: Lexicon[Role] = {}
        silent = _strings(words.get("not_in_capitals"))
        for text, entity, form in names:
            term = words_of(text)
            _put(self.names, term, (entity, form))
            if text not in silent:
                _put(self.capitals, tuple(w.upper() for w in term), (entity, form))
        for text, role in roles:
            _put(self.roles, words_of(text), role)
        self.states = {
            e.side: e.name for _, e, f in reversed(names) if e.kind == "state" and e.side == e.home and f == "name"
        }
        self.compasses = {e.name: e.compass for _, e, _ in names if e.compass}
        pick = {k: frozenset(_strings(v)) for k, v in words.items()}
        self.modifiers, self.office_modifiers = pick["modifiers"], pick["office_modifiers"]
        self.links, self.proxies, self.locatives = pick["links"], pick["proxies"], pick["locatives"]
        self.speech, self.inverted = pick["speech_verbs"], pick["inverted_verbs"]
        self.institutions, self.not_names, self.particles = pick["institutions"], pick["not_names"], pick["particles"]
        self.organisations = cast(Mapping[str, Kind], words["organisation_words"])
        self.anaphors = {k: cast(tuple[Kind, ...], _strings(v)) for k, v in cast(Table, words["anaphors"]).items()}
        self.resolves = {k: cast(tuple[Kind, ...], _strings(v)) for k, v in cast(Table, words["resolves"]).items()}
        self.starts = frozenset(self.roles) | self.modifiers | self.proxies | self.anaphors.keys()

    @classmethod
    def from_mappings(cls, states: Table, actors: Table, roles: Table) -> Self:
        """The grammar of the three data files as parsed. Raises KeyError where a table or a field is missing."""
        names: list[tuple[str, Entity, Form]] = []
        forms: tuple[tuple[str, Form], ...] = (
            ("aliases", "name"), ("adj", "adj"), ("nouns", "noun"), ("capitals", "capital"), ("residences", "residence")
        )  # fmt: skip
        for key, table in (("states", states), ("actors", actors)):
            for row in _rows(table, key):
                country = str(row["code"]) if key == "states" else cast(str | None, row.get("country"))
                kind = str(row.get("type", "state"))
                side = country if key == "states" or row.get("side") or kind == "region" else None
                entity = Entity(
                    str(row["name"]), _KINDS.get(kind, cast(Kind, kind)), side, country,
                    bool(row.get("also_name")), str(row.get("compass", "")),
                )  # fmt: skip
                names.append((entity.name, entity, "name"))
                names += [(text, entity, form) for field, form in forms for text in _strings(row.get(field))]
        found: list[tuple[str, Role]] = []
        for row in _rows(roles, "roles"):
            term, flags = str(row["term"]), frozenset(_strings(row.get("flags")))
            role = Role(str(row.get("name", term)), cast(RoleClass, row["class"]), bool(row.get("plural_only")), flags)
            found.append((term, role))
            if "plural" in row:
                found.append((str(row["plural"]), replace(role, plural=True)))
        for word, canon in cast(Mapping[str, str], roles["portfolios"]).items():
            office = Role(canon.removesuffix(" Affairs") + " Minister", "official", False, frozenset({"title"}))
            body = Role(f"Ministry of {canon}", "body")
            found += [(f"{word} minister", office), (f"{word} ministers", replace(office, plural=True))]
            found += [(f"minister {p} {word}", office) for p in ("of", "for", "of the")]
            found += [(f"{word} ministry", body), (f"ministry of {word}", body), (f"ministry of the {word}", body)]
        return cls(names, found, roles)
