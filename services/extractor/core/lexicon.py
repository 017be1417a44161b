"""The vocabulary of triggers, compiled from the data files into look-ups by word form.

`triggers.yaml` and `classes.yaml` hold the words; this module holds inflection and the meaning of a condition.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.extractor.core.syntax import Token

SPECIAL: Final = frozenset(
    {"@actor", "@person", "@place", "@number", "@armed", "@weapon_aircraft", "@weapon", "@force_actor", "@media_actor",
     "@border_place", "@nationals"}
)  # fmt: skip
"""Conditions that look at what other grammars found on a token, not at its word."""

_AIRCRAFT_NAME: Final = re.compile(
    r"(?:Su|MiG|Mig|MIG|Tu|Il|An|Mi|Ka|Yak|F|F/A|A|AH|UH|CH|C|B|E|EA|KC|AC|MQ|RQ|U|P|V|J|JF|Q|TB|Boeing|Airbus)"
    r"[- ]?\d{1,3}[A-Za-z]{0,3}s?"
    r"|(?:Bayraktar|Mirage|Rafale|Tornado|Harrier|Phantom|Kfir|Skyhawk|Apache|Cobra|Blackhawk|Chinook|Predator|Reaper|Shahed|Orlan|Sukhoi|"
    r"Antonov|Hercules|Jaguar|Hawk|Gazelle|Alouette|Huey|Typhoon|Gripen)s?"
)
_VOWELS: Final = "aeiou"


def verb_forms(lemma: str, irregular: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """The inflected forms of a one-word verb, its lemma among them."""
    forms = {lemma}
    if lemma.endswith(("s", "x", "z", "ch", "sh", "o")):
        forms.add(lemma + "es")
    elif lemma.endswith("y") and lemma[-2] not in _VOWELS:
        forms.add(lemma[:-1] + "ies")
    else:
        forms.add(lemma + "s")
    if lemma.endswith("ie"):
        forms.add(lemma[:-2] + "ying")
    elif lemma.endswith("e") and not lemma.endswith(("ee", "oe", "ye")):
        forms.add(lemma[:-1] + "ing")
    else:
        forms.add(lemma + "ing")
    if lemma.endswith("e"):
        forms.add(lemma + "d")
    elif lemma.endswith("y") and lemma[-2] not in _VOWELS:
        forms.add(lemma[:-1] + "ied")
    else:
        forms.add(lemma + "ed")
    if re.search(r"(?:[^aeiou]|[dfq]u)[aeiou][bdfgklmnprt]$", lemma):  # stop, ship, duel: a doubled consonant may stand
        forms |= {lemma + lemma[-1] + "ing", lemma + lemma[-1] + "ed"}
    forms.update(irregular.get(lemma, ()))
    return frozenset(forms)


def noun_forms(lemma: str) -> frozenset[str]:
    """Singular and plural of a noun (of several words: of its last)."""
    head, _, last = lemma.rpartition(" ")
    prefix = head + " " if head else ""
    if last.endswith("man"):
        plural = last[:-3] + "men"
    elif last.endswith("sis"):
        plural = last[:-2] + "es"
    elif last.endswith(("s", "x", "z", "ch", "sh")):
        plural = last + "es"
    elif last.endswith("y") and len(last) > 1 and last[-2] not in _VOWELS:
        plural = last[:-1] + "ies"
    elif last.endswith("fe"):
        plural = last[:-2] + "ves"
    elif last == "child":
        plural = "children"
    elif last == "person":
        plural = "persons"
    else:
        plural = last + "s"
    return frozenset({prefix + last, prefix + plural})


@dataclass(frozen=True, slots=True)
class Condition:
    """Words (lemmas, several with spaces) of which one must stand, and special tests by name."""

    words: frozenset[str]
    special: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.words or self.special)

    def holds(self, keys: Iterable[str]) -> bool:
        """Whether a token with these keys (its lemmas, runs of lemmas that end at it, special marks) fits."""
        return any(key in self.words or key in self.special for key in keys)


@dataclass(frozen=True, slots=True)
class Sense:
    """One entry of triggers.yaml, compiled. `words` is what it is found by, for the explanation."""

    id: str
    kind: str | None
    sense: str | None
    subj: Condition
    obj: Condition
    with_: Condition
    without: Condition
    content: Condition
    prep: frozenset[str]
    pobj: Condition
    form: str | None
    agent: tuple[str, ...] | None
    target: tuple[str, ...] | None
    status: str | None
    weak: bool
    negated: bool
    asked: bool
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A word or run of words that opens a sense. `rest` are the words that must stand beside it, too."""

    sense: Sense
    pos: str  # "verb", "noun" or "phrase"
    lemma: str
    rest: tuple[str, ...]


