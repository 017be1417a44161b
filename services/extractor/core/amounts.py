"""Amounts: what a number counts, of which event, and what a killing told without a number is."""

from collections.abc import Sequence
from typing import Final, cast

from services.extractor.core import filling
from services.extractor.core.analysis import Analysis
from services.extractor.core.drafts import Draft
from services.extractor.core.frame import Frame
from services.extractor.core.kinds import ATTACKS, SPEECH
from services.extractor.core.lexicon import Lexicon
from services.extractor.core.quantities import NumberMention
from services.extractor.core.setting import Setting
from services.extractor.core.singles import singles
from services.extractor.core.syntax import Token, Tree
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


BESIDES: Final = frozenset({"along", "including", "plus"})
"""What these add shares the verb's harm: "100 police were killed, along with dozens of militants"."""


def fill_quantities(setting: Setting, analysis: Analysis, drafts: list[Draft], by_frame: dict[int, Draft]) -> None:
    """Give each number of a sentence to its event; a toll told beside an attack moves there, and its own draft goes.

    `by_frame` finds a draft by the id() of its frame. Changes `drafts` and the drafts in it.
    """
    frames = [d.frame for d in drafts]
    for number in (*analysis.numbers, *singles(setting.lexicon, analysis, frames)):
        noun = _head_noun(analysis, number)
        at = noun or analysis.tree.head_of_span(number.start, number.end)
        if at is None or any(t.start <= number.start < t.end for t in analysis.times):
            continue
        owner = filling.owner_of(setting.grammar, analysis, frames, at.i, counted=True).frame
        if owner is None and len(frames) == 1 and frames[0].kind not in SPEECH:
            owner = frames[0]
        if owner is None:
            counting = [f for f in frames if f.measure == "kill" or f.kind == "casualty_report"]
            owner = counting[0] if len(counting) == 1 else None
        measure = _measure_of(setting, analysis, owner, number)
        if measure is None:
            continue
        if owner is None or measure not in MEASURES_OF.get(owner.kind, frozenset()):
            toll = measure in ("killed", "injured", "missing", "casualties")
            fitting = [f for f in frames if measure in MEASURES_OF.get(f.kind, frozenset())]
            linked = [
                f for f in fitting if analysis.tree.is_under(f.token, at.i) or analysis.tree.is_under(at.i, f.token)
            ]
            if toll and fitting:
                owner = min(linked or fitting, key=lambda f: abs(f.token - at.i))
            elif linked and measure not in ("people", "personnel"):
                owner = min(linked, key=lambda f: abs(f.token - at.i))
            else:
                continue
        if owner.measure == "kill" and not owner.apart and not _own_act(setting.lexicon, owner):
            attack = _attack_of_toll(frames, owner)
            if attack is not None and measure in MEASURES_OF[attack.kind] and not analysis.tells_total(setting.grammar):
                by_frame[id(owner)].notes.append("moved")
                owner = attack
        quantity = _quantity(setting.text, number, measure)
        sharing = [
            f
            for f in frames
            if f is not owner
            and measure in MEASURES_OF.get(f.kind, frozenset())
            and at.i in f.agents
            and at.i in owner.agents
        ]
        for each in (owner, *sharing):
            draft = by_frame[id(each)]
            if all(
                (q.measure, q.min, q.max) != (quantity.measure, quantity.min, quantity.max) for q in draft.quantities
            ):
                draft.quantities.append(quantity)
    moved = [d for d in drafts if "moved" in d.notes and not d.quantities]
    for draft in moved:
        drafts.remove(draft)
    _unnumbered_kills(setting, analysis, drafts)
    _fold_tolls(analysis, drafts)


def _fold_tolls(analysis: Analysis, drafts: list[Draft]) -> None:
    """One event for one attack and its effects: "the bomb killed two and wounded nine", "ten officers were missing and
    four civilians wounded"."""
    tree = analysis.tree
    for draft in list(drafts):
        frame = draft.frame
        if frame.sense.sense != "kill" or draft.kind not in (*ATTACKS, "casualty_report"):
            continue
        for other in drafts:
            own = other.frame
            if other is draft or other.kind != draft.kind or own.token > frame.token:
                continue
            joined = tree.first_conjunct(own.token).i == tree.first_conjunct(frame.token).i
            path = list(tree.ancestors(frame.token))
            between = path[: next((n for n, t in enumerate(path) if t.i == own.token), 0)]
            effect = draft.kind in ATTACKS and tree.is_under(frame.token, own.token)
            effect = effect and all(t.dep != "ccomp" for t in (frame.head, *between))
            told = {q.measure for q in other.quantities}
            if (joined or effect) and not any(q.measure in told for q in draft.quantities):
                other.quantities += draft.quantities
                own.triggers += frame.triggers
                drafts.remove(draft)
                break


