"""A sentence with all that the grammars found in it, on one tree: what the rules look at."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.extractor.core.actors import ActorMention
from services.extractor.core.grammar import Grammar
from services.extractor.core.lexicon import Lexicon
from services.extractor.core.place_structure import PlaceMention
from services.extractor.core.quantities import NumberMention
from services.extractor.core.syntax import Token, Tree
from services.extractor.core.text import Sentence
from services.extractor.core.time_mentions import TimeMention

ARMED_KINDS = frozenset({"force", "armed_group"})


@dataclass(frozen=True, slots=True)
class Analysis:
    """One parsed sentence. `number` counts the report's sentences from 0; `keys` are the tokens' condition keys;
    `context` names the means ("air") that the report speaks of anywhere."""

    number: int
    sentence: Sentence
    tree: Tree
    keys: tuple[frozenset[str], ...]
    actors: tuple[ActorMention, ...]
    places: tuple[PlaceMention, ...]
    times: tuple[TimeMention, ...]
    numbers: tuple[NumberMention, ...]
    context: frozenset[str]
    _clauses: dict[int, tuple[Token, ...]] = field(default_factory=dict, compare=False, repr=False)
    """Clauses already walked, by token: every rule asks for them."""

    def actor_at(self, i: int) -> ActorMention | None:
        """The actor mention that covers a token."""
        start, end = self.tree.tokens[i].start, self.tree.tokens[i].end
        for actor in self.actors:
            if actor.start <= start and end <= actor.end:
                return actor
        return None

    def place_at(self, i: int) -> PlaceMention | None:
        token = self.tree.tokens[i]
        return next((p for p in self.places if p.start <= token.start and token.end <= p.end), None)

    def has(self, i: int, *classes: frozenset[str]) -> bool:
        """Whether a token belongs to one of the word classes."""
        return any(not self.keys[i].isdisjoint(c) for c in classes)

    def tells_total(self, g: Grammar) -> bool:
        """Whether the sentence counts over a time ("since Monday", "a three-day offensive") and not for one event."""
        tokens = self.tree.tokens
        if any(t.lower in g.totals and not self._begins(t) for t in tokens):
            return True
        for t in tokens:
            if t.lower in g.spans_of_time and t.i and tokens[t.i - 1].text == "-":
                return True
            if (
                t.lower.removesuffix("s") in g.spans_of_time
                and any(w.lower in ("past", "last", "previous") for w in tokens[max(0, t.i - 3) : t.i])
                and t.lower.endswith("s")
            ):
                return True
        return False

    def _begins(self, token: Token) -> bool:
        """ "Troops hold the port since a raid killed nine": what "since" opens is the event itself, and no count."""
        head = self.tree.head(token.i)
        counted = any(n.start > token.start for n in self.numbers) and not any(
            n.end < token.start for n in self.numbers
        )
        return token.lower == "since" and token.dep == "mark" and head.is_verb and counted

    def clause(self, i: int) -> tuple[Token, ...]:
        """The tokens of the smallest clause around a token: its verb's subtree without clauses of their own below."""
        found = self._clauses.get(i)
        if found is None:
            found = self._clauses[i] = self._clause(i)
        return found

    def _clause(self, i: int) -> tuple[Token, ...]:
        tree = self.tree
        head = i
        while not (
            tree.tokens[head].is_verb and tree.tokens[head].dep not in ("amod", "compound", "aux", "auxpass", "xcomp")
        ):
            if tree.tokens[head].head == head:
                break
            head = tree.tokens[head].head
        out: list[Token] = []
        queue = [head]
        while queue:
            node = queue.pop()
            out.append(tree.tokens[node])
            for child in tree.children(node):
                own = child.dep in ("ccomp", "advcl", "relcl", "parataxis", "csubj") or (
                    child.dep == "conj" and child.is_verb and tree.tokens[node].is_verb
                )
                if not own or tree.is_under(i, child.i):
                    queue.append(child.i)
        first = tree.first_conjunct(head)
        if first.i != head and tree.child(head, "nsubj", "nsubjpass") is None:
            for subject in tree.children(first.i, "nsubj", "nsubjpass"):
                out += tree.subtree(subject.i)
        return tuple(sorted(set(out), key=lambda t: t.i))


def actor_marks(actor: ActorMention) -> frozenset[str]:
    """The special tests of triggers that an actor meets."""
    marks = {"@actor"}
    if actor.kind == "person":
        marks.add("@person")
    if actor.kind in ARMED_KINDS or actor.role in ("force", "armed_nonstate"):
        marks |= {"@force_actor", "@armed"}
    if actor.kind == "media":
        marks.add("@media_actor")
    return frozenset(marks)


def possible_marks(
    actors: Sequence[ActorMention], places: Sequence[PlaceMention], numbers: Sequence[NumberMention]
) -> frozenset[str]:
    """The special tests that may hold in a sentence with these mentions, before there is a tree."""
    marks = {"@weapon_aircraft"}  # by the shape of a word
    marks = marks.union(*map(actor_marks, actors))
    if actors:
        marks.add("@nationals")
    if places:
        marks |= {"@place", "@border_place"}
    if numbers:
        marks.add("@number")
    return frozenset(marks)


def special_keys(
    tree: Tree,
    keys: Sequence[set[str]],
    g: Grammar,
    lexicon: Lexicon,
    actors: Sequence[ActorMention],
    places: Sequence[PlaceMention],
    numbers: Sequence[NumberMention],
) -> tuple[frozenset[str], ...]:
    """The tokens' keys with the marks of what stands on them ("@actor", "@place", ...)."""
    for actor in actors:
        marks = actor_marks(actor)
        for token in tree.at(actor.start, actor.end):
            keys[token.i] |= marks
            if actor.kind in ("state", "people") and token.tag == "NNPS" and actor.country != actor.text:
                keys[token.i].add("@nationals")  # "1.2 million Iraqis"
    for place in places:
        border = any(not keys[t.i].isdisjoint(g.border_words) for t in tree.at(place.start, place.end + 12))
        for token in tree.at(place.start, place.end):
            keys[token.i] |= {"@place", "@border_place"} if border else {"@place"}
    for number in numbers:
        for token in tree.at(number.start, number.end):
            keys[token.i].add("@number")
    forces, weapons = lexicon.classes["forces"], lexicon.classes["munition"]
    for i, found in enumerate(keys):
        if not found.isdisjoint(forces):
            keys[i].add("@armed")
        if not found.isdisjoint(weapons):
            keys[i].add("@weapon")
    return tuple(frozenset(k) for k in keys)
