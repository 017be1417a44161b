"""Who does what to whom in a clause: the logical subject, object and prepositions of a verb or noun.

Passive, coordination, control ("ordered troops to withdraw"), participles, relative clauses and light verbs
("launched an offensive") are undone here, so that the rules above see one shape.
"""

from dataclasses import dataclass, field
from typing import Final

from services.extractor.core.grammar import Grammar
from services.extractor.core.syntax import Token, Tree

PARTICLES: Final = frozenset({"down", "up", "out", "off", "back"})
STATES: Final = frozenset({"acomp", "oprd", "ccomp"})
CLIMB_MAX: Final = 6
"""Clauses that a subject is looked for in; farther up the parser has lost the thread."""
BE: Final = frozenset({"is", "are", "was", "were", "be", "been", "being", "'s", "’s"})
RELATIVES: Final = frozenset({"who", "which", "that", "whom", "whose"})


@dataclass(slots=True)
class Arguments:
    """Heads of the noun phrases around a predicate, as token numbers. `light` is the verb that carries a noun."""

    subj: list[int] = field(default_factory=list)
    obj: list[int] = field(default_factory=list)
    by: list[int] = field(default_factory=list)
    poss: list[int] = field(default_factory=list)
    mod: list[int] = field(default_factory=list)
    preps: dict[str, list[int]] = field(default_factory=dict)
    passive: bool = False
    light: int | None = None

    def at(self, path: str) -> list[int]:
        """The heads on a path: subj, obj, by, poss, mod, or a preposition."""
        if path in ("subj", "obj", "by", "poss", "mod"):
            found: list[int] = getattr(self, path)
            return found
        return self.preps.get(path, [])


def _is_passive(tree: Tree, i: int) -> bool:
    if tree.tokens[i].lower in ("headed", "gone"):
        return False  # "warships were headed for the gulf"
    if tree.child(i, "auxpass", "nsubjpass", "csubjpass"):
        return True
    token = tree.tokens[i]
    if token.tag != "VBN":
        return False
    if token.dep == "acomp":  # "was badly damaged"
        return tree.tokens[token.head].lower in BE
    auxiliaries = [t.lower for t in tree.children(i, "aux")]
    if any(a in ("has", "have", "had", "having", "'ve", "’ve", "'d") for a in auxiliaries):
        return False
    if token.dep in ("acl", "relcl"):
        return tree.child(i, "dobj") is None
    if token.dep == "conj" and not auxiliaries and not tree.child(i, "nsubj"):
        return _is_passive(tree, token.head)
    if token.dep in ("advcl", "ROOT", "ccomp", "xcomp") and not auxiliaries:
        return not tree.child(i, "dobj")
    return token.dep == "amod"


def _prepositions(tree: Tree, i: int, out: dict[str, list[int]]) -> None:
    for prep in tree.children(i, "prep", "agent", "dative", "prt", "advmod"):
        for pobj in tree.children(prep.i, "pobj", "pcomp"):
            out.setdefault(prep.lower, []).extend(t.i for t in tree.conjuncts(pobj.i))
        for inner in tree.children(prep.i, "prep"):
            for pobj in tree.children(inner.i, "pobj"):
                out.setdefault(inner.lower, []).extend(t.i for t in tree.conjuncts(pobj.i))
        for other in tree.children(prep.i, "conj"):
            for pobj in tree.children(other.i, "pobj"):
                out.setdefault(other.lower, []).extend(t.i for t in tree.conjuncts(pobj.i))


def _surface_subject(g: Grammar, tree: Tree, i: int, depth: int = 0) -> list[int]:
    """The subject as it stands or is understood, from the clause above where the verb has none of its own."""
    token = tree.tokens[i]
    subjects = tree.children(i, "nsubj", "nsubjpass", "csubj")
    before = [t for t in subjects if t.i < i]
    own = before[-1] if before else next(iter(subjects), None)  # "Radio Lom: Flights are suspended" has two
    if own is not None and own.dep != "csubj":
        if own.lower in RELATIVES and token.dep == "relcl":
            return [t.i for t in tree.conjuncts(token.head)] if tree.tokens[token.head].is_noun else [token.head]
        return [t.i for t in tree.conjuncts(own.i)]
    if depth > CLIMB_MAX or token.head == i:
        return _misread_subject(tree, i)
    head = tree.tokens[token.head]
    if token.dep == "conj" and head.is_verb:
        return _surface_subject(g, tree, head.i, depth + 1)
    if token.dep == "acomp" and token.tag == "VBN":  # "was badly damaged"
        return _surface_subject(g, tree, head.i, depth + 1)
    if token.dep == "xcomp" and head.tag[:2] == "JJ":  # "was due to meet"
        return _surface_subject(g, tree, tree.tokens[head.head].i, depth + 1) if head.head != head.i else []
    if token.dep == "xcomp":
        if head.lower in g.object_control:
            objects = [t.i for d in tree.children(head.i, "dobj", "nsubjpass") for t in tree.conjuncts(d.i)]
            on = [
                p.i
                for prep in tree.children(head.i, "prep")
                if prep.lower in ("on", "upon")
                for p in tree.children(prep.i, "pobj")
            ]
            if objects or on:
                return objects or on
        return _surface_subject(g, tree, head.i, depth + 1)
    if token.dep == "pcomp":
        preposition = head
        outer = tree.tokens[preposition.head]
        if outer.is_verb and (outer.lower in g.accusing or preposition.lower in ("from", "of")):
            objects = [t.i for d in tree.children(outer.i, "dobj", "nsubjpass") for t in tree.conjuncts(d.i)]
            if objects:
                return objects
        if outer.is_verb:
            return _surface_subject(g, tree, outer.i, depth + 1)
        return []
    if token.dep == "advcl" and token.tag in ("VBG", "VB", "VBN"):
        return _surface_subject(g, tree, head.i, depth + 1)
    if token.dep in ("acl", "relcl"):
        if token.tag in ("VBG", "VBN"):
            return [t.i for t in ([head] if head.dep == "conj" else tree.conjuncts(head.i)[:1])]
        return []
    if token.dep == "ccomp" and token.tag in ("VBG", "VB"):
        return _surface_subject(g, tree, head.i, depth + 1)
    return []