class Lexicon:
    """Look-ups by lower-case word form. Made once, never changed."""

    def __init__(
        self,
        senses: Sequence[Sense],
        verbs: Mapping[str, Sequence[Entry]],
        nouns: Mapping[str, Sequence[Entry]],
        phrases: Mapping[str, Sequence[Entry]],
        verb_lemmas: Mapping[str, str],
        noun_lemmas: Mapping[str, Sequence[str]],
        classes: Mapping[str, frozenset[str]],
    ) -> None:
        self.senses = tuple(senses)
        self.verbs, self.nouns, self.phrases = verbs, nouns, phrases
        self._verb_lemmas, self._noun_lemmas = verb_lemmas, noun_lemmas
        self.classes = classes

    @classmethod
    def from_mappings(cls, triggers: Mapping[str, object], classes: Mapping[str, object]) -> "Lexicon":
        """Compile the parsed data files. Raises ValueError that names the entry and field that is wrong."""
        irregular = {
            str(k): tuple(map(str, _items(v, "irregular"))) for k, v in _mapping(triggers["irregular"]).items()
        }
        expanded = _expand({str(k): tuple(map(str, _items(v, k))) for k, v in classes.items()})
        senses: list[Sense] = []
        verbs: dict[str, list[Entry]] = {}
        nouns: dict[str, list[Entry]] = {}
        phrases: dict[str, list[Entry]] = {}
        verb_lemmas: dict[str, str] = {}
        for lemma in irregular:
            for form in verb_forms(lemma, irregular):
                verb_lemmas[form] = lemma
        noun_lemmas: dict[str, list[str]] = {}

        def learn(noun: str) -> None:
            for form in noun_forms(noun):
                if noun not in noun_lemmas.setdefault(form, []):
                    noun_lemmas[form].append(noun)

        for words in expanded.values():
            for word in sorted(words):
                learn(word)
        for raw in _items(triggers["triggers"], "triggers"):
            entry = _mapping(raw)
            sense = _sense(entry, expanded)
            senses.append(sense)
            for condition in (sense.subj, sense.obj, sense.with_, sense.without, sense.pobj, sense.content):
                for word in sorted(condition.words):
                    learn(word)
            for verb in map(str, _items(entry.get("verbs", ()), sense.id)):
                first, *rest = verb.split()
                for form in verb_forms(first, irregular):
                    verb_lemmas.setdefault(form, first)
                    verbs.setdefault(form, []).append(Entry(sense, "verb", first, tuple(rest)))
            for noun in map(str, _items(entry.get("nouns", ()), sense.id)):
                learn(noun)
                for form in noun_forms(noun):
                    *before, last = form.replace("-", " - ").split()
                    nouns.setdefault(last, []).append(Entry(sense, "noun", noun, tuple(before)))
            for phrase in map(str, _items(entry.get("phrases", ()), sense.id)):
                first, *rest = phrase.split()
                phrases.setdefault(first, []).append(Entry(sense, "phrase", phrase, tuple(rest)))
        return cls(senses, verbs, nouns, phrases, verb_lemmas, noun_lemmas, expanded)

    def lemma(self, token: Token) -> str:
        """The token's lemma as far as the vocabulary knows it, else its lower-case form without a plural s."""
        lower = token.lower
        if token.tag[:2] == "VB":
            return self._verb_lemmas.get(lower, lower)
        if lower in self._noun_lemmas:
            return self._noun_lemmas[lower][0]
        if token.tag in ("NNS", "NNPS") and len(lower) > 3:
            if lower.endswith("ies") and len(lower) > 5:
                return lower[:-3] + "y"
            if lower.endswith("men"):
                return lower[:-3] + "man"
            return lower[:-1] if lower.endswith("s") and not lower.endswith("ss") else lower
        return lower

    def keys(self, tokens: Sequence[Token]) -> list[set[str]]:
        """Per token: its lemma, its form, and the runs of two and three words that end at it."""
        lemmas = [self.lemma(t) for t in tokens]
        out: list[set[str]] = []
        for i, token in enumerate(tokens):
            keys = {lemmas[i], token.lower}
            if token.tag[:2] != "VB":  # "assets" may be listed as it stands and as a plural of "asset"
                keys.update(self._noun_lemmas.get(token.lower, ()))
            for n in (1, 2):
                if i >= n:
                    run = " ".join(t.lower for t in tokens[i - n : i])
                    keys |= {f"{run} {lemmas[i]}", f"{run} {token.lower}"}
            if _AIRCRAFT_NAME.fullmatch(token.text):
                keys.add("@weapon_aircraft")
            out.append(keys)
        return out


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise ValueError(f"expected a mapping, found {value!r}")
    return value


