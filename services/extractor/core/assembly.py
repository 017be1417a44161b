"""Assembly: a sentence's frames become drafts with their slots."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Final, Literal

from services.extractor.core import arguments, attribution, filling
from services.extractor.core.analysis import Analysis
from services.extractor.core.drafts import Draft, Pinned, Told
from services.extractor.core.filling import Owner
from services.extractor.core.frames import ATTACKS, SPEECH, Frame
from services.extractor.core.grammar import Grammar
from services.extractor.core.lexicon import Lexicon
from services.extractor.core.place_structure import PlaceMention
from services.extractor.core.places import ResolvedPlace, Theatre, resolve
from services.extractor.core.text import Quotation
from services.extractor.core.time_mentions import Resolved, TimeMention
from services.extractor.core.times import TimeGrammar
from services.extractor.core.who import Who, WhoReader
from shared.events.base import PlaceRole

MOVES: Final = frozenset({"troop_movement", "evacuation", "displacement"})
SCOPED: Final = frozenset({"flight_ban", "broadcast_ban", "border_closure", "sanction", "mobilization", "ceasefire"})
SELF_TIMED: Final = frozenset(
    {"flight_ban", "broadcast_ban", "border_closure", "sanction", "mobilization", "ceasefire"}
)
PLACELESS: Final = frozenset({"statement", "denial"})
"""Kinds of words and papers: a place beside them is where somebody spoke."""
TOWARDS: Final = frozenset({"to", "into", "toward", "towards", "for", "onto", "in", "across", "at"})
OFFICES: Final = frozenset(
    {
        "system",
        "line",
        "part",
        "office",
        "embassy",
        "bank",
        "vehicle",
        "aircraft",
        "tank",
        "train",
        "ship",
        "vessel",
        "boat",
        "equipment",
        "supply",
        "power",
    }
)
WITHIN: Final = re.compile(
    r"(?:,\s|\s(?:district|neighbou?rhood|quarter|suburb|area|camp|airport)?,?\s?(?:in|of|outside|near)\s)(?:the\s)?(?:(?:city|town|capital|village)\s(?:of\s)?)?"
)
"""What stands between a place and the wider place that holds it."""
NOTHING: Final = frozenset(
    {
        "ground",
        "area",
        "attack",
        "time",
        "scene",
        "air",
        "fire",
        "target",
        "targets",
        "region",
        "sea",
        "way",
        "part",
        "place",
    }
)
"""Nouns that say no more than that something was aimed at."""
NOBODY: Final = frozenset(
    {"people", "persons", "others", "victims", "dead", "some", "five", "one", "two", "three", "four", "six", "seven", "eight", "nine", "ten",
     "dozens", "scores", "hundreds", "thousands", "more", "many", "several", "thousands more", "hundreds more", "wounded", "injured", "person",
     "total", "toll", "death toll", "number", "casualties", "deaths"}
)  # fmt: skip
"""Words for people that name no side or group."""
LOCATIVE: Final = frozenset(
    {"in", "at", "near", "from", "to", "into", "toward", "towards", "for", "around", "outside", "across", "over", "along", "through", "inside",
     "within", "onto", "throughout", "off"}
)  # fmt: skip
FAR: Final = timedelta(days=300)
NEAR: Final = timedelta(days=45)
"""A day and month without a year that is near publication on one side is not meant a year away on the other."""
PLACES_MAX: Final = 6
"""A sentence with more places is a list of names, not one event's ground."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What all sentences of a report share."""

    text: str
    grammar: Grammar
    lexicon: Lexicon
    times: TimeGrammar
    theatre: Theatre
    zone: tzinfo
    published: datetime
    who: WhoReader
    quotations: Sequence[Quotation]
    analyses: Sequence[Analysis]
    country_place: Callable[[str], ResolvedPlace | None]
    last_place: Callable[[], ResolvedPlace | None]
    capital: Callable[[], ResolvedPlace | None]


