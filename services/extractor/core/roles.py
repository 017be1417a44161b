"""Roles: which of a trigger's arguments act and which suffer, as token numbers."""

from typing import Final

from services.extractor.core import arguments
from services.extractor.core.analysis import Analysis
from services.extractor.core.frame import Frame
from services.extractor.core.grammar import Grammar
from services.extractor.core.kinds import ATTACKS, DECIDED
from services.extractor.core.lexicon import Entry

DEFAULT_ROLES: Final = {
    "verb": (("subj", "by"), ("obj", "against", "on", "at", "upon")),
    "noun": (
        ("subj", "by", "poss", "mod", "of_agent", "between", "involving"),
        ("on", "against", "of", "upon", "at", "targeting", "under"),
    ),
    "phrase": (("subj", "by"), ("obj",)),
}
"""Paths to agents and to targets by the part of speech of the entry, nearest first."""


def assign_roles(g: Grammar, analysis: Analysis, frame: Frame, entry: Entry) -> None:
    agent_paths, target_paths = DEFAULT_ROLES[entry.pos if entry.pos != "phrase" or not frame.head.is_noun else "noun"]
    if frame.sense.agent is not None:
        agent_paths = frame.sense.agent
    if frame.sense.target is not None:
        target_paths = frame.sense.target
    args = frame.args
    if frame.measure == "kill" and entry.lemma in g.suffered:
        frame.targets += [i for i in args.subj if not _is_time(analysis, i)]
        return
    if entry.pos == "noun" and frame.sense.agent is None and not args.subj and not args.by and not args.poss:
        # "an offensive of the rebels": a force below "of" is who does it, anything else is what it is done to
        forces = [i for i in args.preps.get("of", []) if "@force_actor" in analysis.keys[i]]
        if forces and frame.kind in ("ground_combat",):
            frame.agents += forces
    for path in agent_paths:
        for i in args.at(path):
            if (path == "mod" and not _names_actor(g, analysis, i, frame.kind)) or _is_time(analysis, i):
                continue
            if frame.kind == "talks" and path == "obj" and analysis.actor_at(i) is None:
                continue  # what they talk about
            if i not in frame.agents and i not in frame.targets and i != frame.token:
                frame.agents.append(i)
        if frame.agents and path in ("subj", "by", "poss") and frame.kind != "talks":  # to talk takes two
            break
    if not frame.agents and frame.kind in DECIDED:
        frame.agents += _decider(g, analysis, frame.token)
    if not frame.agents and frame.kind == "ground_combat" and entry.pos == "noun":
        frame.agents += _fighting(g, analysis, frame)
    if not frame.agents and frame.kind in ATTACKS and frame.head.is_noun and analysis.actor_at(frame.token) is not None:
        frame.agents.append(frame.token)  # "a suicide bomber killed nine"
    for path in target_paths:
        heads = [frame.token] if path == "self" else args.at(path) or _below_object(analysis, frame, path)
        for i in heads:
            if path == "on" and analysis.tree.tokens[i].lower in g.ways:
                continue
            if path == "obj" and entry.pos == "noun" and args.at("into"):
                continue  # "a bomber drove a truck into the post"
            if i not in frame.targets and i not in frame.agents and not _is_time(analysis, i):
                frame.targets.append(i)
        if frame.targets and path != "self":
            break
    if frame.kind == "ground_combat" and entry.pos == "verb" and not args.passive:  # "captured the town from the army"
        losers = [i for i in args.at("from") if "@force_actor" in analysis.keys[i]]
        frame.targets += [i for i in losers if i not in frame.targets]


def _decider(g: Grammar, analysis: Analysis, i: int) -> list[int]:
    """ "Authorities ordered the airport closed": who orders a measure imposes it."""
    tree = analysis.tree
    for above in tree.ancestors(i):
        if above.is_verb and (above.lower in g.calling or above.lower in g.announcing):
            return [s for s in arguments.of_verb(g, tree, above.i).subj if s != i]
    return []


def _below_object(analysis: Analysis, frame: Frame, path: str) -> list[int]:
    """ "Cut its ties with Iran": what a sense asks for by a preposition may hang on the verb's object."""
    tree = analysis.tree
    if not frame.sense.target or not frame.head.is_verb:
        return []
    preps = [p for i in frame.args.obj for p in tree.children(i, "prep") if p.lower == path]
    return [t.i for p in preps for pobj in tree.children(p.i, "pobj") for t in tree.conjuncts(pobj.i)]


def _fighting(g: Grammar, analysis: Analysis, frame: Frame) -> list[int]:
    """ "They gained ground in fighting with the army": the one side is below "with", the other is the subject."""
    tree = analysis.tree
    if not any(frame.args.at(path) for path in ("with", "against")):
        return []
    preposition = tree.head(arguments.outermost(g, tree, frame.token))
    verb = tree.head(preposition.i)
    if preposition.lower not in ("in", "during") or not verb.is_verb:
        return []
    args = arguments.of_verb(g, tree, verb.i)
    return (
        []
        if args.passive
        else [i for i in args.subj if analysis.actor_at(i) is not None or tree.tokens[i].lower in g.pronouns]
    )


def _is_time(analysis: Analysis, i: int) -> bool:
    token = analysis.tree.tokens[i]
    return any(t.start < token.end and token.start < t.end for t in analysis.times)


def _names_actor(g: Grammar, analysis: Analysis, i: int, kind: str) -> bool:
    """A modifier acts only where it names somebody: "Israeli air strikes", "a rebel raid", not "artillery fire"."""
    mention = analysis.actor_at(i)
    if mention is None or not mention.generic:
        return mention is not None
    return kind in ATTACKS and analysis.has(i, g.sides)
