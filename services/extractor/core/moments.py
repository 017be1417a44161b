"""Moments: when each event was: the times told beside it, read in the tense of their verb."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final, Literal

from services.extractor.core import filling
from services.extractor.core.analysis import Analysis
from services.extractor.core.drafts import Draft
from services.extractor.core.filling import Owner
from services.extractor.core.frame import Frame
from services.extractor.core.kinds import SCOPED, SPEECH
from services.extractor.core.setting import Setting
from services.extractor.core.time_mentions import PRECISIONS, Resolved, TimeMention

FAR: Final = timedelta(days=300)
ELSEWHEN: Final = frozenset({"after", "before", "since", "following", "until", "despite", "ahead", "upon"})
"""What these introduce was at another time than the clause they stand in."""
MEANWHILE: Final = frozenset({"as", "when", "while"})
"""What these introduce was at the time of the clause they stand in."""
CLAUSES_UP_MAX: Final = 4
"""How far below "since" its time may be told ("since fighting began when ... on April 6")."""
NEAR: Final = timedelta(days=45)
"""A day and month without a year that is near publication on one side is not meant a year away on the other."""


def fill_times(
    setting: Setting, analysis: Analysis, drafts: list[Draft], by_frame: dict[int, Draft], anchor: Resolved | None
) -> None:
    """Give each time of a sentence to its events; of two the finer stays. What is still to come is announced.

    `by_frame` finds a draft by the id() of its frame; `anchor` is the time told last before, if any.
    """
    frames = [d.frame for d in drafts]
    ranks: dict[int, tuple[int, int]] = {}
    for mention in analysis.times:
        token = analysis.tree.head_of_span(mention.start, mention.end)
        if token is None:
            continue
        owner = filling.owner_of(setting.grammar, analysis, frames, token.i)
        if owner.aside or _opens_entry(setting.text, mention):
            continue
        if owner.speech:
            spoken = setting.times.resolve(
                mention, published=setting.published, zone=setting.zone, tense="past", anchor=anchor
            )
            anchor = spoken or anchor
        for frame in _timed(analysis, by_frame, frames, mention, owner, token.i):
            draft = by_frame[id(frame)]
            hops = _hops(setting, analysis, frame, token.i)
            if hops is None:
                continue
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
            if draft.time is None or (hops, PRECISIONS.index(resolved.precision)) < ranks[id(draft)]:
                draft.time = (mention, resolved)
                ranks[id(draft)] = (hops, PRECISIONS.index(resolved.precision))
    _hand_on(setting, analysis, drafts)


def _opens_entry(text: str, mention: TimeMention) -> bool:
    """A bare clock that opens a line is when a live report's entry was written, not when its events were."""
    clocked = mention.moment.clock is not None and mention.relation is None
    return clocked and (mention.start == 0 or text[mention.start - 1] in "\n[")


def _hops(setting: Setting, analysis: Analysis, frame: Frame, at: int) -> int | None:
    """How many nouns stand between a time and its event ("despite a brief overnight exchange"); None where the time
    is told of one of them in a clause of its own ("students who were kidnapped on Monday were freed")."""
    tree, count = analysis.tree, 0
    for above in tree.ancestors(at):
        if above.i in frame.nodes or tree.is_under(frame.token, above.i):
            break
        harm = above.lower.startswith(setting.grammar.killed_stems + setting.grammar.injured_stems)
        if above.dep in ("relcl", "acl") and above.head not in frame.nodes and not harm:
            return None  # but "the number of civilians killed since Sunday" counts them
        count += above.is_noun
    return count


def _hand_on(setting: Setting, analysis: Analysis, drafts: Sequence[Draft]) -> None:
    """Give the time of a clause to the events of the clauses joined to it: "as", "when" and "while", coordination, what
    follows as an effect; and that of a "since" to what has lasted from then on."""
    tree = analysis.tree
    for mention in analysis.times:
        token = tree.head_of_span(mention.start, mention.end)
        verb = _clause_verb(analysis, token.i) if token is not None else None
        if verb is None or _opens_entry(setting.text, mention):
            continue
        told = next((d.time for d in drafts if d.time is not None and d.time[0] is mention), None)
        since = _since_head(analysis, verb)
        if told is None and since is None:
            continue
        joined = _joined(setting, analysis, verb) if told is not None else set()
        for draft in drafts:
            own = _clause_verb(analysis, draft.frame.token)
            if draft.time is not None or own is None or draft.frame.status not in ("occurred", "ongoing", "ended"):
                continue
            resolved = told[1] if told is not None else None
            if since is not None and own == since:
                resolved = setting.times.resolve(
                    mention, published=setting.published, zone=setting.zone, tense="past", anchor=None
                )
            elif own not in joined:
                continue
            if resolved is not None and resolved.start <= setting.published:
                draft.time = (mention, resolved)