def assemble(setting: Setting, analysis: Analysis, frames: Sequence[Frame], anchor: Resolved | None) -> list[Draft]:
    """The drafts of a sentence in the order of its frames. `anchor` is the time told last before, if any."""
    drafts = [Draft(frame) for frame in frames]
    by_frame = {id(draft.frame): draft for draft in drafts}
    for draft in drafts:
        _participants(setting, draft)
        if draft.kind == "statement" and not draft.targets:
            _addressee(setting, draft)
        _sources(setting, draft, frames)
    _quantities(setting, analysis, drafts, by_frame)
    drafts = [d for d in drafts if not (d.frame.measure == "kill" and not d.quantities and not d.notes)]
    _places(setting, analysis, drafts, by_frame)
    _times(setting, analysis, drafts, by_frame, anchor)
    for draft in drafts:
        _spans(draft)
    return drafts


# --- who ------------------------------------------------------------------------------------------------------


def _participants(setting: Setting, draft: Draft) -> None:
    frame, reader = draft.frame, setting.who
    for i in frame.agents:
        who = reader.agent(frame.analysis, i) if frame.kind not in SPEECH else reader.speaker(frame.analysis, i)
        if who is not None and all(w.name != who.name for w in draft.agents):
            draft.agents.append(who)
    for i in frame.targets:
        token = frame.analysis.tree.tokens[i]
        fallen_on = i in frame.args.preps.get("under", ()) or i in frame.args.preps.get("near", ())
        if fallen_on and frame.analysis.place_at(i) is not None:
            continue  # "the town is under fire": told as the ground, not as the aim
        if any(t.start <= token.start < t.end for t in frame.analysis.times):
            continue
        who = reader.target(frame.analysis, i)
        if who is not None and frame.kind in SPEECH and who.kind is None:
            continue  # "condemned the violence": a thing is not spoken to
        if who is not None and not any(c.isalpha() for c in who.name):
            continue
        if (
            who is not None
            and frame.kind in ("casualty_report", "displacement")
            and who.name.lower() in NOBODY
            and not (who.name.lower() == "people" and frame.kind == "displacement")
        ):
            continue
        if who is not None and who.name.lower() in NOTHING:
            continue
        if frame.kind == "bomb_attack" and frame.analysis.has(i, setting.lexicon.classes["explosive"]):
            continue  # the bomb is the means
        if who is not None and all(w.name != who.name for w in (*draft.targets, *draft.agents)):
            draft.targets.append(who)


def _addressee(setting: Setting, draft: Draft) -> None:
    """Of whom a statement speaks: the actor that its words are about."""
    frame = draft.frame
    tree = frame.analysis.tree
    mine = {w.name for w in draft.agents}
    for content in tree.children(frame.token, "ccomp", "xcomp"):
        for i in arguments.of_verb(setting.grammar, tree, content.i).subj:
            if tree.tokens[i].tag == "PRP":
                continue
            who = setting.who.agent(frame.analysis, i)
            if who is not None and who.name not in mine:
                draft.targets.append(who)
                return
    low, high = tree.reach(frame.token)
    for actor in frame.analysis.actors:
        if (
            low <= actor.start
            and actor.end <= high
            and actor.name not in mine
            and not actor.generic
            and actor.kind in ("state", "armed_group", "force", "organisation")
        ):
            if actor.start > frame.head.end:
                draft.targets.append(
                    Who(actor.name, actor.start, actor.end, actor.kind, actor.country, actor.as_source or actor.name)
                )
                return


