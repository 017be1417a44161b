"""What governs a clause or noun says of it: verbs of planning, asking, threatening, failing; "plan to", "risk of".

The reading passes down the tree: "urged both sides to cease fire" makes the ceasefire `called_for`, "denied that its
forces had shelled" takes the shelling away.
"""

from dataclasses import dataclass
from typing import Final

from services.extractor.core.grammar import Grammar
from services.extractor.core.kinds import MEASURES
from services.extractor.core.syntax import Token, Tree
from shared.events.base import Status

PURPOSE: Final = "a purpose, not an event"
CLIMB_MAX: Final = 12
"""Words that a clause is followed up for; farther up the parser has lost the thread."""
BE: Final = frozenset({"is", "are", "was", "were", "be", "been", "'s", "’s", "'re", "’re"})
OPEN_TO_ABOVE: Final = frozenset(
    {"xcomp", "ccomp", "acl", "advcl", "pcomp", "relcl", "csubj", "dobj", "pobj", "prep", "attr", "nsubj", "nsubjpass"}
)
PEACEABLE: Final = frozenset({"ceasefire", "talks", "evacuation", "humanitarian_appeal", "troop_movement"})
"""To vow one of these is to announce it, not to threaten."""


@dataclass(frozen=True, slots=True)
class Modality:
    """`status` None: not told as an event, for `reason`."""

    status: Status | None
    reason: str


def fails(g: Grammar, tree: Tree, verb: Token) -> bool:
    """Whether what the verb has below it did not happen: "failed", "ruled out"."""
    return verb.lower in g.failing or any(
        (verb.lower, t.lower) in g.failing_phrasal for t in tree.children(verb.i, "prt", "advmod", "prep", "advcl")
    )


def ended(g: Grammar, tree: Tree, verb: Token, kind: str) -> Modality:
    """ "Stopped the raids" ended them; to be asked to stop them, or to plan it, is not yet their end."""
    higher = verb_marks(g, tree, verb.i) or above(g, tree, verb.i, kind)
    if higher is None:
        return Modality("ended", f"{verb.text!r} ends it")
    if higher.status == "announced" and kind in MEASURES:
        return higher
    return Modality(None, f"{verb.text!r}: its end is only wished or planned")


def verb_marks(g: Grammar, tree: Tree, i: int) -> Modality | None:
    """Negation, modal verbs and infinitives of the verb itself (or of the verbs it is coordinated with)."""
    token = tree.tokens[i]
    for child in tree.children(i, "neg", "advmod", "det", "preconj"):
        if child.lower in g.negations and child.i < i + 3:
            return Modality(None, f"negated by {child.text!r}")
    subjects = tree.children(i, "nsubj", "nsubjpass")
    for subject in subjects:
        if subject.lower in ("nobody", "none") or any(
            d.lower in ("no", "neither") for d in tree.children(subject.i, "det")
        ):
            return Modality(None, "nobody did")
    for prep in tree.children(i, "prep", "dobj"):
        if prep.dep == "dobj" and any(d.lower == "no" for d in tree.children(prep.i, "det")):
            return Modality(None, "negated by 'no'")
    for mark in tree.children(i, "mark", "advmod"):
        if (
            mark.lower in g.hypothetical_marks
            and mark.i < i
            and not (mark.lower == "until" and token.tag in ("VBD", "VBN"))
        ):
            return Modality(None, f"{mark.text!r} makes it hypothetical")
    auxiliaries = tree.children(i, "aux")
    for aux in auxiliaries:  # "Had the army shelled the town, ..."
        if token.dep == "advcl" and aux.lower in ("had", "should", "were") and any(aux.i < s.i < i for s in subjects):
            return Modality(None, f"{aux.text!r} in front makes it a condition")
    if not auxiliaries and token.dep == "conj" and tree.tokens[token.head].is_verb and not subjects:
        head = tree.tokens[token.head]
        if token.tag == "VB" or (token.tag == head.tag and token.tag != "VBD"):
            return verb_marks(g, tree, head.i)
        return None
    for aux in auxiliaries:
        if aux.tag == "MD" or aux.lower in g.modals:
            reading = g.modals.get(aux.lower)
            have = any(a.lower == "have" for a in auxiliaries)
            if reading == "hypothetical":
                return Modality(None, f"{aux.text!r} makes it hypothetical")
            if reading == "announced" and any(
                m.lower == "if" for c in tree.children(i, "advcl") for m in tree.children(c.i, "mark")
            ):
                return Modality(None, "on a condition")
            if reading == "announced":
                if aux.lower == "would" and have:
                    return Modality(None, "'would have' did not happen")
                return Modality("announced", f"{aux.text!r}: to come")
            if reading == "called_for":
                return Modality("called_for", f"{aux.text!r}: asked for")
    return None