def _misread_subject(tree: Tree, i: int) -> list[int]:
    """ "According to the agency, a speaker called ...": the parser takes the subject for an apposition."""
    found: Token | None = None
    for child in tree.children(i, "prep", "advcl", "npadvmod"):
        if child.i < i:
            for below in tree.subtree(child.i):
                left = tree.subtree(below.i)[0]
                if below.dep == "appos" and below.i < i and left.i and tree.tokens[left.i - 1].text == ",":
                    found = below
    return [] if found is None else [t.i for t in tree.conjuncts(found.i)]


def of_verb(g: Grammar, tree: Tree, i: int) -> Arguments:
    """The logical arguments of a verb."""
    args = Arguments(passive=_is_passive(tree, i))
    surface = _surface_subject(g, tree, i)
    objects = [t.i for d in tree.children(i, "dobj", "obj", "dative", "oprd", "attr") if d.dep != "dative" or d.is_noun
               for t in tree.conjuncts(d.i)]  # fmt: skip
    token = tree.tokens[i]
    if token.dep == "relcl" and any(tree.tokens[o].lower in RELATIVES for o in objects):
        objects = [token.head]  # "a plane which the army shot down"
    if not objects and not args.passive:
        if token.dep == "relcl":
            own = tree.child(i, "nsubj")
            if own is not None and own.lower not in RELATIVES:
                objects = [token.head]
        elif token.dep == "conj" and tree.tokens[token.head].is_verb and not tree.child(i, "nsubj"):
            later = [c for c in tree.conjuncts(tree.first_conjunct(i).i) if c.is_verb and c.i > i]
            objects = [t.i for c in later[:1] for d in tree.children(c.i, "dobj") for t in tree.conjuncts(d.i)]
        else:  # "captured and killed the pilot"
            for conj in tree.children(i, "conj"):
                if conj.is_verb and not tree.child(i, "prep", "advmod") and conj.i - i <= 3:
                    objects = [t.i for d in tree.children(conj.i, "dobj") for t in tree.conjuncts(d.i)]
                    break
        if not objects:  # "dropped napalm": the parser takes a bare noun for a measure
            objects = [
                t.i
                for t in tree.children(i, "npadvmod")
                if i < t.i <= i + 3 and t.tag in ("NN", "NNS") and t.lower not in g.measures
            ]
        if not objects:  # "shot down 29 out of 38 drones": the parser hangs the object on the particle
            below = [t for p in tree.children(i, "advmod", "prt") if p.lower in PARTICLES for t in tree.subtree(p.i)]
            objects = [t.i for t in below if t.is_noun][:1]
    _prepositions(tree, i, args.preps)
    args.by = args.preps.pop("by", []) if args.passive else []
    if args.passive:  # "were fired on by snipers"
        for particle in tree.children(i, "prt", "prep"):
            if particle.lower in ("on", "at", "upon") and not tree.children(particle.i, "pobj", "pcomp"):
                args.preps.setdefault(particle.lower, []).extend(surface)
    if args.passive:
        if not args.by:  # "captured and killed by soldiers"
            for conj in tree.children(i, "conj"):
                if conj.is_verb and _is_passive(tree, conj.i):
                    shared: dict[str, list[int]] = {}
                    _prepositions(tree, conj.i, shared)
                    args.by = shared.get("by", [])
        args.subj, args.obj = list(args.by), surface
    else:
        args.subj, args.obj = surface, objects
    return args