def _unnumbered_kills(setting: Setting, analysis: Analysis, drafts: list[Draft]) -> None:
    """ "Gunmen killed a journalist": without a number a death is an event only if somebody did it to somebody."""
    for draft in drafts:
        if draft.frame.measure != "kill":
            continue
        frame = draft.frame
        own = _own_act(setting.lexicon, frame)
        if not own and _attack_of_toll([d.frame for d in drafts], frame) is not None:
            continue
        lethal = frame.head.lower.startswith(("kill", "shot", "shoot"))
        if not lethal or not draft.agents or not frame.targets:
            if not draft.quantities:
                draft.notes.clear()
            continue
        victims = frame.targets
        armed = any("@armed" in analysis.keys[i] for i in victims)
        civil = any(
            analysis.has(i, setting.lexicon.classes["people"]) or "@person" in analysis.keys[i] for i in victims
        )
        if any(
            "@armed" in analysis.keys[i] or "@actor" in analysis.keys[i] or "@person" in analysis.keys[i]
            for i in frame.agents
        ):
            frame.kind = "ground_combat" if armed and not civil else "killing"
            frame.measure = None
            draft.notes.append("killed by somebody")


def _measure_of(setting: Setting, analysis: Analysis, frame: Frame | None, number: NumberMention) -> Measure | None:
    """What a number counts, from the verb that its noun hangs on, the kind of the event, and the noun itself."""
    g = setting.grammar
    hint = number.measure_hint
    if hint in ("killed", "injured", "missing", "casualties", "captured") and not (
        frame and frame.kind in ("detention",)
    ):
        return cast(Measure, hint)
    tree = analysis.tree
    token = _head_noun(analysis, number)
    state = _state_of(setting, analysis, token) if token is not None else None
    if state is not None and hint in (None, "people", "personnel"):
        return state
    node: Token | None = token
    below: Token | None = None
    for _ in range(6):
        if node is None or (below is not None and below.dep == "prep" and _counted(analysis, number, node)):
            break
        below = node
        if node.is_verb:
            passive = any(t.dep in ("nsubjpass",) for t in tree.children(node.i)) or node.tag == "VBN"
            lower = node.lower
            under = [c for c in tree.children(node.i) if token is not None and tree.is_under(token.i, c.i)]
            dep = under[0].dep if under else ""
            beside = bool(under) and under[0].lower in BESIDES and passive
            is_patient = (
                beside
                or dep in ("dobj", "nsubjpass", "attr", "oprd", "pobj")
                or (
                    dep in ("nsubj",)
                    and (passive or lower.startswith(("die", "dying", "perish", "lost", "lose", "suffer")))
                )
            )
            if is_patient or (token is not None and node.dep in ("acl", "relcl", "amod")):
                if lower.startswith(g.killed_stems) and not (
                    lower.startswith(("lose", "lost", "claim")) and not _of_lives(analysis, node.i)
                ):
                    return "killed"
                if lower.startswith(g.injured_stems):
                    return "injured"
                if lower.startswith(("harm", "suffer")):
                    return "casualties"
        if node.head == node.i:
            break
        node = tree.tokens[node.head]
    if token is not None:
        for child in tree.children(token.i, "acl", "amod", "relcl", "advmod"):
            if child.lower.startswith(g.injured_stems):
                return "injured"
            if child.lower in ("dead", "killed"):
                return "killed"
            if child.lower == "missing":
                return "missing"
    if frame is not None and token is not None:
        people = analysis.has(token.i, setting.lexicon.classes["people"], setting.lexicon.classes["victims"]) or (
            hint in ("people", "personnel", "displaced")
        )
        if frame.kind == "displacement" and people:
            return "displaced"
        if frame.kind == "evacuation" and people:
            return "evacuated"
        held = token.i in frame.targets and hint in (None, "people", "personnel")
        if frame.kind == "detention" and (people or held or hint == "captured"):
            return "captured"
        if frame.kind == "killing" and people:
            return "killed"
        if frame.kind == "mobilization" and people:
            return "personnel"
    if frame is not None and frame.measure == "kill" and token is not None and _is_victim(tree, token, frame):
        lower = frame.head.lower
        if lower.startswith(g.injured_stems):
            return "injured"
        if lower.startswith(g.killed_stems) and hint in (None, "people", "personnel", "displaced"):
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
        if analysis.has(token.i, setting.lexicon.classes["aircraft"]) or "@weapon_aircraft" in analysis.keys[token.i]:
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


