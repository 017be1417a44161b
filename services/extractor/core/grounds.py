"""Grounds: where each event was: the places told beside it, those of its parties' ground, and those of the context."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from services.extractor.core import filling
from services.extractor.core.analysis import Analysis
from services.extractor.core.drafts import Draft, Pinned
from services.extractor.core.frame import Frame
from services.extractor.core.grammar import Grammar
from services.extractor.core.ground_context import capital_of, from_context
from services.extractor.core.kinds import ATTACKS, MOVES, SCOPED, SPEECH
from services.extractor.core.place_names import CONTAINER_KINDS
from services.extractor.core.place_structure import PlaceMention
from services.extractor.core.places import resolve
from services.extractor.core.setting import Setting
from services.extractor.core.syntax import Token
from services.extractor.core.who import Who
from shared.events.base import PlaceRole

WITHIN: Final = re.compile(
    r"(?:,\s|\s(?:district|neighbou?rhood|quarter|suburb|area|camp|airport)?,?\s?(?:in|of|outside|near)\s)(?:the\s)?(?:(?:city|town|capital|village)\s(?:of\s)?)?"
)
"""What stands between a place and the wider place that holds it."""
HOLDS: Final = re.compile(
    r"(?:\s[a-z-]+){0,2}\s(?:town|city|village|capital|port|suburb|district|camp|settlement)s?(?:\sof\s|,\s|\s)"
    r"|(?:\s(?:region|state|province|district|county))?\s?(?:--|[–—:]|,\sincluding)\s"
)
"""What stands between a wider place and the place that it holds: "the Galilee town of Safed"."""
PARTY_LABELS: Final = frozenset(
    {"nsubj", "nsubjpass", "poss", "agent", "dative", "compound", "conj", "appos", "nmod", "amod"}
)
"""Where a name stands that does, owns or qualifies something: there a state's name is the party, not its ground."""
BORDERS: Final = frozenset({"border", "borders", "frontier", "boundary"})
ABOVE: Final = frozenset({"over", "near", "north_of", "south_of", "east_of", "west_of"})
"""How a place lies to aircraft in a state's airspace; it is narrower than the state."""
ASIDES: Final = frozenset({"appos", "relcl"})
"""What tells of a noun beside the event: "Kareli, a town near Gori"."""
CLAUSES: Final = frozenset({"advcl", "acl", "ccomp", "parataxis", "csubj"})
"""Clauses of their own; those who move may do so over several ("fled to seek refuge in Zongo")."""
HELD: Final = frozenset({"in", "at", "inside", "near", "outside"})
"""Where talks are held; what they are on, about or over is no ground of theirs."""
MISSIONS: Final = frozenset({"embassy", "consulate"})
"""What stands in the place that is named with it, whosesoever it is."""
PARTNERS: Final = HELD | {"between", "with", "among", "by"}
"""Before those who talk: "talks between the army and rebels in Jeddah"."""
SIDE_BY_SIDE_TOKENS_MAX: Final = 2
"""Two verbs with no more than "and" between them."""
COORDINATED_CHARS_MAX: Final = 30
"""Between two grounds under one "and"."""
PLACES_MAX: Final = 6
"""A sentence with more places is a list of names, not one event's ground."""