def above(g: Grammar, tree: Tree, i: int, kind: str) -> Modality | None:
    """What stands above token `i`, nearest first; None where it is told plainly."""
    node = tree.tokens[i]
    steps = 0
    purpose: Modality | None = None
    while node.head != node.i and steps < CLIMB_MAX:
        steps += 1
        head = tree.tokens[node.head]
        infinitive = any(t.lower == "to" and t.dep == "aux" for t in tree.children(node.i))
        if node.dep == "conj" and head.is_verb:
            if node.tag in ("VB", "VBG") or not tree.child(node.i, "nsubj", "nsubjpass"):
                mark = verb_marks(g, tree, head.i) if node.tag == "VB" else None
                if mark is not None:
                    return mark
            node = head
            continue
        if node.dep in OPEN_TO_ABOVE:
            found = _governed(g, tree, node, head, infinitive, kind)
            if found is not None and found.reason != PURPOSE:
                return found
            purpose = purpose or found
        if head.is_verb and node.dep in ("xcomp", "ccomp", "advcl"):
            own = None
            if node.dep == "xcomp" or (node.dep == "ccomp" and head.lower in g.light):
                own = verb_marks(g, tree, head.i)
            elif any(m.lower in g.hypothetical_marks for m in tree.children(head.i, "mark")):
                own = Modality(None, "inside a conditional clause")
            if own is not None:
                return own
        if (node.dep == "relcl" and not infinitive) or (head.dep == "ROOT" and not head.is_verb):
            return purpose
        node = head
    return purpose


def _governed(g: Grammar, tree: Tree, node: Token, head: Token, infinitive: bool, kind: str) -> Modality | None:
    if head.is_verb:
        return _below_verb(g, tree, node, head, infinitive, kind)
    lower = head.lower
    if head.tag[:2] == "JJ":
        if node.dep in ("xcomp", "ccomp", "advcl", "acl") and infinitive and lower in g.predicative_announced:
            if lower == "able" and tree.head(head.i).lower in ("was", "were", "been"):
                return None  # "were able to rescue them": they did
            return Modality("announced", f"{head.text!r} to")
        if infinitive and lower in ("unable", "reluctant", "unwilling", "impossible"):
            return Modality(None, f"{head.text!r}: it did not happen")
        return None
    if head.dep == "prep" or lower in g.unreal:
        outer = tree.tokens[head.head]
        beside = {outer.lower, *(t.lower for t in tree.children(head.i))}
        if lower in g.unreal or (lower == "of" and beside & g.unreal):
            return Modality(None, f"{head.text!r}: it did not happen")
        if outer.is_verb and node.dep == "pcomp":
            kept = lower == "from" and (fails(g, tree, outer) or outer.lower in g.ending or outer.lower in g.denying)
            if kept or (lower == "against" and outer.lower in g.threatening):
                return Modality(None, f"{outer.text!r} {head.text}: it did not happen")
            return None
    if head.is_noun or head.dep == "prep":
        return _below_noun(g, tree, node, head if head.is_noun else tree.tokens[head.head], infinitive)
    return None


