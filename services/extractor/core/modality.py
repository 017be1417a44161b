"""Whether an event is told as having happened, going on, to come, asked for, threatened or ended - or not at all.

An event that is negated, hypothetical or denied is not told. `governing.py` reads what stands above a trigger; here
are its own marks, the verb that carries it, and the states that go on.
"""

from itertools import pairwise
from typing import Final

from services.extractor.core import arguments
from services.extractor.core.analysis import Analysis
from services.extractor.core.governing import BE, Modality, above, ended, fails, verb_marks
from services.extractor.core.grammar import Grammar
from services.extractor.core.kinds import MEASURES
from services.extractor.core.syntax import Token, Tree
from shared.events.base import Status

__all__ = ["Modality", "modality"]

TO_COME: Final = frozenset(
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
LASTING: Final = MEASURES | {"detention", "damage"}
"""Kinds whose state goes on after the act: "has been shut since", "remains closed"."""
CIRCUMSTANCES: Final = frozenset(
    {"in", "during", "after", "since", "following", "amid", "despite", "under", "at", "by", "before"}
)
CARRIED_BY: Final = frozenset(
    {"for", "to", "of", "on", "with", "under", "into", "out", "off", "down", "against", "about"}
)


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
        return Modality(_phrase_status(tree, i, kind, default), "a set phrase")
    if token.is_noun or not token.is_verb:
        return _of_noun(g, tree, i, kind, light, default)
    if token.tag == "VBG" and token.dep in ("nsubj", "dobj") and not tree.children(i, "nsubj", "dobj", "aux"):
        return _of_noun(
            g, tree, i, kind, token.head if tree.head(i).is_verb else None, default
        )  # "the shelling goes on"
    if token.dep == "amod":
        return Modality(default, f"{token.text!r} says what a thing is")
    own = verb_marks(g, tree, i)
    if own is not None:
        return _warned(g, tree, i, own)
    higher = above(g, tree, i, kind)
    if higher is not None:
        return higher
    if default == "occurred":
        if _progressive(tree, i) or (
            kind in ("troop_movement", "displacement") and token.tag == "VBG" and token.dep == "acl"
        ):
            return Modality("ongoing", "progressive form")
        if kind in LASTING and _lasts(g, tree, i):
            return Modality("ongoing", "a state that goes on")
    return Modality(default, f"told by {token.text!r}")


def _of_noun(g: Grammar, tree: Tree, i: int, kind: str, light: int | None, default: Status) -> Modality:
    token = tree.tokens[i]
    by_noun = _noun_marks(g, tree, i)
    if by_noun is not None:
        return by_noun
    plain = Modality(default, f"told by {token.text!r}")
    if light is None:
        state = default == "occurred" and kind in LASTING and _lasts(g, tree, i)
        return above(g, tree, i, kind) or (Modality("ongoing", "a state that goes on") if state else plain)
    if not tree.tokens[light].is_verb:
        return above(g, tree, light, kind) or plain
    if not _carries(g, tree, i):
        higher = above(g, tree, light, kind)
        return plain if higher is None or higher.status is None else higher  # "failed to stop it through days of raids"
    status, verb = default, tree.tokens[light]
    if verb.lower in BE and _predicate_to_come(g, tree, verb):
        return Modality("announced", f"{verb.text!r} to")
    found = _carried(g, tree, i, verb, kind)
    if found is not None:
        if found.status is None:
            return found
        status = found.status
    own = verb_marks(g, tree, light)
    if own is not None and own.status is None and kind == "ceasefire" and verb.lower in g.holding:
        return Modality("ended", f"{verb.text!r}, negated: it does not hold")
    if own is not None and not (own.status is None and _acts(g, tree, i, verb)):
        return own
    if status == "occurred" and (kind not in MEASURES or kind == "ceasefire") and _progressive(tree, light):
        status = "ongoing"
    if status == "occurred" and (
        (tree.head(i).lower == "under" and verb.tag in ("VBZ", "VBP")) or _going_on(g, tree, verb)
    ):
        status = "ongoing"
    if status == "occurred" and kind == "displacement" and _present(g, tree, light):
        status = "ongoing"
    return above(g, tree, light, kind) or Modality(status, plain.reason)


def _acts(g: Grammar, tree: Tree, i: int, verb: Token) -> bool:
    """ "The assault had not driven them out": there was an assault; what it did not do is not its being."""
    token = tree.tokens[arguments.outermost(g, tree, i)]
    denied = any(t.lower in ("no", "neither") for t in tree.children(token.i, "det"))
    if token.dep != "nsubj" or denied or verb.lower in BE or verb.lower in g.happening | g.continuing | g.light:
        return False
    return any(t.dep == "neg" for t in tree.children(verb.i)) and tree.child(verb.i, "dobj") is not None


def _present(g: Grammar, tree: Tree, verb: int) -> bool:
    """ "The country hosts 600,000 refugees": where they are now, not that they came."""
    marks = tree.children(verb, "aux", "auxpass")
    finite = tree.tokens[verb].tag in ("VBZ", "VBP") or any(t.tag in ("VBZ", "VBP") for t in marks)
    perfect = any(t.lower in ("has", "have") for t in marks) or tree.children(verb, "xcomp")
    return finite and not perfect and tree.tokens[verb].lower not in g.reporting


def _predicate_to_come(g: Grammar, tree: Tree, be: Token) -> bool:
    """ "Is to begin", "is due to begin"."""
    if any(x.tag == "VB" for x in tree.children(be.i, "xcomp")):
        return True
    return any(
        a.lower in g.predicative_announced and any(x.tag == "VB" for x in tree.children(a.i, "xcomp", "ccomp", "acl"))
        for a in tree.children(be.i, "acomp", "oprd", "attr")
    )


def _going_on(g: Grammar, tree: Tree, verb: Token) -> bool:
    """ "Is under way", "is in progress"."""
    if verb.lower not in BE:
        return False
    for child in tree.children(verb.i, "prep", "advmod", "acomp"):
        words = " ".join([child.lower, *(p.lower for p in tree.children(child.i, "pobj"))])
        if words in g.under_way:
            return True
    return False


def _lasts(g: Grammar, tree: Tree, i: int) -> bool:
    """ "Remains closed", "has been shut since June", "is still held"."""
    token, head = tree.tokens[i], tree.head(i)
    if token.is_verb and token.lower in g.continuing:
        return True
    if token.dep in ("acomp", "oprd", "xcomp", "ccomp", "attr") and head.lower in g.continuing and head.i < i:
        return True
    holder = head if token.tag[:2] == "JJ" and head.lower in BE else token
    marks = tree.children(holder.i, "aux", "auxpass")
    present = holder.tag in ("VBZ", "VBP") or any(t.tag in ("VBZ", "VBP") for t in marks)
    if present and any(t.lower == "still" for t in (*tree.children(holder.i, "advmod"), *tree.children(i, "advmod"))):
        return True
    perfect = any(t.lower in ("has", "have") for t in marks) and tree.child(i, "auxpass") is not None
    times = (*tree.children(i, "prep"), *(m for c in tree.children(i, "advcl") for m in tree.children(c.i, "mark")))
    return perfect and any(t.lower == "since" for t in times)


def _warned(g: Grammar, tree: Tree, i: int, own: Modality) -> Modality:
    """ "Warned that it would kill": what the speaker threatens to do itself."""
    token, head = tree.tokens[i], tree.head(i)
    if own.status != "announced" or token.dep != "ccomp" or head.lower not in g.threatening:
        return own
    subject = tree.child(i, "nsubj", "nsubjpass")
    speaks_of_itself = subject is not None and (
        subject.lower in ("it", "they", "he", "she", "we", "i")
        or any(p.lower in ("its", "their", "his", "her", "our") for p in tree.children(subject.i, "poss"))
    )
    return Modality("threatened", f"{head.text!r} threatens it") if speaks_of_itself else own


def _carries(g: Grammar, tree: Tree, i: int) -> bool:
    """Whether a noun is what its verb is about; in "nobody was hurt in the attack" it is only the circumstance."""
    token = tree.tokens[arguments.outermost(g, tree, i)]
    if token.dep != "pobj":
        return True
    return tree.head(token.i).lower in CARRIED_BY


def _refuted(g: Grammar, tree: Tree, i: int) -> Modality | None:
    """ "Reports that the town had been shelled proved wrong": told only to be taken back."""
    chain = [tree.tokens[i], *tree.ancestors(i)]
    for below, node in pairwise(chain):
        if below.dep in ("nsubj", "nsubjpass", "csubj", "dobj", "oprd") and node.is_verb:
            for word in tree.children(node.i, "acomp", "attr", "oprd", "advmod", "xcomp"):
                if word.i == below.i:
                    continue
                if word.lower in g.denial_words or any(
                    t.lower in g.denial_words for t in tree.children(word.i, "acomp")
                ):
                    return Modality(None, f"{word.text!r}: taken back")
    return None


def _phrase_status(tree: Tree, i: int, kind: str, default: Status) -> Status:
    """A state told in the present goes on."""
    verbs = [
        t
        for t in (tree.tokens[i], *tree.ancestors(i))
        if t.is_verb and not any(c.tag == "TO" for c in tree.children(t.i, "aux"))
    ]
    if default != "occurred" or kind == "casualty_report" or not verbs:
        return default
    verb = verbs[0]
    present = verb.tag in ("VBZ", "VBP") or any(
        t.tag in ("VBZ", "VBP") for t in tree.children(verb.i, "aux", "auxpass")
    )
    return "ongoing" if present or (kind in LASTING and verb.lower in BE) else default


def _progressive(tree: Tree, i: int) -> bool:
    token = tree.tokens[i]
    if any(t.lower == "had" for t in tree.children(i, "aux")):
        return False  # "had been shelling": over by then
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
    if preposition in CIRCUMSTANCES:
        return None
    if lower.startswith("call") and preposition is None and not fails(g, tree, verb):
        return None
    if is_object and first.dep in ("dobj", "nsubjpass") and fails(g, tree, verb):
        if kind == "talks" and lower.startswith(("postpon", "delay", "cancel", "call", "put", "abandon")):
            return Modality("ended", f"{verb.text!r}: it was called off")
        if lower.startswith("abandon") or (lower.startswith(("block", "cancel", "call")) and kind in MEASURES):
            return ended(g, tree, verb, kind)
        return Modality(None, f"{verb.text!r}: it did not happen")
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
    if lower in g.denying and is_object:
        return Modality(None, f"{verb.text!r} denies it")
    if (lower in g.ending and is_object) or (lower in g.ending and first.dep == "nsubj" and kind in MEASURES):
        return ended(g, tree, verb, kind)
    if (
        kind == "ceasefire"
        and lower.startswith(("break", "broke", "violat", "breach"))
        and first.dep in ("dobj", "nsubjpass")
    ):
        return Modality("ended", f"{verb.text!r} ends it")
    if kind == "ceasefire" and first.dep == "nsubj":
        words = {lower, *(x.lower for x in tree.children(verb.i, "xcomp"))}
        if words & g.holding and not any(t.dep == "neg" for t in tree.children(verb.i)):
            return Modality("ongoing", "it holds")
    over = ("collaps", "expir", "broke", "unravel") + (("fail",) if kind == "talks" else ())
    if kind in ("ceasefire", "talks") and lower.startswith(over) and first.dep == "nsubj":
        return Modality("ended", f"{verb.text!r} ends it")
    if lower in g.announcing and first.dep in ("dobj", "nsubjpass") and kind not in ("statement", "denial"):
        if lower.startswith(("agree", "approv", "vot", "set", "look", "see")) or kind not in TO_COME:
            return None
        return Modality("announced", f"{verb.text!r} announces it")
    if lower in g.continuing and first.dep in ("nsubj", "dobj"):
        return Modality("ongoing" if verb.tag in ("VBZ", "VBP", "VBG", "VB") else "occurred", f"{verb.text!r}")
    return None