def _clause_verb(analysis: Analysis, i: int) -> int | None:
    """The verb that a word belongs to as a part of its clause; None below a noun's own clause or another event's
    circumstance ("after Monday's raid")."""
    tree = analysis.tree
    node = tree.tokens[i]
    while not (node.is_verb and node.dep not in ("amod", "compound", "aux", "auxpass")):
        if node.head == node.i or (node.dep == "prep" and node.lower in ELSEWHEN) or node.dep == "appos":
            return None
        node = tree.head(node.i)
    return node.i


def _since_head(analysis: Analysis, verb: int) -> int | None:
    """The verb of what has lasted since the clause of `verb` began."""
    tree = analysis.tree
    token = tree.tokens[verb]
    for _ in range(CLAUSES_UP_MAX):
        if token.dep == "advcl" and any(t.lower == "since" for t in tree.children(token.i, "mark", "prep", "advmod")):
            return token.head
        if token.dep not in ("advcl", "conj") or token.head == token.i:
            return None
        token = tree.head(token.i)
    return None


def _joined(setting: Setting, analysis: Analysis, verb: int) -> set[int]:
    """The verbs of the clauses that happen with that of `verb`: none across a reporting verb or a "but"."""
    tree, found, queue = analysis.tree, {verb}, [verb]
    while queue:
        node = queue.pop()
        token = tree.tokens[node]
        if token.lower in setting.grammar.reporting - setting.grammar.announcing:
            continue
        same_hand = token.lower in setting.grammar.announcing  # "announced a truce and called on Russia to stop"
        beside = list(tree.children(node, "advcl")) + [
            t
            for t in tree.children(node, "conj")
            if t.is_verb
            and _same_breath(analysis, node, t.i)
            and not (same_hand and tree.child(t.i, "nsubj", "nsubjpass"))
        ]
        linked = [t.i for t in beside if t.dep == "conj" or _with(analysis, t.i)]
        if token.dep == "advcl" and _with(analysis, node):
            linked.append(token.head)
        for other in linked:
            if other not in found:
                found.add(other)
                queue.append(other)
    return found


def _same_breath(analysis: Analysis, first: int, second: int) -> bool:
    joint = analysis.tree.children(first, "cc")
    return all(t.lower == "and" for t in joint if t.i < second)


def _with(analysis: Analysis, verb: int) -> bool:
    """Whether an adverbial clause tells what happens at the time of its head: by its conjunction, or an effect told by
    a bare participle ("killing six")."""
    tree = analysis.tree
    marks = {t.lower for t in tree.children(verb, "mark", "advmod", "prep")}
    bare = tree.tokens[verb].tag == "VBG" and not marks & (ELSEWHEN | {"while"}) and tree.child(verb, "mark") is None
    return bare or bool(marks & MEANWHILE)


def _resolved(
    setting: Setting, analysis: Analysis, frame: Frame, mention: TimeMention, at: int, anchor: Resolved | None
) -> Resolved | None:
    """A time in the tense of the verb above it; a date without a year that lands a year off is tried the other way."""
    verb = next((t for t in analysis.tree.ancestors(at) if t.is_verb), frame.head)
    told = verb.tag == "VBD" and not any(t.tag == "MD" for t in analysis.tree.children(verb.i, "aux"))
    tree = analysis.tree
    future = frame.status in ("announced", "called_for", "threatened") and not (
        told and verb.lower not in ("was", "were")
    )

    over = tree.head(verb.i) if verb.dep in ("xcomp", "ccomp") else verb
    if any(t.lower == "had" for t in tree.children(over.i, "aux")):
        future = False  # "had threatened to kill them on Thursday": that Thursday is over

    def read(tense: Literal["past", "future"]) -> Resolved | None:
        return setting.times.resolve(
            mention, published=setting.published, zone=setting.zone, tense=tense, anchor=anchor
        )

    resolved = read("future" if future else "past")
    if resolved is None or abs(resolved.start - setting.published) < FAR:
        return resolved
    other = read("past" if future else "future")
    return other if other is not None and abs(other.start - setting.published) < NEAR else resolved


def _timed(
    analysis: Analysis, by_frame: dict[int, Draft], frames: Sequence[Frame], mention: TimeMention, owner: Owner, at: int
) -> list[Frame]:
    """The events that a time at token `at` is of; none where it tells when somebody spoke."""
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
            f
            for f in frames
            if f.kind in SCOPED and f.status in ("occurred", "ongoing") and _told_by_its_agent(by_frame[id(f)])
        ]
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


def _told_by_its_agent(draft: Draft) -> bool:
    return bool({t.who.name for t in draft.sources} & {w.name for w in draft.agents})


def last_time(drafts: Sequence[Draft]) -> Resolved | None:
    """The time told last, for what follows ("two hours later")."""
    timed = [d.time[1] for d in drafts if d.time is not None]
    return timed[-1] if timed else None