def fill_places(setting: Setting, analysis: Analysis, drafts: list[Draft], by_frame: dict[int, Draft]) -> None:
    """Pin each place of a sentence to its events, then narrow, and take from the context what is still missing.

    `by_frame` finds a draft by the id() of its frame.
    """
    frames = [d.frame for d in drafts]
    if len(analysis.places) > 3 * PLACES_MAX:
        return
    loose: list[tuple[PlaceMention, Token]] = []
    trailing: list[tuple[Frame, PlaceMention]] = []
    depths: dict[tuple[int, int], int] = {}
    for mention in analysis.places:
        if _is_actor(setting, analysis, mention, drafts):
            continue
        token = analysis.tree.head_of_span(mention.start, mention.end)
        if token is None:
            continue
        owner = filling.owner_of(setting.grammar, analysis, frames, token.i)
        frame = owner.frame
        if frame is None:
            if not owner.speech:
                loose.append((mention, token))
            continue
        if frame.kind in SPEECH:
            inner = [f for f in frames if f.kind not in SPEECH and analysis.tree.is_under(f.token, frame.token)]
            if not inner:
                continue
            frame = inner[0]
        for each in filling.sharing(analysis, frames, frame, token.i):
            if not _shares(frame, each, token.i):
                trailing.append((each, mention))
                continue
            if each.kind in ("talks", "sanction") and _spoken_of(analysis, token, each):
                continue
            depths[id(each), mention.start] = _remoteness(analysis, mention, token, each)
            _pin(setting, by_frame[id(each)], mention)
    for draft in drafts:
        draft.places = _nearest(draft, depths)
    for frame, mention in trailing:
        told = by_frame[id(frame)].places
        if told and all(p.place.kind == "country" for p in told) and frame.kind != "airspace_violation":
            _pin(
                setting, by_frame[id(frame)], mention
            )  # "rebels in Croatia fought troops and burned homes in Mirkovci"
    for mention, token in loose:
        fitting = [f for f in frames if f.kind not in (*SPEECH, "talks", "sanction")]
        if not fitting:
            continue
        frame = min(fitting, key=lambda f: abs(f.token - token.i))
        told = [p for p in by_frame[id(frame)].places if p.place.start not in {m.start for m, _ in loose}]
        if not told or frame.kind in MOVES:
            _pin(setting, by_frame[id(frame)], mention)
    _adjectives_of_ground(setting, analysis, drafts, by_frame)
    for draft in drafts:
        _narrow(setting, draft)
        if draft.kind == "airspace_violation":
            violated = _violated(setting, draft)
            near = [p for p in draft.places if p.place.relation in ABOVE]
            draft.places = near or violated or draft.places
    for draft in drafts:
        if draft.places or draft.kind in (*SPEECH, "talks", "ceasefire", "sanction"):
            continue
        from_context(setting, draft, drafts)


def _shares(frame: Frame, other: Frame, at: int) -> bool:
    """Whether two coordinated acts have a place in common: it opens them, or they stand side by side before it
    ("bombed and shelled Gori"); what follows the second of two with grounds of their own is the second's."""
    first, last = sorted((frame.token, other.token))
    return frame is other or at < first or (last - first <= SIDE_BY_SIDE_TOKENS_MAX and at > last)


def _spoken_of(analysis: Analysis, token: Token, frame: Frame) -> bool:
    """Whether a place beside talks or a measure is what it is about or whose, not where it is held."""
    first = analysis.tree.head(token.i) if token.dep == "pobj" else None
    for above in analysis.tree.ancestors(token.i):
        if above.i in frame.nodes:
            break
        if above.lower in MISSIONS:
            return False  # "closed its embassy in Bogota"
        if above.dep == "dobj" or (above.dep == "prep" and above is not first and above.lower not in PARTNERS):
            return True
    return first is None or first.lower not in HELD


def _remoteness(analysis: Analysis, mention: PlaceMention, token: Token, frame: Frame) -> int:
    """How many clauses and appositions of their own stand between a place and its event ("Gori, which lies near
    Tskhinvali"); a place that another is measured from ("25 km west of Goma") is one further off."""
    count = int(mention.relation is not None and mention.relation.endswith("_of"))
    tree = analysis.tree
    node = token
    for above in tree.ancestors(token.i):
        if tree.is_under(frame.token, node.i):
            break
        aside = node.dep in ASIDES and analysis.place_at(node.i) is None  # "Gori, Poti" is read as an apposition too
        if aside or (node.dep in CLAUSES and frame.kind not in MOVES):
            count += 1
        node = above
    return count


def _nearest(draft: Draft, depths: Mapping[tuple[int, int], int]) -> list[Pinned]:
    """The places least far off from their event; what stands further tells where something else is. Those who move
    have several grounds, and what an effect narrows stays ("fired at Israel, killing a woman in Nahariya")."""
    far = {p.place.start: depths.get((id(draft.frame), p.place.start), 0) for p in draft.places}
    least = min(far.values(), default=0)
    near = [p for p in draft.places if far[p.place.start] == least]
    wide = {p.place.country for p in near if p.place.kind == "country"}
    return [
        p
        for p in draft.places
        if p in near
        or (p.role != "location" and draft.kind in MOVES)
        or (far[p.place.start] == least + 1 and p.place.country in wide and p.place.start > near[0].place.start)
    ]


