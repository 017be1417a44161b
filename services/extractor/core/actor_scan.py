"""The noun-phrase grammar of actors: [modifiers] [nationality] [bodies] head [of owner] [person's name].

In go the words of one stretch, out comes the longest actor that begins at a token, as a phrase with its end.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from services.extractor.core.actor_tables import ActorMention, Entity, Form, Kind, Role, RoleClass, longest
from services.extractor.core.actor_words import DETERMINERS, ActorWords

ORGANISATION_WORDS_MAX: Final = 12
""" "National Movement for the ... of ..." stays below."""
NESTING_MAX: Final = 3
"""A speaker of the ministry of the government of X."""
_ORDINAL: Final = re.compile(r"\d+(?:st|nd|rd|th)$", re.I)
_VERBS: Final = frozenset({"have", "had", "has", "are", "were", "was", "who", "fled", "say", "said"})
"""After a demonym that is adjective and noun alike: "Sudanese have fled"."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """An actor as read so far: `end` is the token behind it, `owned` tells whether it has a nationality or name."""

    mention: ActorMention
    end: int  # token
    role: Role | None = None
    owned: bool = False


class ActorScan(ActorWords):
    """The grammar's rules over one stretch."""

    def at(self, i: int) -> Phrase | None:
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
        if best is None and bare and low in self.g.anaphors and self.low(i - 1) in DETERMINERS:
            inner = self.phrase(i + 2) if self.key(i + 1) == "'s" else None
            if inner and inner.role and not inner.owned:
                return replace(inner, mention=self.respan(inner.mention, i, inner.end))
            kinds = self.g.anaphors[low]
            return self.plain(i, i + 1, Entity(low, kinds[0]), generic=True, head=low)
        if low in ("north", "south") and self.low(i + 1) == "and" and self.low(i + 2) in ("north", "south"):
            pair = longest(self.lexicon, [key, *self.keys[i + 3 : i + 6]], 0)
            if pair:
                return self.plain(i, i + 1, pair[0][0], adjective=pair[0][1] == "adj")
        if self.capital(i) and not self.shout:
            for other in (self.organisation(i), self.person_first(i)):
                if other and (best is None or other.end > best.end):
                    best = other
        return best

    def hidden(self, i: int) -> Phrase | None:
        """ "pro-Russian" by itself names no actor: it is passed over, nameless."""
        hit = self.entity(i + 2) or self.role(i + 2)
        return None if hit is None else Phrase(self.make(i, hit[-1], "", "unknown"), hit[-1])

    def make(self, i: int, j: int, name: str, kind: Kind, source: str = "") -> ActorMention:
        start, end = self.starts[i], self.ends[j - 1]
        return ActorMention(start, end, self.text[start:end], name, kind, as_source=source or name)

    def respan(self, mention: ActorMention, i: int, j: int) -> ActorMention:
        start, end = self.starts[i], self.ends[j - 1]
        return replace(mention, start=start, end=end, text=self.text[start:end])

    def plain(
        self, i: int, j: int, entity: Entity, *, generic: bool = False, head: str | None = None,
        adjective: bool = False, metonym: bool = False,
    ) -> Phrase:  # fmt: skip
        mention = self.make(i, j, entity.name, entity.kind)
        person = entity.name if entity.kind == "person" else None
        mention = replace(
            mention, country=entity.side, home=entity.home, generic=generic, head=head, person=person,
            adjective=adjective, metonym=metonym,
        )  # fmt: skip
        return Phrase(mention, j, owned=not generic)

    def phrase(self, i: int, depth: int = 0) -> Phrase | None:
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
        if "definite" in roles[-1][0].flags and not owner and self.low(i - 1) not in DETERMINERS:
            return None
        if owner is None and not verbatim and len(roles) == 1 and self.attributive(i, roles[0]):
            return None
        return self.complete(i, owner, roles, verbatim, linked, titles, depth)

    def attributive(self, i: int, role: tuple[Role, int]) -> bool:
        """A bare singular that rather qualifies the next noun: "refugee camp", "military aggression"."""
        countable = role[0].name.endswith("s") or self.low(i) in self.g.modifiers
        alone = role[1] == i + 1 and not role[0].plural and role[0].cls not in ("official", "media")
        return alone and countable and self.low(i - 1) not in (*DETERMINERS, "'s") and not self.shout

    def compound(self, j: int) -> bool:
        return self.glued(j + 1) and f"{self.low(j)}-{self.low(j + 2)}" in self.g.modifiers

    def bare(self, i: int, owner: tuple[Entity, Form, int] | None) -> Phrase | None:
        owner = owner or self.entity(i)  # a person is no owner
        if owner is None:
            return None
        entity, form, end = owner
        own = self.entity(i)
        if own is None or own[2] != end:
            return None  # modifiers alone do not lengthen a name
        if self.glued(end) and not self.capital(end + 1) and self.low(end + 1) not in self.g.links:
            return Phrase(self.make(i, end, "", "unknown"), end + 2)  # Russian-made
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
    ) -> Phrase | None:  # fmt: skip
        """The phrase up to its head is read; now its owner behind the head and its person."""
        head, j = roles[-1]
        entity = owner[0] if owner else None
        words = " ".join(self.text[self.starts[i] : self.ends[j - 1]].split())
        preposition, k = self.low(j), j + 1
        speaks = "speaks" in head.flags
        follows = preposition == "of" or (speaks and preposition in ("for", "at", "with"))
        if follows and depth < NESTING_MAX and head.cls != "civilians" and (entity is None or speaks):
            k += self.low(k) in DETERMINERS
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
            return Phrase(mention, j, head, entity is not None)
        if "honorific" not in head.flags:
            prefix = " ".join([*titles, head.name])
            office = f"{prefix} of {entity.name}" if entity else prefix
            mention = replace(mention, office=office)
            if entity and not speaks:
                mention = replace(mention, name=office, as_source=office, kind="person")
        return self.personal(i, j, mention, head, entity)

    def personal(self, i: int, j: int, mention: ActorMention, head: Role, entity: Entity | None) -> Phrase | None:
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
            return None if "honorific" in head.flags else Phrase(mention, end, head, entity is not None)
        name, end, known, _ = found
        country = mention.country or (known.side if known and not entity else None)
        mention = replace(
            self.respan(mention, i, end), name=name, person=name, as_source=name, kind="person", generic=False,
            country=country, home=mention.home or (known.home if known else None),
        )  # fmt: skip
        phrase = Phrase(mention, end, head, entity is not None)
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

    def apposed(self, i: int, found: Phrase) -> Phrase:
        """A name and, behind a comma, its office: "X, the Ukrainian defence minister,"."""
        j = found.end
        if self.key(j) != ",":
            return found
        k = j + 1 + (self.low(j + 1) in DETERMINERS)
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

    def person_first(self, i: int) -> Phrase | None:
        """A name no table knows: with its office behind it, or next to a verb of speech."""
        if self.entity(i) or self.key(i) in self.g.not_names or self.role(i):
            return None
        found = self.name(i)
        if found is None or found[3] < 2:
            return None
        name, end, _, _ = found
        person = Phrase(replace(self.make(i, end, name, "person"), person=name), end)
        apposed = self.apposed(i, person)
        spoken = self.low(end) in self.g.speech or self.low(i - 1) in self.g.inverted
        return apposed if apposed.end > end or spoken else None

    def organisation(self, i: int) -> Phrase | None:
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
        return Phrase(replace(mention, home=owner[0].home if owner else None), end, owned=True)
