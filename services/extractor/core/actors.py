"""Who acts, suffers and speaks: names of actors in a text, by dictionaries and a small noun-phrase grammar.

Pure: the tables of words (states, actors, roles) are handed in. Longest match from the left; case-sensitive
for names, case-blind for roles; a text all in capitals is matched in capitals. Offsets are Unicode code points.
"""

import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal, Self, TypeVar, cast

Kind = Literal["state", "armed_group", "organisation", "media", "person", "force", "people", "body", "unknown"]
RoleClass = Literal["official", "force", "armed_nonstate", "civilians", "body", "media"]
Form = Literal["name", "adj", "noun", "capital", "residence"]
Table = Mapping[str, object]
T = TypeVar("T")
Lexicon = dict[str, list[tuple[tuple[str, ...], T]]]

NAME_WORDS_MAX = 5  # longer runs of capitalised words are headlines, not names
ORGANISATION_WORDS_MAX = 12  # "National Movement for the ... of ..." stays below
NESTING_MAX = 3  # a speaker of the ministry of the government of X
THEATRE_WEIGHTS: Mapping[Kind, float] = {"media": 0.1, "person": 0.7, "organisation": 0.5, "unknown": 0.2}

_TOKEN = re.compile(r"(?:[^\W\d_]\.){2,}|'s\b|\d+(?:st|nd|rd|th)\b|\w+|\n\s*\n|[^\w\s]")
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)$", re.I)
_ACRONYM = re.compile(r"\s*[(\[]\s*([A-Z][\w.-]{1,11})\s*[)\]]")
_PARAGRAPH = re.compile(r"\n\s*\n")
_DETERMINERS = frozenset({"the", "a", "an", "this", "that", "these", "those", "both", "its", "their", "his", "her"})
# after a demonym that is adjective and noun alike: "Sudanese have fled"
_VERBS = frozenset({"have", "had", "has", "are", "were", "was", "who", "fled", "say", "said"})
_KINDS: Mapping[str, Kind] = {
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


@dataclass(frozen=True, slots=True)
class _Phrase:
    mention: ActorMention
    end: int  # token
    role: Role | None = None
    owned: bool = False


def _strings(value: object) -> tuple[str, ...]:
    return tuple(str(v) for v in value) if isinstance(value, Iterable) and not isinstance(value, str) else ()


def _rows(table: Table, key: str) -> list[Table]:
    return [cast(Table, row) for row in cast(Iterable[object], table.get(key, ()))]


def _fold(word: str) -> str:
    if word.isascii():
        return word
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c)) or word


def _words(text: str) -> tuple[str, ...]:
    return tuple(_fold(w) for w in _TOKEN.findall(text.replace("’", "'")))


def _put(lexicon: Lexicon[T], term: tuple[str, ...], value: T) -> None:
    """First come, first kept; longest terms first."""
    bucket = lexicon.setdefault(term[0], [])
    if all(term != known for known, _ in bucket):
        bucket.append((term, value))
        bucket.sort(key=lambda pair: -len(pair[0]))


def _longest(lexicon: Lexicon[T], words: Sequence[str], i: int) -> tuple[T, int] | None:
    for term, value in lexicon.get(words[i], ()):
        if len(term) == 1 or tuple(words[i : i + len(term)]) == term:
            return value, i + len(term)
    return None


class ActorGrammar:
    """The tables, indexed. Build it once with `from_mappings`; it is immutable after that and safe to share."""

    def __init__(self, names: Sequence[tuple[str, Entity, Form]], roles: Sequence[tuple[str, Role]], words: Table):
        self.names: Lexicon[tuple[Entity, Form]] = {}
        self.capitals: Lexicon[tuple[Entity, Form]] = {}
        self.roles: Lexicon[Role] = {}
        silent = _strings(words.get("not_in_capitals"))
        for text, entity, form in names:
            term = _words(text)
            _put(self.names, term, (entity, form))
            if text not in silent:
                _put(self.capitals, tuple(w.upper() for w in term), (entity, form))
        for text, role in roles:
            _put(self.roles, _words(text), role)
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

    def find(self, text: str, start: int = 0, end: int | None = None) -> tuple[ActorMention, ...]:
        """The actors named in text[start:end], in order, without overlaps; offsets are into `text`."""
        scan = _Scan(self, text, start, len(text) if end is None else end)
        found: list[ActorMention] = []
        i = 0
        while i < len(scan.keys):
            phrase = scan.at(i)
            if phrase is None:
                i += 1
            else:
                if phrase.mention.name:
                    found.append(phrase.mention)
                i = max(phrase.end, i + 1)
        return tuple(found)


