"""Links inside a report: what a denial denies, what tells the same event again, counts told one sentence later."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from services.extractor.core.drafts import Draft, Pinned, Told
from services.extractor.core.grammar import Grammar
from services.extractor.core.kinds import ATTACKS, SCOPED, SPEECH
from services.extractor.core.links import parts_of, same_occurrence
from services.extractor.core.trace import Watch, unwatched

DENIAL_REACH_SENTENCES: Final = 6
"""A denial answers what was told shortly before it."""
GROUNDED: Final = frozenset({*ATTACKS, "damage", "killing"})
SETTLING: Final = GROUNDED | {"displacement"}
SETTLED_SENTENCES: Final = 2
POINTING: Final = frozenset({"the", "this", "that", "these", "those"})
"""Before a noun: what was told before is meant."""
VALUING: Final = frozenset(
    {"statement.warn", "statement.concerned", "statement.regret", "statement.accuse", "statement.describe"}
)
"""Words that weigh an event rather than tell it: what they tell stands beside them."""
CIRCUMSTANCE: Final = frozenset({"since", "during", "after", "following", "amid", "despite", "because", "as"})
"""What stands behind these is the occasion of what is told."""
OFTEN_NAMED: Final = frozenset({*ATTACKS, "killing", "casualty_report", "talks"})
"""What reports speak of at every turn without telling it; a ban, a sanction or damage that is named is news."""
TOLLS: Final = frozenset({"killed", "injured", "casualties", "missing"})


def link(g: Grammar, drafts: list[Draft], watch: Watch = unwatched) -> list[Draft]:
    """The drafts of a report with repeats taken up, tolls moved to their attacks and denials tied; order is kept."""
    out: list[Draft] = []
    stands_for: list[tuple[Draft, Draft]] = []
    drafts = _joined(drafts)
    watch("taken_up", drafts)
    for draft in drafts:
        earlier = _taken_up(g, draft, out)
        if earlier is not None:
            stands_for.append((draft, earlier))
            _take_up(earlier, draft)
            watch("taken_up", [earlier])
            continue
        if draft.kind == "casualty_report" and draft.frame.measure == "kill":
            attack = _attack_before(draft, out)
            if attack is not None:
                _take_up(attack, draft)
                watch("taken_up", [attack])
                continue
        if _empty_nominal(g, draft):
            continue
        _inherit(g, draft, out)
        watch("inherited", [draft])
        _settle(draft, out)
        watch("ground", [draft])
        out.append(draft)
    out = [d for d in out if not _only_said(d, out)]
    out = [d for d in out if not _told_by_event(d, out) and not _descriptive(d, out)]
    wholes = [(d, d) for d in out] + [pair for pair in stands_for if pair[1] in out]
    for n, draft in enumerate(out):
        if draft.kind == "denial":
            draft.denies = _denied(draft, out[:n])
        draft.same_as = same_occurrence(g, draft, out[:n])
        draft.part_of = [w for told, w in wholes if w is not draft and parts_of(g, draft, told)][:1]
    return out


def _settle(draft: Draft, before: Sequence[Draft]) -> None:
    """An attack, its damage and its victims told right after one another are on one ground unless the text moves."""
    if draft.places or draft.kind not in SETTLING or not draft.status_told():
        return
    for earlier in reversed(before):
        if draft.sentence - earlier.sentence > SETTLED_SENTENCES:
            return
        found = [
            p for p in earlier.places if p.role == "location" and p.place.kind not in ("country", "continent", "sea")
        ]
        if earlier.kind in GROUNDED and found:
            draft.places = [Pinned(p.place, "location", inferred=True) for p in found[:1]]
            return


def _joined(drafts: Sequence[Draft]) -> list[Draft]:
    """Two words of one kind in one sentence are one event where the second adds no party, place or time of its own."""
    out: list[Draft] = []
    for draft in drafts:
        twin = next(
            (d for d in out if d.sentence == draft.sentence and d.kind == draft.kind and _same_act(d, draft)), None
        )
        if twin is None:
            out.append(draft)
        else:
            _take_up(twin, draft)
    return out


def _same_act(a: Draft, b: Draft) -> bool:
    if a.kind in SPEECH or a.kind in ("talks", "sanction", "detention", "killing", "airspace_violation"):
        return False
    if a.frame.status != b.frame.status and a.kind not in ("casualty_report", "evacuation"):
        return False
    if a.kind == "casualty_report":
        return not (a.agents and b.agents) and (
            not a.sources or not b.sources or {t.who.key for t in a.sources} == {t.who.key for t in b.sources}
        )
    if any(t.lower in ("separate", "another", "elsewhere") for t in b.frame.analysis.clause(b.frame.token)):
        return False
    own = {p.place.name for p in b.places if not p.inferred}
    if own and own != {p.place.name for p in a.places if not p.inferred}:
        return False
    if b.time is not None and a.time is not None and a.time[1].start != b.time[1].start:
        return False
    agents, targets = {w.key for w in b.agents}, {w.key for w in b.targets}
    if a.kind == "damage" and agents == {w.key for w in a.agents} and agents:
        return True  # "looted shops and burned houses"
    if agents and a.agents and agents != {w.key for w in a.agents}:
        return False
    return not targets or targets <= {w.key for w in a.targets}


def _only_said(draft: Draft, drafts: Sequence[Draft]) -> bool:
    """ "It said it would attack", "accused them of planning to invade": mere words are the statement, not an attack."""
    if draft.kind not in ATTACKS or draft.frame.status not in ("announced", "threatened"):
        return False
    tree = draft.frame.analysis.tree
    for s in drafts:
        if s.kind != "statement" or s.sentence != draft.sentence or not tree.is_under(draft.frame.token, s.frame.token):
            continue
        own = {w.key for w in s.agents} & {w.key for w in draft.agents}
        if s.frame.sense.id == "statement.accuse" or (own and draft.frame.status == "announced"):
            return True
    return False


def _told_by_event(draft: Draft, drafts: Sequence[Draft]) -> bool:
    """A statement whose words tell an event of another kind is that event's source, and no event of its own."""
    if draft.kind != "statement":
        return False
    tree = draft.frame.analysis.tree
    for d in drafts:
        if d.kind in SPEECH or d.sentence != draft.sentence or d.frame.token == draft.frame.token:
            continue
        path = [d.frame.head, *tree.ancestors(d.frame.token)]
        below = next((a for a, b in pairwise(path) if b.i == draft.frame.token), None)
        if below is None or below.dep in ("conj", "advcl", "nsubj"):
            continue
        if below.dep == "prep" and below.lower in CIRCUMSTANCE:
            continue  # "After the exchange of fire, it said that ..."
        if draft.frame.sense.id not in VALUING or below.dep in ("xcomp", "pcomp"):
            return True
    return False


