"""Whether an event is told as having happened, going on, to come, asked for, threatened or ended - or not at all.

The reading passes down the tree: "urged both sides to cease fire" makes the ceasefire `called_for`, "denied that its
forces had shelled" takes the shelling away. An event that is negated, hypothetical or denied is not told.
"""

from dataclasses import dataclass
from itertools import pairwise

from services.extractor.core import arguments
from services.extractor.core.analysis import Analysis
from services.extractor.core.grammar import Grammar
from services.extractor.core.kinds import MEASURES
from services.extractor.core.syntax import Token, Tree
from shared.events.base import Status

TO_COME = frozenset(
    {
        "flight_ban",
        "broadcast_ban",
        "border_closure",
        "sanction",
        "ceasefire",
        "talks",
        "mobilization",
        "troop_movement",
        "evacuation",
        "humanitarian_appeal",
    }
)
"""Kinds that are announced before they are; a capture or a raid is announced after it."""
PURPOSE = "a purpose, not an event"


@dataclass(frozen=True, slots=True)
class Modality:
    """`status` None: not told as an event, for `reason`."""

    status: Status | None
    reason: str


def modality(
    g: Grammar, analysis: Analysis, i: int, kind: str, light: int | None, default: Status, *, polar: bool = False
) -> Modality:
    """The status of the event whose trigger is token `i` (for a noun, `light` is the verb that it hangs on).

    `polar`: the trigger is a set phrase that holds its own negation ("not functioning").
    """
    tree = analysis.tree
    token = tree.tokens[i]
    refuted = _refuted(g, tree, i)
    if refuted is not None:
        return refuted
    if polar:
        return Modality(_phrase_status(tree, i, default), "a set phrase")
    if token.is_noun or not token.is_verb:
        by_noun = _noun_marks(g, tree, i)
        if by_noun is not None:
            return by_noun
        node, status = i, default
        if light is not None and tree.tokens[light].is_verb and _carries(g, tree, i):
            verb = tree.tokens[light]
            if verb.lower in ("is", "are", "was", "were") and any(
                x.tag == "VB" for x in tree.children(verb.i, "xcomp")
            ):
                return Modality("announced", f"{verb.text!r} to")
            found = _carried(g, tree, i, verb, kind)
            if found is not None:
                if found.status is None:
                    return found
                status = found.status
            node = light
            own = _verb_marks(g, tree, node, kind)
            if own is not None:
                return own
            if status == "occurred" and _progressive(tree, node) and (kind not in MEASURES or kind == "ceasefire"):
                status = "ongoing"
            if tree.head(i).lower == "under" and verb.tag in ("VBZ", "VBP") and status == "occurred":
                status = "ongoing"
        elif light is not None:
            node = light
            return _above(g, tree, node, kind) or Modality(status, f"told by {token.text!r}")
        above = _above(g, tree, node, kind)
        return above or Modality(status, f"told by {token.text!r}")
    own = _verb_marks(g, tree, i, kind)
    if own is not None:
        return own
    above = _above(g, tree, i, kind)
    if above is not None:
        return above
    if default == "occurred" and (
        _progressive(tree, i)
        or (kind in ("troop_movement", "displacement") and token.tag == "VBG" and token.dep == "acl")
    ):
        return Modality("ongoing", "progressive form")
    return Modality(default, f"told by {token.text!r}")


def _carries(g: Grammar, tree: Tree, i: int) -> bool:
    """Whether a noun is what its verb is about; in "nobody was hurt in the attack" it is only the circumstance."""
    token = tree.tokens[arguments.outermost(g, tree, i)]
    if token.dep != "pobj":
        return True
    return tree.head(token.i).lower in (
        "for",
        "to",
        "of",
        "on",
        "with",
        "under",
        "into",
        "out",
        "off",
        "down",
        "against",
        "about",
    )