class _Scan:
    """One stretch of text as tokens, and the grammar's rules over them."""

    def __init__(self, grammar: ActorGrammar, text: str, start: int, end: int):
        self.g, self.text = grammar, text
        tokens = [(m.group(), m.start(), m.end()) for m in _TOKEN.finditer(text.replace("’", "'"), start, end)]
        self.keys = [_fold(t) for t, _, _ in tokens]
        self.lows = [k.lower() for k in self.keys]
        self.starts, self.ends = [s for _, s, _ in tokens], [e for _, _, e in tokens]
        letters = [k for k in self.keys if k.isalpha() and len(k) > 1]
        # one acronym or a short name is no text in capitals
        self.shout = len(letters) > 3 and sum(k.isupper() for k in letters) > 0.9 * len(letters)
        self.lexicon = grammar.capitals if self.shout else grammar.names

    def key(self, i: int) -> str:
        return self.keys[i] if 0 <= i < len(self.keys) else ""

    def low(self, i: int) -> str:
        return self.lows[i] if 0 <= i < len(self.lows) else ""

    def glued(self, i: int) -> bool:
        """Token i is a hyphen that joins its neighbours."""
        return self.key(i) == "-" and 0 < i < len(self.keys) - 1 and (
            self.ends[i - 1] == self.starts[i] and self.ends[i] == self.starts[i + 1]
        )  # fmt: skip

    def capital(self, i: int) -> bool:
        return self.key(i)[:1].isupper()

    def role(self, i: int) -> tuple[Role, int] | None:
        hit = _longest(self.g.roles, self.lows, i) if i < len(self.lows) else None
        if hit is None or ("cased" in hit[0].flags and not self.capital(i)):
            return None
        if "upper" in hit[0].flags and not self.key(i)[:2].isupper():
            return None
        return hit

    def entity(self, i: int, place_too: bool = False) -> tuple[Entity, Form, int] | None:
        """The known actor at token i, unless what stands around it makes it part of another name."""
        hit = _longest(self.lexicon, self.keys, i) if i < len(self.keys) else None
        if hit is None:
            return None
        (entity, form), end = hit
        if entity.kind == "state" and self.key(end) in self.g.institutions:
            return None
        if entity.also_name and end == i + 1 and form in ("name", "capital") and self.given_name(i - 1):
            return None
        if form == "adj" and self.low(end) in _DETERMINERS and (i == 0 or self.key(i - 1) in (".", '"', "\n\n")):
            return None  # the verb: "Polish the boots"
        if form == "capital" and not place_too and self.low(i - 1) in self.g.locatives:
            return None
        return entity, form, end

    def given_name(self, i: int) -> bool:
        key = self.key(i)
        if len(key) < 2 or not key[0].isupper() or key.isupper() or key in self.g.not_names:
            return False
        return self.low(i) not in self.g.starts and self.low(i) not in self.g.speech and key not in self.g.names

    def name(self, i: int) -> tuple[str, int, Entity | None, int] | None:
        """A person's name at i: (name, end, the person if known, words)."""
        known = self.entity(i)
        if known and known[0].kind == "person":
            return known[0].name, known[2], known[0], 1
        j, words = i, 0
        limit = 2 if self.shout else NAME_WORDS_MAX
        while j < len(self.keys) and words < limit:
            key, low = self.keys[j], self.lows[j]
            if self.glued(j) or (key == "'" and j > i and self.ends[j] == self.starts[min(j + 1, len(self.keys) - 1)]):
                j += 2
            elif low in self.g.particles and (self.glued(j + 1) or self.particle(j)):
                words += self.capital(j)
                j += 1
            elif self.capital(j) and key.isalpha() and self.is_name_word(j, words):
                words += 1
                j += 2 if len(key) == 1 and self.key(j + 1) == "." else 1
            else:
                break
        j = min(j, len(self.keys))
        if not words:
            return None
        text = " ".join(self.text[self.starts[i] : self.ends[j - 1]].split())
        return text, j, None, words

    def particle(self, j: int) -> bool:
        """A name goes on behind this particle: "van der Meer"."""
        after = j + 1 + (self.low(j + 1) in self.g.particles and not self.capital(j + 1))
        return self.capital(after) and not self.shout

    def is_name_word(self, j: int, words: int) -> bool:
        key = self.keys[j].capitalize() if self.shout else self.keys[j]
        if key in self.g.not_names or self.lows[j] in self.g.speech:
            return False
        hit = self.entity(j)
        if hit and hit[0].kind != "person" and not (hit[0].also_name and words):
            return False
        role = self.role(j)
        return key not in self.g.organisations and (role is None or (words > 0 and not role[0].plural))

    def at(self, i: int) -> _Phrase | None:
        """The longest actor that begins at token i."""
        key, low = self.keys[i], self.lows[i]
        if not key[0].isalnum():
            return None
        if not (key[0].isupper() or key[0].isdigit() or low in self.g.starts or key in self.lexicon):
            return None  # most words: nothing begins here
        if low in self.g.proxies and self.glued(i + 1):
            return self.phrase(i) or self.hidden(i)
        best = self.phrase(i)
        if (
            best is None
            and low in ("north", "south")
            and self.capital(i)
            and "the" in (self.low(i - 1), self.low(i - 2))
            and not (self.capital(i + 1) or self.key(i + 1) in ("of", "-", "and"))
        ):
            return self.plain(i, i + 1, Entity(key.capitalize(), "state"), generic=True)
        bare = key == low or self.shout
        if best is None and bare and low in self.g.anaphors and self.low(i - 1) in _DETERMINERS:
            inner = self.phrase(i + 2) if self.key(i + 1) == "'s" else None
            if inner and inner.role and not inner.owned:
                return replace(inner, mention=self.respan(inner.mention, i, inner.end))
            kinds = self.g.anaphors[low]
            return self.plain(i, i + 1, Entity(low, kinds[0]), generic=True, head=low)
        if low in ("north", "south") and self.low(i + 1) == "and" and self.low(i + 2) in ("north", "south"):
            pair = _longest(self.lexicon, [key, *self.keys[i + 3 : i + 6]], 0)
            if pair:
                return self.plain(i, i + 1, pair[0][0], adjective=pair[0][1] == "adj")
        if self.capital(i) and not self.shout:
            for other in (self.organisation(i), self.person_first(i)):
                if other and (best is None or other.end > best.end):
                    best = other
        return best

    def hidden(self, i: int) -> _Phrase | None:
        """ "pro-Russian" by itself names no actor: it is passed over, nameless."""
        hit = self.entity(i + 2) or self.role(i + 2)
        return None if hit is None else _Phrase(self.make(i, hit[-1], "", "unknown"), hit[-1])

    def make(self, i: int, j: int, name: str, kind: Kind, source: str = "") -> ActorMention:
        start, end = self.starts[i], self.ends[j - 1]
        return ActorMention(start, end, self.text[start:end], name, kind, as_source=source or name)

    def respan(self, mention: ActorMention, i: int, j: int) -> ActorMention:
        start, end = self.starts[i], self.ends[j - 1]
        return replace(mention, start=start, end=end, text=self.text[start:end])

    def plain(
        self, i: int, j: int, entity: Entity, *, generic: bool = False, head: str | None = None,
        adjective: bool = False, metonym: bool = False,
    ) -> _Phrase:  # fmt: skip
        mention = self.make(i, j, entity.name, entity.kind)
        person = entity.name if entity.kind == "person" else None
        mention = replace(
            mention, country=entity.side, home=entity.home, generic=generic, head=head, person=person,
            adjective=adjective, metonym=metonym,
        )  # fmt: skip
        return _Phrase(mention, j, owned=not generic)

    def phrase(self, i: int, depth: int = 0) -> _Phrase | None:
        """[modifiers] [nationality] [modifiers, bodies] head [of owner] [person's name]."""
        owner: tuple[Entity, Form, int] | None = None
        roles: list[tuple[Role, int]] = []
        verbatim = False  # a link, a proxy or a number makes the words themselves the name
        linked = False
        titles: list[str] = []
        j, size = i, len(self.keys)
        while j < size:
            low = self.lows[j]
            if low in self.g.proxies and self.glued(j + 1) and not roles and owner is None and j + 2 < size:
                hit = self.entity(j + 2, True)
                j, verbatim = (hit[2] if hit else j + 3), True
                continue
            head = roles[-1][0] if roles else None
            follows = self.role(j + 1) or self.low(j + 1) in self.g.modifiers
            if head and not head.title and self.key(j) == "'s" and follows:
                j += 1  # the Israeli army's spokesman
                continue
            if head and (head.title or (head.plural and head.cls != "force")):
                break
            role = self.role(j)
            if owner is None and not roles and not verbatim and (hit := self.entity(j, place_too=j > i)):
                if hit[0].kind == "person":
                    break
                owner, j = hit, hit[2]
                if self.key(j) == "'s" or (self.key(j) == "'" and self.role(j + 1)):
                    j += 1
                elif self.glued(j):
                    if self.low(j + 1) not in self.g.links:
                        break
                    j, verbatim, linked = j + 2, True, True
                continue
            if role and not (low in self.g.modifiers and role[1] == j + 1 and self.role(j + 1) and role[0].title):
                roles.append(role)
                j = role[1]
            elif low in self.g.modifiers or (
                self.key(j) == "-" and self.low(j - 1) in self.g.modifiers and self.glued(j)
            ):
                if low in self.g.office_modifiers:
                    titles.append(low.capitalize())
                j += 1
            elif self.compound(j):
                j += 3
            elif _ORDINAL.match(self.keys[j]):
                j += 1
                while self.capital(j) and self.role(j) is None and self.entity(j) is None:
                    j += 1
            elif owner and self.glued(j + 1) and self.key(j).isalpha() and self.key(j + 2)[:1].isdigit():
                j += 3  # a type: Su-24
            else:
                break
        if not roles:
            return self.bare(i, owner)
        if "definite" in roles[-1][0].flags and not owner and self.low(i - 1) not in _DETERMINERS:
            return None
        if owner is None and not verbatim and len(roles) == 1 and self.attributive(i, roles[0]):
            return None
        return self.complete(i, owner, roles, verbatim, linked, titles, depth)

    def attributive(self, i: int, role: tuple[Role, int]) -> bool:
        """A bare singular that rather qualifies the next noun: "refugee camp", "military aggression"."""
        countable = role[0].name.endswith("s") or self.low(i) in self.g.modifiers
        alone = role[1] == i + 1 and not role[0].plural and role[0].cls not in ("official", "media")
        return alone and countable and self.low(i - 1) not in (*_DETERMINERS, "'s") and not self.shout

    def compound(self, j: int) -> bool:
        return self.glued(j + 1) and f"{self.low(j)}-{self.low(j + 2)}" in self.g.modifiers

    def bare(self, i: int, owner: tuple[Entity, Form, int] | None) -> _Phrase | None:
        owner = owner or self.entity(i)  # a person is no owner
        if owner is None:
            return None
        entity, form, end = owner
        own = self.entity(i)
        if own is None or own[2] != end:
            return None  # modifiers alone do not lengthen a name
        if self.glued(end) and not self.capital(end + 1) and self.low(end + 1) not in self.g.links:
            return _Phrase(self.make(i, end, "", "unknown"), end + 2)  # Russian-made
        found = self.plain(i, end, entity, adjective=form == "adj", metonym=form in ("capital", "residence"))
        if entity.kind == "state" and (form == "noun" or (form == "adj" and self.low(end) in _VERBS)):
            own_name = found.mention.text
            mention = replace(
                found.mention, kind="people", name=own_name, as_source=own_name, plural=True, adjective=False
            )
            return replace(found, mention=mention)
        if entity.kind == "person":
            return self.apposed(i, found)
        return found

    def complete(
        self, i: int, owner: tuple[Entity, Form, int] | None, roles: list[tuple[Role, int]], verbatim: bool,
        linked: bool, titles: list[str], depth: int,
    ) -> _Phrase | None:  # fmt: skip
        """The phrase up to its head is read; now its owner behind the head and its person."""
        head, j = roles[-1]
        entity = owner[0] if owner else None
        words = " ".join(self.text[self.starts[i] : self.ends[j - 1]].split())
        preposition, k = self.low(j), j + 1
        speaks = "speaks" in head.flags
        follows = preposition == "of" or (speaks and preposition in ("for", "at", "with"))
        if follows and depth < NESTING_MAX and head.cls != "civilians" and (entity is None or speaks):
            k += self.low(k) in _DETERMINERS
            inner = self.phrase(k, depth + 1) or (self.organisation(k) if self.capital(k) else None)
            listed = inner and head.plural and head.title and self.key(inner.end) in (",", "and")
            if inner and inner.mention.name and inner.mention.kind != "person" and not listed:
                named = inner.mention
                if not named.generic or head.title:
                    j = inner.end
                    words += f" of {named.name}" if not named.generic else ""
                if not named.generic:
                    entity = Entity(named.name, named.kind, named.country, named.home)
        elif preposition == "in" and entity is None and head.cls in ("official", "body", "force"):
            seat = self.entity(k, place_too=True)
            if seat and seat[1] == "capital":
                entity, j = seat[0], seat[2]
                words += f" of {entity.name}"
        bodies = [r for r, _ in roles[:-1] if r.cls == "body"]
        if bodies:
            body = f"{bodies[-1].name} of {entity.name}" if entity else bodies[-1].name
            entity = Entity(body, "body", entity.side if entity else None, entity.home if entity else None)
        outlet = self.entity(j) if head.cls == "media" and not head.plural else None
        if outlet and outlet[0].kind == "media":  # "Chinese news agency Xinhua"
            return self.plain(i, outlet[2], outlet[0])
        mention = self.compose(i, j, head, entity, words, verbatim, linked)
        if "unit" in head.flags and any(_ORDINAL.match(w) for w in words.split()) and entity is None:
            mention = replace(mention, name=words, as_source=words, generic=False)
        if not head.title or head.plural:
            return _Phrase(mention, j, head, entity is not None)
        if "honorific" not in head.flags:
            prefix = " ".join([*titles, head.name])
            office = f"{prefix} of {entity.name}" if entity else prefix
            mention = replace(mention, office=office)
            if entity and not speaks:
                mention = replace(mention, name=office, as_source=office, kind="person")
        return self.personal(i, j, mention, head, entity)

    def personal(self, i: int, j: int, mention: ActorMention, head: Role, entity: Entity | None) -> _Phrase | None:
        """Title and name; "a spokesman, Major General X"; "the minister, X Y," ."""
        found = self.name(j)
        end = j
        if found is None and self.key(j) == ",":
            rank = self.phrase(j + 1, NESTING_MAX)
            after = self.name(j + 1)
            if rank and rank.mention.person and rank.mention.office and not rank.owned:
                found, end = (rank.mention.person, rank.end, None, 2), rank.end
            elif (
                after
                and (after[3] > 1 or after[2])
                and (self.key(after[1]) in ",.;)" or self.low(after[1]) in self.g.speech)
            ):
                found = after
        elif found is None and (rank := self.phrase(j, NESTING_MAX)) and rank.mention.person and not rank.owned:
            found = (rank.mention.person, rank.end, None, 2)
        if found is None:
            return None if "honorific" in head.flags else _Phrase(mention, end, head, entity is not None)
        name, end, known, _ = found
        country = mention.country or (known.side if known and not entity else None)
        mention = replace(
            self.respan(mention, i, end), name=name, person=name, as_source=name, kind="person", generic=False,
            country=country, home=mention.home or (known.home if known else None),
        )  # fmt: skip
        phrase = _Phrase(mention, end, head, entity is not None)
        return self.apposed(i, phrase) if "rank" in head.flags and not entity else phrase

    def compose(
        self, i: int, j: int, head: Role, entity: Entity | None, words: str, verbatim: bool, linked: bool
    ) -> ActorMention:
        """The canonical name and kind of a head with its owner, by the head's class."""
        mention = replace(self.make(i, j, words, "unknown"), plural=head.plural, role=head.cls, head=head.name)
        kinds: Mapping[RoleClass, Kind] = {
            "official": "unknown", "force": "force", "armed_nonstate": "armed_group", "civilians": "people",
            "body": "body", "media": "media",
        }  # fmt: skip
        kind = kinds[head.cls]
        if entity is None:
            kind = "person" if head.title and not head.plural else kind
            return replace(mention, kind=kind, generic=not verbatim)
        mention = replace(mention, home=entity.home, country=None if linked else entity.side)
        if linked and "coalition" in head.flags:
            return replace(mention, kind="force", country=entity.side)
        if verbatim or head.cls == "civilians":
            return replace(mention, kind=kind)
        stateless = entity.kind in ("armed_group", "people", "organisation", "unknown")
        if head.cls == "force" and entity.kind == "people":
            return replace(mention, kind="armed_group", country=None)
        if head.cls == "armed_nonstate" and entity.kind != "armed_group":
            side = entity.side if "auxiliary" in head.flags else None
            return replace(mention, kind="armed_group", country=side)
        if head.cls == "official" and entity.kind == "people":
            return replace(mention, kind="unknown")
        if head.cls == "official" or (head.cls == entity.kind == "media"):
            return replace(mention, name=entity.name, kind=entity.kind)
        if head.cls in ("force", "armed_nonstate"):
            owned: Kind = entity.kind if stateless and entity.kind != "organisation" else "force"
            return replace(mention, name=entity.name, kind=owned)
        name = f"{head.name} of {entity.name}"
        return replace(mention, name=name, as_source=name, kind=kind)

    def apposed(self, i: int, found: _Phrase) -> _Phrase:
        """A name and, behind a comma, its office: "X, the Ukrainian defence minister,"."""
        j = found.end
        if self.key(j) != ",":
            return found
        k = j + 1 + (self.low(j + 1) in _DETERMINERS)
        office = self.phrase(k, 1)
        if not office or not office.role or office.role.plural or office.mention.person:
            return found
        if not office.role.title and office.role.cls != "civilians":
            return found
        named = found.mention
        mention = replace(
            self.respan(named, i, office.end),
            office=office.mention.office, country=office.mention.country or named.country,
            home=office.mention.home or named.home, role=office.mention.role, head=office.mention.head,
        )  # fmt: skip
        return replace(found, mention=mention, end=office.end)

    def person_first(self, i: int) -> _Phrase | None:
        """A name no table knows: with its office behind it, or next to a verb of speech."""
        if self.entity(i) or self.key(i) in self.g.not_names or self.role(i):
            return None
        found = self.name(i)
        if found is None or found[3] < 2:
            return None
        name, end, _, _ = found
        person = _Phrase(replace(self.make(i, end, name, "person"), person=name), end)
        apposed = self.apposed(i, person)
        spoken = self.low(end) in self.g.speech or self.low(i - 1) in self.g.inverted
        return apposed if apposed.end > end or spoken else None

    def organisation(self, i: int) -> _Phrase | None:
        """Capitalised words that end in Army, Front, Council..., with what follows "of" and "for"."""
        first = self.role(i)
        if self.key(i) in self.g.not_names or (first and first[0].title and "rank" not in first[0].flags):
            return None
        j, capitals, last, tail = i, 0, -1, False
        while j < len(self.keys) and j - i < ORGANISATION_WORDS_MAX:
            low = self.lows[j]
            if self.capital(j):
                capitals += 1
                last = j if self.keys[j] in self.g.organisations and not tail else last
                j += 1
            elif low in ("of", "for") and capitals and self.capital(j + 1 + (self.low(j + 1) == "the")):
                tail = tail or last == j - 1
                j += 1 + (self.low(j + 1) == "the")
            elif low in ("and", "'s", "-", "&") and capitals and self.capital(j + 1):
                if low == "and" and not tail and (self.entity(j - 1) or self.entity(j + 1)):
                    break
                j += 1
            else:
                break
        if last < 0 or capitals < 2:
            return None
        end = j if tail else last + 1
        if end - i < 2:
            return None
        name = " ".join(self.text[self.starts[i] : self.ends[end - 1]].split())
        owner = self.entity(i)
        mention = self.make(i, end, name, self.g.organisations[self.keys[last]])
        return _Phrase(replace(mention, home=owner[0].home if owner else None), end, owned=True)