def _sources(setting: Setting, draft: Draft, frames: Sequence[Frame]) -> None:
    g, frame = setting.grammar, draft.frame
    analysis = frame.analysis
    own = frozenset(frame.nodes) if frame.kind in SPEECH else frozenset()
    found = attribution.speakers(g, analysis, frame.token, own)
    token = frame.head
    if not found or attribution.quotation_at(setting.quotations, token.start, token.end):
        quoted = attribution.quoted_speakers(
            g, setting.analyses, analysis.number, setting.quotations, token.start, token.end
        )
        found = found or quoted
    told: list[Told] = []
    for speaker in found:
        at = next((a for a in setting.analyses if a.number == speaker.sentence), analysis)
        who = setting.who.speaker(at, speaker.head)
        if who is None or any(t.who.source_name == who.source_name for t in told):
            continue
        told.append(Told(who, speaker.stance))
    if frame.kind in SPEECH:
        mine = {w.name for w in draft.agents}
        told = [t for t in told if t.who.name not in mine]
    if frame.status == "threatened":
        told = [t for t in told if t.who.name not in {w.name for w in draft.agents}]
    if len(told) > 1:  # nested: the innermost speaks, an outlet outside it carries the words
        inner, *outer = told
        carriers = [t for t in outer if t.who.kind == "media"]
        if carriers and inner.who.kind != "media":
            inner.via = carriers[0].who.source_name
        told = [inner]
    if frame.kind in SPEECH and not draft.agents and told:  # "We call on the government ...", said a spokesman
        draft.agents, told = [told[0].who], told[1:]
    draft.sources = told
    draft.hedged = any(t.lower in g.hedges for t in analysis.clause(frame.token))


# --- how many --------------------------------------------------------------------------------------------------


def _quantities(setting: Setting, analysis: Analysis, drafts: list[Draft], by_frame: dict[int, Draft]) -> None:
    frames = [d.frame for d in drafts]
    for number in analysis.numbers:
        noun = filling.head_noun(analysis, number)
        at = noun or filling.token_of(analysis, number.start, number.end)
        if at is None or any(t.start <= number.start < t.end for t in analysis.times):
            continue
        owner = filling.owner_of(setting.grammar, analysis, frames, at.i, counted=True).frame
        if owner is None and len(frames) == 1 and not filling.is_speech(frames[0]):
            owner = frames[0]
        if owner is None:
            counting = [f for f in frames if f.measure == "kill" or f.kind == "casualty_report"]
            owner = counting[0] if len(counting) == 1 else None
        measure = filling.measure_of(setting.lexicon, analysis, owner, number)
        if measure is None:
            continue
        if owner is None or measure not in filling.MEASURES_OF.get(owner.kind, frozenset()):
            toll = measure in ("killed", "injured", "missing", "casualties")
            fitting = [f for f in frames if measure in filling.MEASURES_OF.get(f.kind, frozenset())]
            linked = [
                f for f in fitting if analysis.tree.is_under(f.token, at.i) or analysis.tree.is_under(at.i, f.token)
            ]
            if toll and fitting:
                owner = min(linked or fitting, key=lambda f: abs(f.token - at.i))
            elif linked and measure not in ("people", "personnel"):
                owner = min(linked, key=lambda f: abs(f.token - at.i))
            else:
                continue
        if owner.measure == "kill" and not filling.own_act(setting.lexicon, owner):
            attack = filling.attack_for_casualties(frames, owner)
            if attack is not None and measure in filling.MEASURES_OF[attack.kind] and not analysis.tells_total():
                by_frame[id(owner)].notes.append("moved")
                owner = attack
        quantity = filling.quantity(setting.text, number, measure)
        sharing = [
            f for f in frames
            if f is not owner and measure in filling.MEASURES_OF.get(f.kind, frozenset()) and at.i in f.agents and at.i in owner.agents
        ]  # fmt: skip
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


def _unnumbered_kills(setting: Setting, analysis: Analysis, drafts: list[Draft]) -> None:
    """ "Gunmen killed a journalist": without a number a death is an event only if somebody did it to somebody."""
    for draft in drafts:
        if draft.frame.measure != "kill":
            continue
        frame = draft.frame
        own = filling.own_act(setting.lexicon, frame)
        if not own and filling.attack_for_casualties([d.frame for d in drafts], frame) is not None:
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


# --- where -----------------------------------------------------------------------------------------------------