def _adjectives_of_ground(
    setting: Setting, analysis: Analysis, drafts: Sequence[Draft], by_frame: dict[int, Draft]
) -> None:
    """ "Toward the Colombian border", "into Turkish territory": the ground of the state that the adjective names."""
    frames = [d.frame for d in drafts]
    for actor in analysis.actors:
        home = actor.country or actor.home
        token = analysis.tree.head_of_span(actor.start, actor.end)
        if token is None or home is None or token.dep not in ("amod", "compound", "poss", "nmod"):
            continue
        ground = analysis.tree.head(token.i)
        if ground.lower not in setting.grammar.grounds or ground.dep not in ("pobj", "dobj"):
            continue
        frame = filling.owner_of(setting.grammar, analysis, frames, ground.i).frame
        place = capital_of(setting, home) if ground.lower == "capital" else setting.country_place(home)
        if frame is None or place is None or frame.kind in SPEECH or by_frame[id(frame)].places:
            continue
        mention = PlaceMention(
            actor.text,
            actor.start,
            actor.end,
            preposition=analysis.tree.head(ground.i).lower if ground.dep == "pobj" else None,
        )
        pinned = replace(place, text=actor.text, start=actor.start, end=actor.end)
        by_frame[id(frame)].places.append(Pinned(pinned, _role(setting.grammar, by_frame[id(frame)], mention)))


def _violated(setting: Setting, draft: Draft) -> list[Pinned]:
    """The state whose airspace it is."""
    analysis = draft.frame.analysis
    for i in draft.frame.targets:
        start, end = analysis.tree.noun_phrase(i)
        for actor in analysis.actors:
            home = actor.country or actor.home
            if start <= actor.start and actor.end <= end and home is not None:
                place = setting.country_place(home)
                if place is not None:
                    draft.targets = [
                        w for w in draft.targets if w.start > actor.end or w.end < actor.start
                    ] or draft.targets
                    owner = Who(
                        actor.name, actor.start, actor.end, actor.kind, actor.country, actor.as_source or actor.name
                    )
                    draft.targets = [owner]
                    return [Pinned(replace(place, text=actor.text, start=actor.start, end=actor.end), "location")]
    return []


def _is_actor(setting: Setting, analysis: Analysis, mention: PlaceMention, drafts: Sequence[Draft]) -> bool:
    """Whether a place's name stands for a government or is part of a party's name here."""
    inside = next((a for a in analysis.actors if a.start <= mention.start and mention.end <= a.end), None)
    if inside is None:
        return False
    for draft in drafts:
        frame = draft.frame
        if frame.kind in (*ATTACKS, *MOVES) and any(
            analysis.place_at(i) is mention for i in frame.targets + frame.args.obj
        ):
            return False  # "attacked Georgia": whom and where
    tree = analysis.tree
    head = tree.head_of_span(mention.start, mention.end)
    moves = any(d.kind in MOVES for d in drafts)
    if head is not None and moves and (beyond := _beyond_border(analysis, head)) is not None:
        return not beyond
    below = tree.head(head.i).lower if head is not None and head.dep == "pobj" else None
    if head is not None and below is None and head.dep in ("compound", "nmod", "amod", "poss"):
        holder = tree.head(head.i)
        if (
            analysis.has(holder.i, setting.lexicon.classes["structures"], setting.lexicon.classes["borders"])
            and holder.lower not in setting.grammar.offices
        ):
            return False  # "bombed Beirut airport"
        if (
            holder.dep == "pobj"
            and tree.head(holder.i).lower in setting.grammar.locative
            and analysis.actor_at(holder.i) is None
        ):
            return False  # "in a crowded Baghdad square"
    if below in setting.grammar.locative and not (inside.end - inside.start > mention.end - mention.start + 4):
        return False
    if mention.preposition is not None and not (inside.end - inside.start > mention.end - mention.start + 4):
        return False
    token = analysis.tree.head_of_span(inside.start, inside.end)
    return token is not None and (
        token.dep in PARTY_LABELS
        or inside.end - inside.start > mention.end - mention.start + 1
        or (token.dep in ("dobj", "pobj") and mention.preposition is None)
    )


