"""Filling: each place, time and number of a sentence goes to the event that stands nearest above it in the tree."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.extractor.core.analysis import Analysis
from services.extractor.core.frame import Frame
from services.extractor.core.grammar import Grammar


@dataclass(frozen=True, slots=True)
class Owner:
    """The frame that a mention belongs to; `speech` when a reporting verb stands between, `aside` when it tells of a
    party and not of what happens ("the army, founded in 1992, shelled ...")."""

    frame: Frame | None
    speech: bool = False
    aside: bool = False


def owner_of(g: Grammar, analysis: Analysis, frames: Sequence[Frame], i: int, *, counted: bool = False) -> Owner:
    """The frame whose trigger (or carrying verb) is nearest above token `i`; none across a reporting verb.

    `counted`: token `i` is a noun with a number; it belongs first to the frame that it is a party of.
    """
    nodes = {f.args.light: f for f in reversed(frames) if f.args.light is not None}
    nodes.update({n: f for f in reversed(frames) for n in (*f.absorbed, f.token)})  # a trigger's own before a carried
    tree = analysis.tree
    if counted:
        for frame in frames:
            if i in frame.targets or i in frame.agents:
                return Owner(frame)
    if i in nodes:
        return Owner(nodes[i])
    timed = any(t.start <= tree.tokens[i].start < t.end for t in analysis.times)
    for above in tree.ancestors(i):
        if above.i in nodes:
            return Owner(nodes[above.i])
        if timed and above.tag == "VBN" and above.dep in ("acl", "relcl") and _of_a_party(frames, above.head):
            return Owner(None, aside=True)
        if (
            above.is_verb
            and above.lower in g.reporting
            and above.dep in ("ROOT", "ccomp", "conj", "parataxis", "advcl")
        ):
            content = tree.children(above.i, "ccomp")
            if content:
                return Owner(None, speech=True)
    return Owner(None)


def _of_a_party(frames: Sequence[Frame], i: int) -> bool:
    return any(i in (*f.agents, *f.targets) and i not in f.nodes for f in frames)


def sharing(analysis: Analysis, frames: Sequence[Frame], frame: Frame, at: int) -> list[Frame]:
    """The frames that share a modifier of `frame`: those of verbs coordinated with it under one subject, and in front
    of them all those of clauses coordinated with it ("On Friday jets bombed Gori and shells hit Poti")."""
    tree = analysis.tree
    out = [frame]
    for other in frames:
        if other is frame or not other.head.is_verb or not frame.head.is_verb:
            continue
        if tree.first_conjunct(other.token).i != tree.first_conjunct(frame.token).i:
            continue
        later = max(frame.token, other.token)
        if tree.child(later, "nsubj", "nsubjpass") is None or at < min(frame.token, other.token):
            out.append(other)
    return out
