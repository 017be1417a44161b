"""One stretch of text as tokens, and what the tables know of each: role, known actor, person's name."""

from services.extractor.core.actor_tables import TOKEN, ActorTables, Entity, Form, Role, fold, longest

NAME_WORDS_MAX = 5
"""Longer runs of capitalised words are headlines, not names."""
DETERMINERS = frozenset({"the", "a", "an", "this", "that", "these", "those", "both", "its", "their", "his", "her"})


class ActorWords:
    """The tokens of text[start:end] with look-ups by token number; a number outside the stretch is no token."""

    def __init__(self, tables: ActorTables, text: str, start: int, end: int):
        self.g, self.text = tables, text
        tokens = [(m.group(), m.start(), m.end()) for m in TOKEN.finditer(text.replace("’", "'"), start, end)]
        self.keys = [fold(t) for t, _, _ in tokens]
        self.lows = [k.lower() for k in self.keys]
        self.starts, self.ends = [s for _, s, _ in tokens], [e for _, _, e in tokens]
        letters = [k for k in self.keys if k.isalpha() and len(k) > 1]
        # one acronym or a short name is no text in capitals
        self.shout = len(letters) > 3 and sum(k.isupper() for k in letters) > 0.9 * len(letters)
        self.lexicon = tables.capitals if self.shout else tables.names

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
        hit = longest(self.g.roles, self.lows, i) if i < len(self.lows) else None
        if hit is None or ("cased" in hit[0].flags and not self.capital(i)):
            return None
        if "upper" in hit[0].flags and not self.key(i)[:2].isupper():
            return None
        return hit

    def entity(self, i: int, place_too: bool = False) -> tuple[Entity, Form, int] | None:
        """The known actor at token i, unless what stands around it makes it part of another name."""
        hit = longest(self.lexicon, self.keys, i) if i < len(self.keys) else None
        if hit is None:
            return None
        (entity, form), end = hit
        if entity.kind == "state" and self.key(end) in self.g.institutions:
            return None
        if entity.also_name and end == i + 1 and form in ("name", "capital") and self.given_name(i - 1):
            return None
        if form == "adj" and self.low(end) in DETERMINERS and (i == 0 or self.key(i - 1) in (".", '"', "\n\n")):
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