def _refuted(g: Grammar, tree: Tree, i: int) -> Modality | None:
    """ "Reports that the town had been shelled proved wrong": told only to be taken back."""
    chain = [tree.tokens[i], *tree.ancestors(i)]
    for below, node in pairwise(chain):
        if below.dep in ("nsubj", "nsubjpass", "csubj") and node.is_verb:
            for word in tree.children(node.i, "acomp", "attr", "oprd", "advmod", "xcomp"):
                if word.lower in g.denial_words or any(
                    t.lower in g.denial_words for t in tree.children(word.i, "acomp")
                ):
                    return Modality(None, f"{word.text!r}: taken back")
    return None


def _phrase_status(tree: Tree, i: int, default: Status) -> Status:
    """A state told in the present goes on."""
    verbs = [
        t
        for t in (tree.tokens[i], *tree.ancestors(i))
        if t.is_verb and not any(c.tag == "TO" for c in tree.children(t.i, "aux"))
    ]
    present = bool(verbs) and (
        verbs[0].tag in ("VBZ", "VBP") or any(t.tag in ("VBZ", "VBP") for t in tree.children(verbs[0].i, "aux"))
    )
    return "ongoing" if present and default == "occurred" else default


def _progressive(tree: Tree, i: int) -> bool:
    token = tree.tokens[i]
    if token.tag == "VBG" and any(
        t.lower in ("is", "are", "am", "'s", "’s", "'re", "were", "was", "been", "be") for t in tree.children(i, "aux")
    ):
        return True
    return any(t.lower == "being" for t in tree.children(i, "auxpass", "aux")) and any(
        t.lower in ("is", "are") for t in tree.children(i, "aux")
    )


def _noun_marks(g: Grammar, tree: Tree, i: int) -> Modality | None:
    for child in tree.children(i, "amod", "compound", "det", "neg", "advmod", "nmod"):
        if child.lower in g.announced_adjectives:
            return Modality("announced", f"{child.text!r} {tree.tokens[i].text}")
        if child.lower in g.hypothetical_adjectives:
            return Modality(None, f"{child.text!r} makes it hypothetical")
        if child.lower in ("no", "without", "neither"):
            return Modality(None, f"negated by {child.text!r}")
        if child.lower in g.ongoing_adjectives:
            return Modality("ongoing", f"{child.text!r} {tree.tokens[i].text}")
    return None


def _carried(g: Grammar, tree: Tree, i: int, verb: Token, kind: str) -> Modality | None:
    """What the verb that a noun hangs on says of it."""
    first = tree.tokens[arguments.outermost(g, tree, i)]
    under = tree.tokens[first.head]
    lower = verb.lower
    preposition = under.lower if under.dep in ("prep", "dative", "agent") else None
    is_object = first.dep in ("dobj", "nsubjpass", "attr", "oprd") or preposition in (
        "for",
        "to",
        "of",
        "on",
        "from",
        "with",
    )
    if preposition in ("in", "during", "after", "since", "following", "amid", "despite", "under", "at", "by", "before"):
        return None
    if lower.startswith("call") and preposition is None:
        return None
    if (
        lower in g.calling
        and (preposition == "for" or first.dep in ("dobj", "nsubjpass"))
        and not (
            lower.startswith(("order", "call"))
            and preposition is None
            and kind not in ("ceasefire", "talks", "humanitarian_appeal")
        )
    ):
        return Modality("called_for", f"{verb.text!r} asks for it")
    if lower.startswith("order") and first.dep in ("dobj", "nsubjpass"):
        return Modality("announced" if kind not in ("evacuation",) else "called_for", f"{verb.text!r} orders it")
    if lower in g.threatening and is_object and not lower.startswith("swear"):
        return Modality("threatened", f"{verb.text!r} threatens it")
    if lower in g.failing and is_object and first.dep in ("dobj", "nsubjpass"):
        if lower.startswith(("stop", "cancel", "abandon", "call")) or (lower.startswith("block") and kind in MEASURES):
            return _ended(g, tree, verb, kind)
        if lower.startswith(("postpon", "delay", "cancel")) and kind == "talks":
            return Modality("ended", f"{verb.text!r}: it was called off")
        return Modality(None, f"{verb.text!r}: it did not happen")
    if lower in g.denying and is_object:
        return Modality(None, f"{verb.text!r} denies it")
    if (lower in g.ending and is_object) or (lower in g.ending and first.dep == "nsubj" and kind in MEASURES):
        return _ended(g, tree, verb, kind)
    if (
        kind == "ceasefire"
        and lower.startswith(("break", "broke", "violat", "breach"))
        and first.dep in ("dobj", "nsubjpass")
    ):
        return Modality("ended", f"{verb.text!r} ends it")
    if kind == "ceasefire" and lower.startswith(("collaps", "expir", "broke")) and first.dep == "nsubj":
        return Modality("ended", f"{verb.text!r} ends it")
    if lower in g.announcing and first.dep in ("dobj", "nsubjpass") and kind not in ("statement", "denial"):
        if lower.startswith(("agree", "approv", "vot", "set", "look", "see")) or kind not in TO_COME:
            return None
        return Modality("announced", f"{verb.text!r} announces it")
    if lower in g.continuing and first.dep in ("nsubj", "dobj"):
        return Modality("ongoing" if verb.tag in ("VBZ", "VBP", "VBG", "VB") else "occurred", f"{verb.text!r}")
    return None