def _descriptive(draft: Draft, drafts: Sequence[Draft]) -> bool:
    """ "Units fighting separatists were attacked": the participle says who they are, not what happened."""
    head = draft.frame.head
    if head.dep != "acl" or head.tag != "VBG" or draft.kind not in ATTACKS:
        return False
    parties = [
        i
        for d in drafts
        if d is not draft and d.sentence == draft.sentence and d.kind in ATTACKS
        for i in d.frame.targets + d.frame.agents
    ]
    return head.head in parties


def _determiner(draft: Draft) -> str:
    tree = draft.frame.analysis.tree
    child = tree.child(draft.frame.token, "det", "poss")
    return child.lower if child is not None else ""


def _taken_up(g: Grammar, draft: Draft, before: Sequence[Draft]) -> Draft | None:
    """The earlier event that a definite noun ("the second attack", "the strikes") stands for."""
    head = draft.frame.head
    if not head.is_noun or draft.kind in SPEECH:
        return None
    tree = draft.frame.analysis.tree
    marks = [t.lower for t in tree.children(head.i, "amod", "advmod")]
    determiner = _determiner(draft)
    pointed = determiner in POINTING
    definite = pointed or determiner == "both" or not tree.children(head.i)
    same = [
        d for d in before
        if d.kind == draft.kind or (d.kind in ATTACKS and draft.kind in ATTACKS and draft.frame.sense.sense is not None)
    ]  # fmt: skip
    ordinal = next((g.ordinals[m] for m in marks if m in g.ordinals), None)
    if ordinal is not None and definite and same and -len(same) <= ordinal < len(same):
        recent = [d for d in same if draft.sentence - d.sentence <= 4] or same
        return recent[ordinal] if -len(recent) <= ordinal < len(recent) else None
    if not definite or not same or determiner == "another":
        return None
    own_place = {p.place.name for p in draft.places if not p.inferred}
    for earlier in reversed(same):
        anew = draft.frame.status != "ongoing" or not pointed
        if draft.frame.status not in ("occurred", earlier.frame.status) and anew:
            continue  # "skirmishes were continuing": told of anew
        near = pointed and draft.sentence - earlier.sentence <= 2
        theirs = {p.place.name for p in earlier.places}
        if own_place and theirs and not own_place & theirs:
            continue
        if own_place and not theirs and draft.sentence - earlier.sentence > 2:
            continue
        if draft.agents and earlier.agents and not {w.key for w in draft.agents} & {w.key for w in earlier.agents}:
            continue
        if (
            not near
            and draft.targets
            and not own_place
            and draft.sentence != earlier.sentence
            and earlier.targets
            and not ({w.key for w in draft.targets} & {w.key for w in earlier.targets})
        ):
            continue
        if (
            draft.time is not None
            and earlier.time is not None
            and draft.time[1].start.date() != earlier.time[1].start.date()
        ):
            continue
        return earlier
    return None