def _places(setting: Setting, analysis: Analysis, drafts: list[Draft], by_frame: dict[int, Draft]) -> None:
    frames = [d.frame for d in drafts]
    if len(analysis.places) > 3 * PLACES_MAX:
        return
    owned: set[int] = set()
    for n, mention in enumerate(analysis.places):
        if _is_actor(setting, analysis, mention, drafts):
            continue
        token = filling.token_of(analysis, mention.start, mention.end)
        if token is None:
            continue
        owner = filling.owner_of(setting.grammar, analysis, frames, token.i)
        frame = owner.frame
        if frame is None:
            fitting = [f for f in frames if f.kind not in PLACELESS]
            if owner.speech or not fitting:
                continue
            frame = fitting[0] if len(fitting) == 1 else min(fitting, key=lambda f: abs(f.token - token.i))
        if frame.kind in PLACELESS:
            inner = [f for f in frames if f.kind not in PLACELESS and analysis.tree.is_under(f.token, frame.token)]
            if not inner:
                continue
            frame = inner[0]
        shared = filling.sharing(analysis, frames, frame, token.i)
        for each in shared:
            _pin(setting, by_frame[id(each)], mention)
        owned.add(n)
    _borders(setting, analysis, drafts, by_frame)
    for draft in drafts:
        _narrow(setting, draft)
        if draft.kind == "airspace_violation":
            violated = _violated(setting, draft)
            near = [
                p
                for p in draft.places
                if p.place.relation in ("over", "near", "north_of", "south_of", "east_of", "west_of")
            ]
            draft.places = near or violated or draft.places
    for draft in drafts:
        if draft.places or draft.kind in (*PLACELESS, "talks", "ceasefire"):
            continue
        _from_context(setting, draft, drafts)


def _borders(setting: Setting, analysis: Analysis, drafts: Sequence[Draft], by_frame: dict[int, Draft]) -> None:
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
        place = setting.country_place(home)
        if frame is None or place is None or frame.kind in PLACELESS or by_frame[id(frame)].places:
            continue
        mention = PlaceMention(
            actor.text,
            actor.start,
            actor.end,
            preposition=analysis.tree.head(ground.i).lower if ground.dep == "pobj" else None,
        )
        pinned = replace(place, text=actor.text, start=actor.start, end=actor.end)
        by_frame[id(frame)].places.append(Pinned(pinned, _role(by_frame[id(frame)], mention)))


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


def _from_context(setting: Setting, draft: Draft, drafts: Sequence[Draft]) -> None:
    """A place told by "the town", or by another event of the same sentence; marked as inferred."""
    analysis = draft.frame.analysis
    for token in analysis.clause(draft.frame.token):
        if token.lower not in setting.grammar.anaphoric_places:
            continue
        if token.lower == "capital" and token.dep != "compound":
            capital = setting.capital()
            if capital is not None:
                draft.places = [Pinned(capital, "scope" if draft.kind in SCOPED else "location", inferred=True)]
                return
        definite = (
            any(t.lower in ("the", "this", "that") for t in analysis.tree.children(token.i, "det"))
            or token.dep == "compound"
        )
        if definite or token.lower in ("there", "here"):
            known = setting.last_place()
            if known is not None and analysis.place_at(token.i) is None:
                draft.places = [Pinned(known, "location", inferred=True)]
                return
    if draft.kind in SCOPED:
        return
    for other in drafts:
        found = [p for p in other.places if p.role == "location" and not p.inferred]
        if other is not draft and found and draft.kind not in MOVES and other.kind not in PLACELESS:
            draft.places = [Pinned(p.place, "location", inferred=True) for p in found[:1]]
            return


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
    below = tree.head(head.i).lower if head is not None and head.dep == "pobj" else None
    if head is not None and below is None and head.dep in ("compound", "nmod", "amod", "poss"):
        holder = tree.head(head.i)
        if (
            analysis.has(holder.i, setting.lexicon.classes["structures"], setting.lexicon.classes["borders"])
            and holder.lower not in OFFICES
        ):
            return False  # "bombed Beirut airport"
        if holder.dep == "pobj" and tree.head(holder.i).lower in LOCATIVE and analysis.actor_at(holder.i) is None:
            return False  # "in a crowded Baghdad square"
    if below in LOCATIVE and not (inside.end - inside.start > mention.end - mention.start + 4):
        return False
    if mention.preposition is not None and not (inside.end - inside.start > mention.end - mention.start + 4):
        return False
    token = analysis.tree.head_of_span(inside.start, inside.end)
    return token is not None and (token.dep in ("nsubj", "nsubjpass", "poss", "agent", "dative", "compound", "conj", "appos", "nmod", "amod")
                                  or inside.end - inside.start > mention.end - mention.start + 1
                                  or (token.dep in ("dobj", "pobj") and mention.preposition is None))  # fmt: skip