def _items(value: object, where: object) -> Sequence[object]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise ValueError(f"{where}: expected a list, found {value!r}")
    if odd := [item for item in value if isinstance(item, bool)]:  # YAML reads a bare no, off or false as a truth value
        raise ValueError(
            f"{where}: a word was read as {odd[0]}; put no, off, on, false and their like in quotation marks"
        )
    return value


def _expand(classes: Mapping[str, Sequence[str]]) -> dict[str, frozenset[str]]:
    def members(name: str, seen: tuple[str, ...]) -> frozenset[str]:
        if name not in classes:
            raise ValueError(f"classes: no class {name!r} (named by {seen[-1] if seen else 'nobody'})")
        if name in seen:
            raise ValueError(f"classes: {name} takes itself in")
        words: set[str] = set()
        for item in classes[name]:
            words |= members(item[1:], (*seen, name)) if item.startswith("@") else {item.lower()}
        return frozenset(words)

    return {name: members(name, ()) for name in classes}


def _condition(value: object, where: str, classes: Mapping[str, frozenset[str]]) -> Condition:
    words: set[str] = set()
    special: set[str] = set()
    for item in map(str, _items(value, where)):
        name = item.removeprefix("@")
        if item in SPECIAL:
            special.add(item)
        elif name in classes:
            words |= classes[name]
        elif item.startswith("@"):
            raise ValueError(f"{where}: {item} is no class and no special test")
        else:
            words.add(item.lower())
    return Condition(frozenset(words), frozenset(special))


def _paths(roles: Mapping[str, object], role: str, where: str) -> tuple[str, ...] | None:
    return tuple(map(str, _items(roles[role], where))) if role in roles else None


_FIELDS: Final = frozenset(
    [
        "id",
        "kind",
        "sense",
        "verbs",
        "nouns",
        "phrases",
        "subj",
        "obj",
        "with",
        "without",
        "content",
        "prep",
        "pobj",
        "form",
        "roles",
        "status",
        "weak",
        "negated",
        "asked",
        "examples",
    ]
)


def _sense(entry: Mapping[str, object], classes: Mapping[str, frozenset[str]]) -> Sense:
    where = str(entry.get("id", entry))
    unknown = set(entry) - _FIELDS
    if unknown:
        raise ValueError(f"{where}: unknown field {sorted(unknown)}; the file's head lists the fields")
    if ("kind" in entry) == ("sense" in entry):
        raise ValueError(f"{where}: needs either a kind or a sense")
    if not entry.get("examples"):
        raise ValueError(f"{where}: needs an example sentence")
    roles = _mapping(entry.get("roles", {}))
    return Sense(
        id=where,
        kind=str(entry["kind"]) if "kind" in entry else None,
        sense=str(entry["sense"]) if "sense" in entry else None,
        subj=_condition(entry.get("subj", ()), f"{where}.subj", classes),
        obj=_condition(entry.get("obj", ()), f"{where}.obj", classes),
        with_=_condition(entry.get("with", ()), f"{where}.with", classes),
        without=_condition(entry.get("without", ()), f"{where}.without", classes),
        content=_condition(entry.get("content", ()), f"{where}.content", classes),
        prep=frozenset(map(str, _items(entry.get("prep", ()), where))),
        pobj=_condition(entry.get("pobj", ()), f"{where}.pobj", classes),
        form=str(entry["form"]) if "form" in entry else None,
        agent=_paths(roles, "agent", where),
        target=_paths(roles, "target", where),
        status=str(entry["status"]) if "status" in entry else None,
        weak=bool(entry.get("weak", False)),
        negated=bool(entry.get("negated", False)),
        asked=bool(entry.get("asked", False)),
        examples=tuple(map(str, _items(entry["examples"], where))),
    )