def _take_up(earlier: Draft, draft: Draft) -> None:
    """What is told later of an event is added to it; what it has stays. Who speaks of it later did not tell it."""
    for quantity in draft.quantities:
        if all(
            q.measure != quantity.measure or (q.min, q.max) != (quantity.min, quantity.max) for q in earlier.quantities
        ):
            earlier.quantities.append(quantity)
    if not earlier.places:
        earlier.places = [Pinned(p.place, p.role) for p in draft.places]
    if earlier.time is None:
        earlier.time = draft.time
    if not earlier.agents:
        earlier.agents = list(draft.agents)
    if draft.kind == earlier.kind and (not earlier.targets or draft.kind == "damage"):
        earlier.targets += [w for w in draft.targets if w.key not in {x.key for x in earlier.targets}]
    earlier.spans += [s for s in draft.spans if s not in earlier.spans]


def _attack_before(draft: Draft, before: Sequence[Draft]) -> Draft | None:
    """The attack of the sentence before, whose toll this sentence tells."""
    if any(not p.inferred for p in draft.places):
        return None
    words = {t.lower for t in draft.frame.analysis.tree.tokens}
    if words & {"toll", "total", "overall", "altogether", "far", "since"}:
        return None
    near = [
        d
        for d in before
        if d.kind in (*ATTACKS, "killing") and 0 <= draft.sentence - d.sentence <= 1 and d.status_told()
    ]
    if not near:
        return None
    last = near[-1]
    if draft.sources and {s.who.key for s in draft.sources} != {s.who.key for s in last.sources}:
        return None  # "Al-Shabab says 60 were killed": a claim of its own
    if any(q.measure in TOLLS and q.measure in {x.measure for x in draft.quantities} for q in last.quantities):
        return None
    return last


