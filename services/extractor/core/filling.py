"""Filling: each place, time and number of a sentence goes to the event that stands nearest above it in the tree."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast

from services.extractor.core.analysis import Analysis
from services.extractor.core.frames import ATTACKS, SPEECH, Frame
from services.extractor.core.grammar import Grammar
from services.extractor.core.lexicon import Lexicon
from services.extractor.core.quantities import NumberMention
from services.extractor.core.syntax import Token
from services.extractor.core.time_mentions import TimeMention
from shared.events.base import Measure, Quantity, Span

MEASURES_OF: Final[dict[str, frozenset[str]]] = {
    "airstrike": frozenset({"aircraft", "munitions", "killed", "injured", "casualties", "missing", "buildings"}),
    "shelling": frozenset({"munitions", "killed", "injured", "casualties", "missing", "buildings"}),
    "ground_combat": frozenset({"personnel", "vehicles", "killed", "injured", "casualties", "captured", "missing"}),
    "bomb_attack": frozenset({"munitions", "vehicles", "killed", "injured", "casualties", "missing"}),
    "killing": frozenset({"killed", "injured", "casualties"}),
    "detention": frozenset({"captured"}),
    "aircraft_downing": frozenset({"aircraft", "killed", "injured", "casualties", "captured", "missing"}),
    "airspace_violation": frozenset({"aircraft"}),
    "mobilization": frozenset({"personnel"}),
    "troop_movement": frozenset({"personnel", "vehicles", "aircraft", "munitions"}),
    "evacuation": frozenset({"evacuated", "vehicles", "aircraft", "injured"}),
    "displacement": frozenset({"displaced"}),
    "casualty_report": frozenset({"killed", "injured", "missing", "casualties", "captured"}),
    "damage": frozenset({"buildings", "vehicles", "aircraft"}),
    "humanitarian_appeal": frozenset({"people", "vehicles", "aircraft"}),
    "sanction": frozenset({"people"}),
    "border_closure": frozenset(),
    "broadcast_ban": frozenset(),
}
"""What a kind counts. A number of anything else beside it is not the event's."""

_KILLED: Final = (
    "kill",
    "die",
    "dead",
    "perish",
    "lose",
    "lost",
    "claim",
    "slay",
    "slain",
    "execut",
    "massacr",
    "murder",
    "assassin",
    "behead",
)
_INJURED: Final = ("wound", "injur", "hurt", "maim")


@dataclass(frozen=True, slots=True)
class Owner:
    """The frame that a mention belongs to; `speech` when a reporting verb stands between."""

    frame: Frame | None
    speech: bool = False


def owner_of(g: Grammar, analysis: Analysis, frames: Sequence[Frame], i: int, *, counted: bool = False) -> Owner:
    """The frame whose trigger (or carrying verb) is nearest above token `i`; none across a reporting verb.

    `counted`: token `i` is a noun with a number; it belongs first to the frame that it is a party of.
    """
    nodes = {n: f for f in reversed(frames) for n in reversed(f.nodes)}
    tree = analysis.tree
    if counted:
        for frame in frames:
            if i in frame.targets or i in frame.agents:
                return Owner(frame)
    if i in nodes:
        return Owner(nodes[i])
    for above in tree.ancestors(i):
        if above.i in nodes:
            return Owner(nodes[above.i])
        if (
            above.is_verb
            and above.lower in g.reporting
            and above.dep in ("ROOT", "ccomp", "conj", "parataxis", "advcl")
        ):
            content = tree.children(above.i, "ccomp")
            if content:
                return Owner(None, speech=True)
    return Owner(None)


def token_of(analysis: Analysis, start: int, end: int) -> Token | None:
    return analysis.tree.head_of_span(start, end)


def sharing(analysis: Analysis, frames: Sequence[Frame], frame: Frame, at: int) -> list[Frame]:
    """The frames that share a modifier of `frame`: those of verbs coordinated with it, for one in front of them all."""
    tree = analysis.tree
    out = [frame]
    for other in frames:
        if other is frame or not other.head.is_verb or not frame.head.is_verb:
            continue
        if tree.first_conjunct(other.token).i == tree.first_conjunct(frame.token).i and at < min(
            frame.head.start, other.head.start
        ):
            out.append(other)
    return out