def _is_victim(tree: Tree, token: Token, frame: Frame) -> bool:
    """Whether a counted noun is, or stands below "of" in, what the frame is done to ("hundreds of civilians")."""
    while token.i not in frame.targets and tree.head(token.i).lower == "of":
        token = tree.head(tree.head(token.i).i)
    return token.i in frame.targets


def _state_of(setting: Setting, analysis: Analysis, token: Token) -> Measure | None:
    """What a copula says of those counted: "nine troops were confirmed injured", "ten officers were missing"."""
    g, tree = setting.grammar, analysis.tree
    verb = tree.head(token.i)
    if token.dep not in ("nsubj", "nsubjpass") or not verb.is_verb:
        return None
    for said in tree.children(verb.i, "acomp", "oprd", "attr", "advmod"):
        if said.i < verb.i or said.is_noun:
            continue
        if said.lower == "missing":
            return "missing"
        if said.lower.startswith(g.injured_stems):
            return "injured"
        if said.lower in ("dead", "killed"):
            return "killed"
    return None


def _counted(analysis: Analysis, number: NumberMention, noun: Token) -> bool:
    """Whether a noun above has a number of its own: of "five pupils of one school" the one school is not killed."""
    if not noun.is_noun:
        return False
    others = (n for n in analysis.numbers if n is not number and n.head_hint is not None)
    return any(n.head_hint is not None and n.head_hint[0] <= noun.start < n.head_hint[1] for n in others)


def _of_lives(analysis: Analysis, verb: int) -> bool:
    return any(
        t.lower in ("lives", "life", "people", "men", "soldiers", "troops", "fighters")
        for t in analysis.tree.subtree(verb)
    )


def _head_noun(analysis: Analysis, number: NumberMention) -> Token | None:
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
    return tree.head_of_span(number.start, number.end)


def _quantity(text: str, number: NumberMention, measure: Measure) -> Quantity:
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


def _attack_of_toll(frames: Sequence[Frame], casualty: Frame) -> Frame | None:
    """The attack in the same sentence whose toll a "killed" clause tells: the one it hangs on, else the nearest."""
    attacks = [
        f
        for f in frames
        if f.kind in (*ATTACKS, "killing", "aircraft_downing") and f is not casualty and f.measure is None
    ]
    if not attacks:
        return None
    tree = casualty.analysis.tree
    attacks = [f for f in attacks if not _at_another_time(casualty, f)]
    if not attacks:
        return None
    linked = [f for f in attacks if tree.is_under(f.token, casualty.token) or tree.is_under(casualty.token, f.token)]
    return min(linked or attacks, key=lambda f: abs(f.token - casualty.token))


def _at_another_time(casualty: Frame, attack: Frame) -> bool:
    """ "They launched an incursion hours after rebels had killed 26": the toll of something else."""
    tree = casualty.analysis.tree
    verb = tree.first_conjunct(casualty.token)
    marks = {t.lower for t in tree.children(verb.i, "mark", "prep")}
    apart = not tree.is_under(attack.token, verb.i) and tree.is_under(attack.token, verb.head)
    return verb.dep == "advcl" and not marks.isdisjoint(("after", "before")) and apart


def _own_act(lexicon: Lexicon, frame: Frame) -> bool:
    """ "The rebels seized the town, killed eight civilians": a killing told by itself, with its killers and victims."""
    analysis = frame.analysis
    if frame.head.dep not in ("ROOT", "conj", "ccomp", "relcl") or not frame.agents or not frame.targets:
        return False
    killers = any("@actor" in analysis.keys[i] or "@armed" in analysis.keys[i] for i in frame.agents)
    return (
        killers
        and frame.head.lower.startswith("kill")
        and any(analysis.has(i, lexicon.classes["fleers"]) or "@person" in analysis.keys[i] for i in frame.targets)
    )