def _below_verb(g: Grammar, tree: Tree, node: Token, head: Token, infinitive: bool, kind: str) -> Modality | None:
    lower = head.lower
    if node.is_noun:
        told = node.lower in g.reporting_nouns or node.lower in g.announcing_nouns or node.lower in g.threatening_nouns
        undone = fails(g, tree, head) or lower in g.denying or lower in g.ending
        if told and undone and node.dep in ("dobj", "nsubjpass"):
            return Modality(None, f"{node.text!r} {head.text}: taken back")
        if node.lower in g.blame and lower in g.denying:  # "involvement in the attack": there was one
            return None if _definite_below(tree, node.i) else Modality(None, f"{head.text!r} denies it")
        return None
    finite = any(t.tag in ("VBZ", "VBP", "VBD", "MD") for t in tree.children(node.i, "aux"))
    nonfinite = infinitive or (node.tag in ("VB", "VBG") and not finite) or node.dep == "pcomp"
    being = node.tag == "VBN" and any(t.lower == "being" for t in tree.children(node.i, "auxpass", "aux"))
    nonfinite = nonfinite or being
    if node.dep == "ccomp" and lower in g.denying:
        return Modality(None, f"{head.text!r} denies it")
    behind = any(t.i == node.i - 1 for t in tree.children(head.i, "prt"))
    if nonfinite and node.dep == "advcl" and behind and fails(g, tree, head):
        return Modality(None, f"{head.text!r}: it did not happen")  # "ruled out sending troops"
    if node.dep in ("xcomp", "ccomp", "pcomp"):
        if lower in g.threatening and (nonfinite or (node.dep == "ccomp" and not tree.child(node.i, "mark"))):
            peaceable = kind in PEACEABLE and lower.startswith(("vow", "swear", "swore", "sworn"))
            return Modality("announced" if peaceable else "threatened", f"{head.text!r} threatens it")
        if nonfinite and fails(g, tree, head):
            return Modality(None, f"{head.text!r}: it did not happen")
        if nonfinite and lower in g.denying:
            return Modality(None, f"{head.text!r} denies it")
        wished = infinitive or node.tag == "VB" or (node.tag == "VBP" and head.tag in ("VBD", "VBN", "VBG"))
        if wished and lower in g.calling and node.dep in ("xcomp", "ccomp"):
            return Modality("called_for", f"{head.text!r} asks for it")
        if nonfinite and lower in g.announcing and node.dep in ("xcomp", "ccomp") and node.tag != "VBN":
            return Modality("announced", f"{head.text!r}: to come")
        if nonfinite and node.dep == "xcomp" and lower in g.continuing:
            return Modality("ongoing", f"{head.text!r} goes on")
        if nonfinite and node.dep == "xcomp" and lower in g.ending:
            return ended(g, tree, head, kind)
    if infinitive and kind == "evacuation" and lower in g.attempting and node.dep in ("xcomp", "advcl"):
        return Modality("ongoing", f"{head.text!r}: at it") if not verb_marks(g, tree, head.i) else None
    if node.dep == "xcomp" and infinitive and lower in BE:
        return Modality("announced", f"{head.text!r} to")
    if node.dep == "advcl" and infinitive and not any(t.tag == "MD" for t in tree.children(head.i, "aux")):
        return Modality(None, PURPOSE)
    if node.dep == "advcl" and any(m.lower in g.hypothetical_marks for m in tree.children(node.i, "mark")):
        return Modality(None, "a condition")
    return None


def _below_noun(g: Grammar, tree: Tree, node: Token, noun: Token, infinitive: bool) -> Modality | None:
    word = noun.lower
    clause = node.dep in ("acl", "pcomp", "xcomp", "relcl") and (infinitive or node.dep == "pcomp")
    if not clause and not (node.dep == "pobj" and noun.is_noun):
        return None
    verb = tree.head(noun.i)
    struck = verb.lower.startswith("conclud")  # an agreement that is concluded is made
    dropped = noun.dep in ("dobj", "nsubjpass") and not struck and (fails(g, tree, verb) or verb.lower in g.ending)
    if word in g.announcing_nouns:
        return Modality(None if dropped else "announced", f"{noun.text!r} {'dropped' if dropped else 'to'}")
    if word in g.calling_nouns:
        return Modality("called_for", f"{noun.text!r} asks for it")
    if word in g.threatening_nouns:
        return Modality(None if dropped else "threatened", f"{noun.text!r} of it")
    if word in g.failing_nouns:
        return Modality(None, f"{noun.text!r}: it did not happen")
    if word in g.time_nouns and node.dep == "pobj":
        return Modality(None, f"{noun.text!r} of something past")
    if node.dep == "acl" and infinitive and noun.is_noun:
        return Modality(None, PURPOSE)
    return None


def _definite_below(tree: Tree, i: int) -> bool:
    """Whether the noun's prepositions lead to something that is taken as known: "in the attack"."""
    return any(
        d.lower in ("the", "this", "that", "these", "those")
        for prep in tree.children(i, "prep")
        for p in tree.children(prep.i, "pobj")
        for d in tree.children(p.i, "det")
    )