def _empty_nominal(g: Grammar, draft: Draft) -> bool:
    """A weak word with nothing of its own beside it tells no event."""
    frame = draft.frame
    if frame.kind == "denial":
        return not draft.agents
    if not frame.sense.weak or frame.kind not in OFTEN_NAMED:
        return False
    if frame.kind == "casualty_report":
        return not draft.quantities
    goes_on = frame.head.dep == "nsubj" and frame.analysis.tree.head(frame.token).lower in g.continuing
    if frame.kind in ATTACKS and goes_on and frame.args.preps.keys() & g.locative:
        return False  # "fighting is raging around the airport"
    own_places = [p for p in draft.places if not p.inferred]
    begins = frame.head.dep == "nsubj"  # "fighting resumed on Monday"
    verb = frame.analysis.tree.tokens[frame.head.head]
    if begins and frame.kind in (*ATTACKS, "killing") and verb.lower in ("taking", "took", "occurred", "happened"):
        return False  # "a massacre is taking place"
    if frame.kind == "talks" and frame.status == "ended":
        return False  # "several rounds of talks have failed"
    goes_on = begins and verb.is_verb and verb.lower in g.occurring  # "fighting spread to the capital"
    timed = goes_on or (draft.time is not None and (frame.kind == "talks" or begins))
    if not (own_places or draft.agents or draft.targets or draft.quantities or timed):
        return True
    if frame.status not in ("occurred", "ongoing") and (own_places or draft.targets):
        return False  # "preparations for an assault on the capital"
    tree = frame.analysis.tree
    head = frame.head
    if head.is_noun and head.dep == "pobj" and not own_places and not draft.quantities:
        preposition = tree.tokens[head.head].lower
        if draft.kind == "talks" and (draft.agents or draft.time is not None):
            return False
        return preposition in CIRCUMSTANCE or preposition in ("of", "from", "for", "by", "with", "over", "about")
    return False


def _inherit(g: Grammar, draft: Draft, before: Sequence[Draft]) -> None:
    """ "A later flight dropped one bomb": the day, the source and the side of the event told just before."""
    tree = draft.frame.analysis.tree
    words = {t.lower for t in tree.tokens[: draft.frame.token + 1]}
    near = [
        d
        for d in before
        if 0 < draft.sentence - d.sentence <= 1
        and d.frame.analysis.sentence.paragraph == draft.frame.analysis.sentence.paragraph
    ]
    if not near or draft.kind in SPEECH:
        return
    same = [d for d in near if d.kind == draft.kind]
    if words & g.resumption and same:
        last = same[-1]
        if draft.time is None and last.time is not None and words & {"later", "second", "third", "another"}:
            mention, told = last.time
            day = told.start.replace(hour=0, minute=0, second=0, microsecond=0)
            draft.time = (mention, replace(told, start=day, end=None, precision="day"))
        if not draft.agents and last.agents:
            draft.agents = [replace(w, inferred=True) for w in last.agents]
        if not draft.sources and last.sources:
            draft.sources = [Told(t.who, t.stance, t.via) for t in last.sources]


def _denied(denial: Draft, before: Sequence[Draft]) -> list[Draft]:
    """The claims that a denial answers: the nearest told before it, with those told in the sentences right before."""
    speaker = {w.key for w in denial.agents} | {w.country for w in denial.agents if w.country}
    candidates = [
        d for d in before
        if d.kind not in SPEECH and denial.sentence - d.sentence <= DENIAL_REACH_SENTENCES and d.kind not in SCOPED
    ]  # fmt: skip
    if not candidates:
        candidates = [d for d in before if d.kind == "statement" and denial.sentence - d.sentence <= 2]
    mine = [
        d
        for d in candidates
        if {w.key for w in d.agents} & speaker or {w.country for w in d.agents if w.country} & speaker
    ]
    pool = mine or candidates
    if not pool:
        return []
    last = pool[-1].sentence
    first = last
    chosen = [d for d in pool if d.sentence == last]
    for d in reversed(pool):
        if first - d.sentence <= 1:
            first = d.sentence
            if d not in chosen:
                chosen.append(d)
    return sorted(chosen, key=lambda d: d.sentence)