def _pin(setting: Setting, draft: Draft, mention: PlaceMention) -> None:
    if mention.relation == "between" and draft.kind in ("ceasefire", "talks", "ground_combat", "sanction"):
        return  # between the parties, not the places
    place = resolve(mention, setting.theatre)
    if place is None or len(draft.places) >= PLACES_MAX:
        return
    role = _role(draft, mention)
    if all(p.place.name != place.name for p in draft.places):
        draft.places.append(Pinned(place, role))


def _role(draft: Draft, mention: PlaceMention) -> PlaceRole:
    preposition = mention.preposition
    if preposition is None:
        token = filling.token_of(draft.frame.analysis, mention.start, mention.end)
        if token is not None and token.dep == "pobj":
            preposition = draft.frame.analysis.tree.head(token.i).lower
    if draft.kind in MOVES:
        if preposition == "with":  # "towards the border with Ukraine"
            return "destination"
        if preposition in ("from", "of") or mention.relation == "from":
            return "origin"
        if preposition in ("to", "into", "toward", "towards", "onto", "for", "across") or mention.relation == "towards":
            return "destination"
        token = filling.token_of(draft.frame.analysis, mention.start, mention.end)
        verb = draft.frame.head
        if token is not None and token.dep == "dobj" and token.head == draft.frame.token:
            leaving = verb.lower.startswith(
                ("leav", "left", "fle", "evacuat", "abandon", "withdr", "depart", "quit", "vacat")
            )
            return "origin" if leaving else "destination"
        if draft.kind == "evacuation" or (
            verb.lower.startswith(("fle", "leav", "left", "withdr")) and preposition in ("in",)
        ):
            return "origin" if draft.kind != "troop_movement" else "location"
        if (
            draft.kind == "troop_movement"
            and preposition in ("in", "at", "on", "along", "near", "around")
            and verb.lower.startswith(("arriv", "deploy", "land", "station", "mass", "send", "sent", "enter"))
        ):
            return "destination"
        return "location"
    if draft.kind in SCOPED:
        return "scope"
    return "location"


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
        if first.role == second.role == "location" and WITHIN.fullmatch(gap):
            kept = [p for p in kept if p is not second]
    if any(p.place.kind != "sea" for p in kept):
        kept = [p for p in kept if p.place.kind != "sea" or p.role != "location"]
    countries = {p.place.country for p in kept if p.place.kind != "country"}
    kept = [
        p
        for p in kept
        if not (
            p.place.kind == "country"
            and p.place.country in countries
            and p.role in {q.role for q in kept if q.place.kind != "country" and q.place.country == p.place.country}
        )
    ]
    draft.places = kept


# --- when ------------------------------------------------------------------------------------------------------


def _times(
    setting: Setting, analysis: Analysis, drafts: list[Draft], by_frame: dict[int, Draft], anchor: Resolved | None
) -> None:
    frames = [d.frame for d in drafts]
    for mention in analysis.times:
        token = filling.token_of(analysis, mention.start, mention.end)
        if token is None:
            continue
        owner = filling.owner_of(setting.grammar, analysis, frames, token.i)
        if owner.speech:
            spoken = setting.times.resolve(
                mention, published=setting.published, zone=setting.zone, tense="past", anchor=anchor
            )
            anchor = spoken or anchor
        for frame in _timed(analysis, by_frame, frames, mention, owner, token.i):
            draft = by_frame[id(frame)]
            resolved = _resolved(setting, analysis, frame, mention, token.i, anchor)
            if resolved is None:
                continue
            past = frame.head.tag == "VBD" or any(
                t.lower in ("had", "has", "have", "was", "were")
                for t in analysis.tree.children(frame.token, "aux", "auxpass")
            )
            if resolved.start > setting.published and past:
                continue  # what was done is not dated to come
            if resolved.start > setting.published and frame.status == "occurred" and frame.kind not in SPEECH:
                frame.status, frame.status_reason = "announced", "its time is after the report's"
            if draft.time is None or _finer(resolved, draft.time[1]):
                draft.time = (mention, resolved)