def _ended(g: Grammar, tree: Tree, verb: Token, kind: str) -> Modality:
    """ "Stopped the raids" ended them; to be asked to stop them, or to plan it, is not yet their end."""
    above = _verb_marks(g, tree, verb.i, kind) or _above(g, tree, verb.i, kind)
    if above is None:
        return Modality("ended", f"{verb.text!r} ends it")
    if above.status == "announced" and kind in MEASURES:
        return above
    return Modality(None, f"{verb.text!r}: its end is only wished or planned")


def _verb_marks(g: Grammar, tree: Tree, i: int, kind: str) -> Modality | None:
    """Negation, modal verbs and infinitives of the verb itself (or of the verbs it is coordinated with)."""
    token = tree.tokens[i]
    for child in tree.children(i, "neg", "advmod", "det", "preconj"):
        if child.lower in g.negations and child.i < i + 3:
            return Modality(None, f"negated by {child.text!r}")
    for subject in tree.children(i, "nsubj", "nsubjpass"):
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
    if (
        not auxiliaries
        and token.dep == "conj"
        and tree.tokens[token.head].is_verb
        and not tree.child(i, "nsubj", "nsubjpass")
    ):
        head = tree.tokens[token.head]
        if token.tag == "VB" or (token.tag == head.tag and token.tag != "VBD"):
            return _verb_marks(g, tree, head.i, kind)
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


def _above(g: Grammar, tree: Tree, i: int, kind: str) -> Modality | None:
    """What governs the clause: verbs of planning, asking, threatening, failing and denying; nouns like "plan to"."""
    node = tree.tokens[i]
    steps = 0
    purpose: Modality | None = None
    while node.head != node.i and steps < 12:
        steps += 1
        head = tree.tokens[node.head]
        infinitive = any(t.lower == "to" and t.dep == "aux" for t in tree.children(node.i))
        if node.dep == "conj" and head.is_verb:
            if node.tag in ("VB", "VBG") or not tree.child(node.i, "nsubj", "nsubjpass"):
                mark = _verb_marks(g, tree, head.i, kind) if node.tag == "VB" else None
                if mark is not None:
                    return mark
            node = head
            continue
        if node.dep in ("xcomp", "ccomp", "acl", "advcl", "pcomp", "relcl", "csubj", "dobj", "pobj", "prep", "attr"):
            found = _governed(g, tree, node, head, infinitive)
            if found is not None and found.reason != PURPOSE:
                return found
            purpose = purpose or found
        if head.is_verb and node.dep in ("xcomp", "ccomp", "advcl"):
            own = None
            if node.dep == "xcomp" or (node.dep == "ccomp" and head.lower in g.light):
                own = _verb_marks(g, tree, head.i, kind)
            elif any(m.lower in g.hypothetical_marks for m in tree.children(head.i, "mark")):
                own = Modality(None, "inside a conditional clause")
            if own is not None:
                return own
        if (node.dep == "relcl" and not infinitive) or (head.dep == "ROOT" and not head.is_verb):
            return purpose
        node = head
    return purpose