def _beyond_border(analysis: Analysis, head: Token) -> bool | None:
    """Of "its border with Colombia" and "Russia's border with Ukraine" what lies behind it counts (True), not whose it
    is (False); None of any other name."""
    tree = analysis.tree
    if head.dep == "pobj" and tree.head(head.i).lower == "with" and tree.head(tree.head(head.i).i).lower in BORDERS:
        return True
    if head.dep == "poss" and tree.head(head.i).lower in BORDERS:
        beside = tree.children(tree.head(head.i).i, "prep")
        return False if any(t.lower == "with" for t in beside) else None
    return None


def _pin(setting: Setting, draft: Draft, mention: PlaceMention) -> None:
    if mention.relation == "between" and draft.kind in ("ceasefire", "talks", "ground_combat", "sanction"):
        return  # between the parties, not the places
    place = resolve(mention, setting.theatre)
    if place is None or len(draft.places) >= PLACES_MAX:
        return
    role = _role(setting.grammar, draft, mention)
    if all(p.place.name != place.name for p in draft.places):
        draft.places.append(Pinned(place, role))


def _role(g: Grammar, draft: Draft, mention: PlaceMention) -> PlaceRole:
    preposition = mention.preposition
    if preposition is None:
        token = draft.frame.analysis.tree.head_of_span(mention.start, mention.end)
        if token is not None and token.dep == "pobj":
            preposition = draft.frame.analysis.tree.head(token.i).lower
    if draft.kind in MOVES:
        if preposition == "with":  # "towards the border with Ukraine"
            return "destination"
        if preposition in ("from", "of") or mention.relation == "from":
            return "origin"
        if preposition in ("to", "into", "toward", "towards", "onto", "for", "across") or mention.relation == "towards":
            return "destination"
        token = draft.frame.analysis.tree.head_of_span(mention.start, mention.end)
        verb = draft.frame.head
        if token is not None and token.dep == "dobj" and token.head == draft.frame.token:
            leaving = verb.lower.startswith(g.leaving_stems)
            return "origin" if leaving else "destination"
        if draft.kind == "evacuation" or (
            verb.lower.startswith(("fle", "leav", "left", "withdr")) and preposition in ("in",)
        ):
            return "origin" if draft.kind != "troop_movement" else "location"
        if (
            draft.kind in ("troop_movement", "displacement")
            and preposition in ("in", "at", "on", "along", "near", "around")
            and verb.lower.startswith(g.arriving_stems)
        ):
            return "destination"
        return "location"
    if draft.kind in SCOPED:
        return "scope"
    return "location"


def _coordinated(setting: Setting, first: Pinned, second: Pinned) -> bool:
    """ "Southern Lebanon and the approaches to Beirut": two grounds, though one lies in the other's country."""
    gap = setting.text[first.place.end : second.place.start]
    return first.role == second.role and gap.startswith((" and ", ", and ")) and len(gap) < COORDINATED_CHARS_MAX


def _narrow(setting: Setting, draft: Draft) -> None:
    """The narrowest place named: a container goes where what it contains is named with the same role."""
    contained: set[tuple[int, int]] = set()
    starts = {p.place.start: p for p in draft.places}
    for mention in draft.frame.analysis.places:
        wider = mention.part_of
        if mention.start in starts:
            while wider is not None:
                contained.add((wider.start, wider.end))
                wider = wider.part_of
    kept = [p for p in draft.places if (p.place.start, p.place.end) not in contained]
    ordered = sorted((p for p in kept if p.place.start < p.place.end), key=lambda p: p.place.start)
    for first, second in pairwise(ordered):
        gap = setting.text[first.place.end : second.place.start]
        listed = gap.strip() == "," and second.place.kind not in CONTAINER_KINDS
        if first.role == second.role and first.role in ("location", "scope") and WITHIN.fullmatch(gap) and not listed:
            kept = [p for p in kept if p is not second]
        elif first.role == second.role and HOLDS.fullmatch(gap) and first.place.kind in CONTAINER_KINDS:
            kept = [p for p in kept if p is not first]
    if any(p.place.kind != "sea" for p in kept):
        kept = [p for p in kept if p.place.kind != "sea" or p.role != "location"]
    countries = {p.place.country for p in kept if p.place.kind != "country"}
    kept = [
        p
        for p in kept
        if not (
            p.place.kind == "country"
            and p.place.country in countries
            and not (p.place.direction and any(_coordinated(setting, p, q) for q in kept))
            and p.role in {q.role for q in kept if q.place.kind != "country" and q.place.country == p.place.country}
        )
    ]
    draft.places = kept
