"""Sides: who acts, who suffers, whom words are about, and who tells it."""

from dataclasses import replace

from services.extractor.core import arguments, attribution
from services.extractor.core.drafts import Draft, Told
from services.extractor.core.kinds import SPEECH
from services.extractor.core.setting import Setting
from services.extractor.core.who import Who


def fill_participants(setting: Setting, draft: Draft) -> None:
    """Agents and targets from the frame's arguments, each name once; what is no party is left out."""
    frame, reader = draft.frame, setting.who
    for i in frame.agents:
        who = reader.agent(frame.analysis, i) if frame.kind not in SPEECH else reader.speaker(frame.analysis, i)
        if who is not None and all(w.name != who.name for w in draft.agents):
            draft.agents.append(who)
            setting.watch("argument", [draft], i)
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
        if who is not None and frame.kind == "sanction" and who.kind == "body" and who.country:
            state = reader.actors.grammar.states.get(who.country)  # "closed its embassy in Bogota": against whom
            who = replace(who, name=state, kind="state", source_name=state) if state else who
        if who is not None and not any(c.isalpha() for c in who.name):
            continue
        if (
            who is not None
            and frame.kind in ("casualty_report", "displacement")
            and who.name.lower() in setting.grammar.nobody
            and not (who.name.lower() == "people" and frame.kind == "displacement")
        ):
            continue
        if who is not None and who.name.lower() in setting.grammar.nothing:
            continue
        if frame.kind == "bomb_attack" and frame.analysis.has(i, setting.lexicon.classes["explosive"]):
            continue  # the bomb is the means
        if who is not None and all(w.name != who.name for w in (*draft.targets, *draft.agents)):
            draft.targets.append(who)
            setting.watch("argument", [draft], i)


def fill_addressee(setting: Setting, draft: Draft) -> None:
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
            and actor.start > frame.head.end
        ):
            draft.targets.append(
                Who(actor.name, actor.start, actor.end, actor.kind, actor.country, actor.as_source or actor.name)
            )
            return


def fill_sources(setting: Setting, draft: Draft) -> None:
    """Who tells the event, the innermost speaker first; a speech without a speaker takes its source for one."""
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
    read: list[tuple[int, Told]] = []
    for speaker in found:
        at = next((a for a in setting.analyses if a.number == speaker.sentence), analysis)
        who = setting.who.speaker(at, speaker.head)
        if who is None or any(t.who.source_name == who.source_name for _, t in read):
            continue
        outlet = None if speaker.outlet is None else setting.who.speaker(at, speaker.outlet)
        via = outlet.source_name if outlet is not None and outlet.name != who.name else None
        read.append((speaker.depth, Told(who, speaker.stance, via)))
    if frame.kind in SPEECH or frame.status == "threatened":
        mine = {w.name for w in draft.agents}
        read = [(depth, t) for depth, t in read if t.who.name not in mine]
    innermost = min((depth for depth, _ in read), default=0)
    told = [t for depth, t in read if depth == innermost]
    carriers = [t for depth, t in read if depth > innermost and t.who.kind == "media"]
    for t in told:  # nested: the innermost speaks, an outlet outside it carries the words
        if carriers and t.who.kind != "media" and t.via is None:
            t.via = carriers[0].who.source_name
    if frame.kind in SPEECH and not draft.agents and told:  # "We call on the government ...", said a spokesman
        draft.agents, told = [told[0].who], told[1:]
    draft.sources = told
    draft.hedged = any(t.lower in g.hedges for t in analysis.clause(frame.token))