def _governed(g: Grammar, tree: Tree, node: Token, head: Token, infinitive: bool) -> Modality | None:
    lower = head.lower
    if head.is_verb:
        finite = any(t.tag in ("VBZ", "VBP", "VBD", "MD") for t in tree.children(node.i, "aux"))
        nonfinite = infinitive or (node.tag in ("VB", "VBG") and not finite) or node.dep == "pcomp"
        if node.dep == "ccomp" and lower in g.denying:
            return Modality(None, f"{head.text!r} denies it")
        if node.dep in ("xcomp", "ccomp", "pcomp"):
            if nonfinite and lower in g.threatening:
                return Modality("threatened", f"{head.text!r} threatens it")
            if node.dep == "ccomp" and lower in g.threatening and not tree.child(node.i, "mark"):
                return Modality("threatened", f"{head.text!r} threatens it")
            if nonfinite and lower in g.failing:
                return Modality(None, f"{head.text!r}: it did not happen")
            if nonfinite and lower in g.denying:
                return Modality(None, f"{head.text!r} denies it")
            if (infinitive or node.tag == "VB") and lower in g.calling and node.dep in ("xcomp", "ccomp"):
                return Modality("called_for", f"{head.text!r} asks for it")
            if nonfinite and lower in g.announcing and node.dep in ("xcomp", "ccomp") and node.tag != "VBN":
                return Modality("announced", f"{head.text!r}: to come")
            if nonfinite and node.dep == "xcomp" and lower in g.continuing:
                return Modality("ongoing", f"{head.text!r} goes on")
            if nonfinite and node.dep in ("xcomp",) and lower in g.ending:
                return Modality("ended", f"{head.text!r} ends it")
        if node.dep == "xcomp" and infinitive and lower in ("is", "are", "was", "were", "be"):
            return Modality("announced", f"{head.text!r} to")
        if node.dep == "advcl" and infinitive and not any(t.tag == "MD" for t in tree.children(head.i, "aux")):
            return Modality(None, PURPOSE)
        if node.dep == "advcl" and any(m.lower in g.hypothetical_marks for m in tree.children(node.i, "mark")):
            return Modality(None, "a condition")
        return None
    if head.tag[:2] == "JJ":
        if node.dep in ("xcomp", "ccomp", "advcl", "acl") and infinitive and lower in g.predicative_announced:
            return Modality("announced", f"{head.text!r} to")
        if infinitive and lower in ("unable", "reluctant", "unwilling", "impossible"):
            return Modality(None, f"{head.text!r}: it did not happen")
        return None
    if head.is_noun or head.dep == "prep":
        noun = head if head.is_noun else tree.tokens[head.head]
        word = noun.lower
        if (node.dep in ("acl", "pcomp", "xcomp") and (infinitive or node.dep == "pcomp")) or (
            node.dep == "pobj" and noun.is_noun
        ):
            if word in g.announcing_nouns:
                return Modality("announced", f"{noun.text!r} to")
            if word in g.calling_nouns:
                return Modality("called_for", f"{noun.text!r} asks for it")
            if word in g.threatening_nouns:
                return Modality("threatened", f"{noun.text!r} of it")
            if word in g.failing_nouns:
                return Modality(None, f"{noun.text!r}: it did not happen")
            if word in g.time_nouns and node.dep == "pobj":
                return Modality(None, f"{noun.text!r} of something past")
            if node.dep == "acl" and infinitive and noun.is_noun:
                return Modality(None, PURPOSE)
    return None