def _resolved(
    setting: Setting, analysis: Analysis, frame: Frame, mention: TimeMention, at: int, anchor: Resolved | None
) -> Resolved | None:
    """A time in the tense of the verb above it; a date without a year that lands a year off is tried the other way."""
    verb = next((t for t in analysis.tree.ancestors(at) if t.is_verb), frame.head)
    told = verb.tag == "VBD" and not any(t.tag == "MD" for t in analysis.tree.children(verb.i, "aux"))
    future = frame.status in ("announced", "called_for", "threatened") and not (
        told and verb.lower not in ("was", "were")
    )

    def read(tense: Literal["past", "future"]) -> Resolved | None:
        return setting.times.resolve(
            mention, published=setting.published, zone=setting.zone, tense=tense, anchor=anchor
        )

    resolved = read("future" if future else "past")
    if resolved is None or abs(resolved.start - setting.published) < FAR:
        return resolved
    other = read("past" if future else "future")
    return other if other is not None and abs(other.start - setting.published) < NEAR else resolved


def _finer(new: Resolved, old: Resolved) -> bool:
    order = ("minute", "hour", "part_of_day", "day", "week", "month", "year")
    return order.index(new.precision) < order.index(old.precision)


def _timed(
    analysis: Analysis, by_frame: dict[int, Draft], frames: Sequence[Frame], mention: TimeMention, owner: Owner, at: int
) -> list[Frame]:
    if owner.frame is not None:
        if owner.frame.kind in SPEECH:
            return [owner.frame]
        return filling.sharing(analysis, frames, owner.frame, at)
    leading = all(at < f.token for f in frames)
    if owner.speech:
        clocked = any(c.isdigit() for c in mention.text) and (
            ":" in mention.text or "m." in mention.text or "GMT" in mention.text
        )
        mine = [
            f for f in frames
            if f.kind in SELF_TIMED and f.status in ("occurred", "ongoing") and {t.who.name for t in by_frame[id(f)].sources} & {w.name for w in by_frame[id(f)].agents}
        ]  # fmt: skip
        if mine:  # who announces an act of their own acts by announcing it
            return mine
        if leading and clocked:
            return [f for f in frames if f.kind not in SPEECH and f.status in ("occurred", "ongoing")]
        return []
    fitting = [f for f in frames if f.kind not in SPEECH] or list(frames)
    if len(fitting) == 1:
        return fitting
    if leading and fitting:
        root = next((t for t in analysis.tree.tokens if t.dep == "ROOT"), None)
        return [f for f in fitting if root is None or f.token == root.i or f.head.head == root.i][:2]
    return []


def _spans(draft: Draft) -> None:
    """The stretch of the sentence from the first to the last of what was found, the trigger included."""
    sentence = draft.frame.analysis.sentence
    edges = [e for span in draft.frame.triggers for e in span]
    for who in (*draft.agents, *draft.targets):
        if not who.inferred and sentence.start <= who.start and who.end <= sentence.end:
            edges += [who.start, who.end]
    for pinned in draft.places:
        if not pinned.inferred and sentence.start <= pinned.place.start and pinned.place.end <= sentence.end:
            edges += [pinned.place.start, pinned.place.end]
    for quantity in draft.quantities:
        if quantity.span is not None and sentence.start <= quantity.span.start < sentence.end:
            edges += [quantity.span.start, quantity.span.end]
    if draft.time is not None and sentence.start <= draft.time[0].start < sentence.end:
        edges += [draft.time[0].start, draft.time[0].end]
    draft.spans = [(min(edges), max(edges))]


def last_time(drafts: Sequence[Draft]) -> Resolved | None:
    """The time told last, for what follows ("two hours later")."""
    timed = [d.time[1] for d in drafts if d.time is not None]
    return timed[-1] if timed else None