def measure_of(lexicon: Lexicon, analysis: Analysis, frame: Frame | None, number: NumberMention) -> Measure | None:
    """What a number counts, from the verb that its noun hangs on, the kind of the event, and the noun itself."""
    hint = number.measure_hint
    if hint in ("killed", "injured", "missing", "casualties", "captured") and not (
        frame and frame.kind in ("detention",)
    ):
        return cast(Measure, hint)
    tree = analysis.tree
    token = head_noun(analysis, number)
    node: Token | None = token
    for _ in range(6):
        if node is None:
            break
        if node.is_verb:
            passive = any(t.dep in ("nsubjpass",) for t in tree.children(node.i)) or node.tag == "VBN"
            lower = node.lower
            under = [c for c in tree.children(node.i) if token is not None and tree.is_under(token.i, c.i)]
            dep = under[0].dep if under else ""
            is_patient = dep in ("dobj", "nsubjpass", "attr", "oprd", "pobj") or (
                dep in ("nsubj",)
                and (passive or lower.startswith(("die", "dying", "perish", "lost", "lose", "suffer")))
            )
            if is_patient or (token is not None and node.dep in ("acl", "relcl", "amod")):
                if lower.startswith(_KILLED) and not (
                    lower.startswith(("lose", "lost", "claim")) and not _of_lives(analysis, node.i)
                ):
                    return "killed"
                if lower.startswith(_INJURED):
                    return "injured"
                if lower.startswith(("harm", "suffer")):
                    return "casualties"
        if node.head == node.i:
            break
        node = tree.tokens[node.head]
    if token is not None:
        for child in tree.children(token.i, "acl", "amod", "relcl", "advmod"):
            if child.lower.startswith(_INJURED):
                return "injured"
            if child.lower in ("dead", "killed"):
                return "killed"
            if child.lower == "missing":
                return "missing"
    if frame is not None and token is not None:
        people = analysis.has(token.i, lexicon.classes["people"], lexicon.classes["victims"]) or (
            hint in ("people", "personnel", "displaced")
        )
        if frame.kind == "displacement" and people:
            return "displaced"
        if frame.kind == "evacuation" and people:
            return "evacuated"
        if frame.kind == "detention" and (people or hint == "captured"):
            return "captured"
        if frame.kind == "killing" and people:
            return "killed"
        if frame.kind == "mobilization" and people:
            return "personnel"
    if frame is not None and frame.measure == "kill" and token is not None and token.i in frame.targets:
        lower = frame.head.lower
        if lower.startswith(_INJURED):
            return "injured"
        if lower.startswith(_KILLED) and hint in (None, "people", "personnel", "displaced"):
            return "killed"
    if token is not None and hint in (None, "personnel", "people"):
        later = [t for t in tree.conjuncts(tree.first_conjunct(token.i).i) if t.i > token.i]
        for other in later:  # "2 marines and five gunmen dead"
            for child in tree.children(other.i, "acl", "amod", "advmod", "oprd"):
                if child.lower in ("dead", "killed"):
                    return "killed"
            after = tree.tokens[other.i + 1] if other.i + 1 < len(tree) else None
            if after is not None and after.lower == "dead":
                return "killed"
    if hint in (None, "personnel") and token is not None:
        if analysis.has(token.i, lexicon.classes["aircraft"]) or "@weapon_aircraft" in analysis.keys[token.i]:
            return "aircraft"
        if frame is not None and token.i in (*frame.targets, *frame.args.obj) and frame.kind == "aircraft_downing":
            return "aircraft"
    if hint is None and frame is not None and (token is None or token.tag == "CD"):
        bare: dict[str, Measure] = {"displacement": "displaced", "evacuation": "evacuated", "detention": "captured"}
        if frame.kind in bare:
            return bare[frame.kind]
    if hint is None and frame is not None and frame.kind == "casualty_report":
        words = " ".join(t.lower for t in analysis.clause(frame.token))
        return "killed" if any(w in words for w in ("dead", "death", "kill", "fatal", "died")) else "casualties"
    return cast("Measure | None", hint)


def _of_lives(analysis: Analysis, verb: int) -> bool:
    return any(
        t.lower in ("lives", "life", "people", "men", "soldiers", "troops", "fighters")
        for t in analysis.tree.subtree(verb)
    )


def head_noun(analysis: Analysis, number: NumberMention) -> Token | None:
    """The noun that a number counts: the head of its phrase, or the noun below "of"."""
    tree = analysis.tree
    tokens = tree.at(number.start, number.end)
    if number.head_hint is not None:
        inside = tree.at(*number.head_hint)
        if inside:
            return inside[-1] if inside[-1].is_noun else inside[0]
    for token in tokens:
        head = tree.tokens[token.head]
        if token.dep in ("nummod", "amod", "compound", "quantmod", "det", "nmod") and head.i not in {
            t.i for t in tokens
        }:
            if head.tag == "CD" or head.dep == "quantmod":
                continue
            return head
    outer = tree.head_of_span(number.start, number.end)
    return outer


def quantity(text: str, number: NumberMention, measure: Measure) -> Quantity:
    start, end = number.start, number.end
    return Quantity(
        measure=measure,
        min=number.min,
        max=number.max,
        qualifier=number.qualifier,
        of=number.of,
        text=text[start:end],
        span=Span(start=start, end=end),
    )


def attack_for_casualties(frames: Sequence[Frame], casualty: Frame) -> Frame | None:
    """The attack in the same sentence whose toll a "killed" clause tells: the one it hangs on, else the nearest."""
    attacks = [
        f
        for f in frames
        if f.kind in (*ATTACKS, "killing", "aircraft_downing") and f is not casualty and f.measure is None
    ]
    if not attacks:
        return None
    tree = casualty.analysis.tree
    linked = [f for f in attacks if tree.is_under(f.token, casualty.token) or tree.is_under(casualty.token, f.token)]
    return min(linked or attacks, key=lambda f: abs(f.token - casualty.token))


def own_act(lexicon: Lexicon, frame: Frame) -> bool:
    """ "The rebels seized the town, killed eight civilians and ...": a killing told by itself, with its killers and victims."""
    analysis = frame.analysis
    if frame.head.dep not in ("ROOT", "conj", "ccomp", "relcl") or not frame.agents or not frame.targets:
        return False
    killers = any("@actor" in analysis.keys[i] or "@armed" in analysis.keys[i] for i in frame.agents)
    return (
        killers
        and frame.head.lower.startswith("kill")
        and any(analysis.has(i, lexicon.classes["fleers"]) or "@person" in analysis.keys[i] for i in frame.targets)
    )


def is_speech(frame: Frame) -> bool:
    return frame.kind in SPEECH


def time_is_for_reporting(analysis: Analysis, g: Grammar, mention: TimeMention, owner: Owner) -> bool:
    """Whether a time tells when somebody spoke rather than when the event was."""
    return owner.speech