def outermost(g: Grammar, tree: Tree, i: int) -> int:
    """The noun that stands for an event noun in its clause: first of a row, "round" in "a round of talks"."""
    first = tree.first_conjunct(i)
    above = tree.tokens[first.head]
    if first.dep == "pobj" and above.lower == "of":
        holder = tree.tokens[above.head]
        if holder.lower in g.containers:
            return outermost(g, tree, holder.i)
    return first.i


def _answerable(g: Grammar, tree: Tree, i: int) -> list[int]:
    """Who answers for an event: "blamed the rebels for the raid", "claimed responsibility for the raid"."""
    token = tree.tokens[i]
    head = tree.tokens[token.head]
    if head.is_verb and token.dep in ("dobj", "nsubjpass"):
        if to := g.accusing_by.get(head.lower):  # "blamed the raid on the rebels"
            return of_verb(g, tree, head.i).preps.get(to, [])
        return of_verb(g, tree, head.i).by if head.lower == "claimed" else []
    above = tree.tokens[head.head]
    if token.dep != "pobj":
        return []
    if above.is_verb and above.lower in g.accusing and head.lower in ("for", "of", "over"):
        return of_verb(g, tree, above.i).obj
    holder = tree.tokens[above.head]
    if head.lower == "for" and above.lower == "responsibility" and holder.lower in g.owning_up:
        return of_verb(g, tree, holder.i).subj
    if head.lower == "for" and above.lower == "responsible" and holder.lower in BE:
        return of_verb(g, tree, holder.i).subj
    return []


def of_noun(g: Grammar, tree: Tree, i: int) -> Arguments:
    """The arguments of an event noun: owner, modifiers, prepositions, and those of the verb that carries it."""
    args = Arguments()
    first = outermost(g, tree, i)
    for node in dict.fromkeys((i, first)):
        args.poss += [t.i for t in tree.children(node, "poss")]
        args.mod += [t.i for t in tree.children(node, "amod", "compound", "nmod")]
        _prepositions(tree, node, args.preps)
    args.by = args.preps.pop("by", [])
    args.by += _answerable(g, tree, first)
    for relative in tree.children(i, "acl", "relcl"):
        below: dict[str, list[int]] = {}
        _prepositions(tree, relative.i, below)
        if relative.tag == "VBN" and (to := g.accusing_by.get(relative.lower)):
            args.by += below.pop(to, [])  # "a bombing blamed on the rebels"
        if relative.tag == "VBN":
            args.by += below.pop("by", [])
        if relative.lower in ("targeting", "involving", "hitting", "striking"):
            key = "involving" if relative.lower == "involving" else "on"
            args.preps.setdefault(key, []).extend(
                t.i for d in tree.children(relative.i, "dobj") for t in tree.conjuncts(d.i)
            )
        for name, heads in below.items():
            args.preps.setdefault(name, []).extend(heads)
    head = tree.tokens[tree.tokens[first].head]
    token = tree.tokens[first]
    if head.is_verb and token.dep in ("dobj", "nsubjpass", "attr"):
        verb = of_verb(g, tree, head.i)
        args.light = head.i
        if head.lower in g.light:
            args.subj = verb.subj
        for name, heads in verb.preps.items():
            args.preps.setdefault(name, []).extend(h for h in heads if not tree.is_under(h, i))
    elif head.is_verb and token.dep == "nsubj":
        args.light = head.i
        verb = of_verb(g, tree, head.i)
        args.obj = verb.obj if head.lower not in g.light else []
        for name, heads in verb.preps.items():
            args.preps.setdefault(name, []).extend(h for h in heads if not tree.is_under(h, i))
    elif token.dep == "pobj" and tree.tokens[head.head].is_verb:
        outer = tree.tokens[head.head]
        args.light = outer.i
        verb = of_verb(g, tree, outer.i)
        if outer.lower in g.light and head.lower in ("out", "to", "for", "on", "in", "into", "up", "off", "down"):
            args.subj = verb.subj
        if head.lower in ("under", "into"):  # "came under fire": the sufferer is the subject
            args.preps.setdefault("under", []).extend(verb.subj or verb.obj)
        for name, heads in verb.preps.items():
            args.preps.setdefault(name, []).extend(h for h in heads if not tree.is_under(h, i) and h != first)
    args.preps = {name: [h for h in heads if h != i] for name, heads in args.preps.items()}
    return args


def of_token(g: Grammar, tree: Tree, token: Token) -> Arguments:
    """The logical arguments of a trigger, whatever its part of speech."""
    if token.is_verb:
        return of_verb(g, tree, token.i)
    if token.tag[:2] == "JJ" and token.dep in STATES:  # "the border is closed", "found the border closed"
        head = tree.tokens[token.head]
        held = tree.children(head.i, "dobj") if token.dep == "oprd" else tree.children(head.i, "nsubj", "nsubjpass")
        inner = tree.children(token.i, "nsubj")
        args = Arguments(passive=True, obj=[t.i for d in (*inner, *held)[:1] for t in tree.conjuncts(d.i)])
        _prepositions(tree, token.i, args.preps)
        return args
    return of_noun(g, tree, token.i)