def countries(mentions: Iterable[ActorMention]) -> Mapping[str, float]:
    """Weight of each country (ISO 3166-1 alpha-2) as the theatre of a report; sums to 1, empty where none is named."""
    weights: dict[str, float] = defaultdict(float)
    for mention in mentions:
        if code := mention.home or mention.country:
            weights[code] += THEATRE_WEIGHTS.get(mention.kind, 0.5 if mention.metonym else 1.0)
    total = sum(weights.values())
    return {code: weight / total for code, weight in sorted(weights.items())}


def _surname(name: str) -> str:
    """The last word, but the first of "Kim Jong-un"."""
    first, *_, last = name.split()
    return first if last.partition("-")[2].islower() else last.removeprefix("al-")


class ReportActors:
    """All mentions of one report, with surnames and acronyms it introduced, and the reading of "the ministry"."""

    def __init__(self, grammar: ActorGrammar, text: str, spans: Sequence[tuple[int, int]] | None = None):
        """spans: the sentences, as offsets; without them the paragraphs."""
        self.grammar = grammar
        if spans is None:
            cuts = [0, *(m.end() for m in _PARAGRAPH.finditer(text)), len(text)]
            spans = list(pairwise(cuts))
        found = [m for start, end in spans for m in grammar.find(text, start, end)]
        self.names: dict[str, ActorMention] = {}
        for mention in found:
            if mention.person and mention.name.count(" "):
                known = self.names.get(surname := _surname(mention.name))
                if known is None or (known.office is None and mention.office):
                    self.names[surname] = mention
            elif not mention.generic and (acronym := _ACRONYM.match(text, mention.end)):
                self.names.setdefault(acronym.group(1), mention)
        self.mentions = tuple(sorted(found + self._short(text, found), key=lambda m: m.start))
        self._starts = [m.start for m in self.mentions]

    def _short(self, text: str, found: Sequence[ActorMention]) -> list[ActorMention]:
        if not self.names:
            return []
        taken = sorted((m.start, m.end) for m in found)
        short = re.compile(r"\b(?:" + "|".join(sorted(map(re.escape, self.names), key=len, reverse=True)) + r")\b")
        more = []
        for match in short.finditer(text):
            at = bisect_left(taken, (match.end(), 0))
            if at == 0 or taken[at - 1][1] <= match.start():
                origin = self.names[match.group()]
                more.append(replace(origin, start=match.start(), end=match.end(), text=match.group()))
        return more

    def within(self, start: int, end: int) -> tuple[ActorMention, ...]:
        """The mentions that lie in [start, end)."""
        low, high = bisect_left(self._starts, start), bisect_left(self._starts, end)
        return tuple(m for m in self.mentions[low:high] if m.end <= end)

    def resolve(self, what: ActorMention | str, offset: int | None = None) -> ActorMention | None:
        """The actor a mention or words stand for, looking back from `offset` (for a mention: from its start)."""
        if isinstance(what, str):
            bare = re.sub(r"^(?:the|this|that)\s+", "", what.strip(), flags=re.I)
            if bare in self.names:
                return self.names[bare]
            parsed = self.grammar.find(f"the {bare}")
            if not parsed:
                return None
            what, offset = parsed[0], len(self._starts) and self._starts[-1] + 1 if offset is None else offset
        if not what.generic:
            return what
        before = [m for m in self.mentions if not m.generic and m.start < (what.start if offset is None else offset)]
        before.reverse()
        if what.name in ("North", "South"):
            return self._compass(what.name, before or self.mentions)
        if what.text.split("'")[0].split("’")[0].lower() in self.grammar.anaphors and what.role:
            return self._state(before)
        return self._antecedent(what, before)

    def _compass(self, side: str, before: Sequence[ActorMention]) -> ActorMention | None:
        """The state that "the North" or "the South" is in this report."""
        compasses, states = self.grammar.compasses, self.grammar.states
        for mention in before:
            if compasses.get(mention.name) == side:
                return mention
            if compasses.get(states.get(mention.country or "", "")) == side:
                return self._state([mention])
        return None

    def _state(self, before: Sequence[ActorMention]) -> ActorMention | None:
        """The state spoken of last, by itself or by somebody who acts for it."""
        for mention in before:
            if mention.country in self.grammar.states:
                return replace(
                    mention, name=self.grammar.states[mention.country], kind="state", person=None, office=None
                )
        return None

    def _antecedent(self, what: ActorMention, before: Sequence[ActorMention]) -> ActorMention | None:
        head = what.head or what.name
        if what.role is None:
            kinds = self.grammar.anaphors.get(head, ())
            if kinds == ("state",):
                return self._state(before)
            return next((m for m in before if m.kind in kinds and m.name != m.text.lower()), None)
        if what.office:
            return next((m for m in before if m.office and what.office.split()[-1] in m.office.split(" of ")[0]), None)
        same = next((m for m in before if m.head == head or m.name.endswith(f" {head}")), None)
        sides = what.role == "body" and what.plural  # "the two sides" are no single actor
        if same or sides or what.role == "civilians":
            return same
        if head == "Ministry":
            return next((m for m in before if "Ministry" in m.name), None)
        kinds = self.grammar.resolves.get(what.role, ())
        return next((m for kind in kinds for m in before if m.kind == kind), None)
