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
NEAR: Final = timedelta(days=45)
"""A day and month without a year that is near publication on one side is not meant a year away on the other."""


def fill_times(
    setting: Setting, analysis: Analysis, drafts: list[Draft], by_frame: dict[int, Draft], anchor: Resolved | None
) -> None:
    """Give each time of a sentence to its events; of two the finer stays. What is still to come is announced.

    `by_frame` finds a draft by the id() of its frame; `anchor` is the time told last before, if any.
    """
    frames = [d.frame for d in drafts]
    for mention in analysis.times:
        token = analysis.tree.head_of_span(mention.start, mention.end)
        if token is None:
            continue
        owner = filling.owner_of(setting.grammar, analysis, frames, token.i)
        if owner.aside:
            continue
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
    return PRECISIONS.index(new.precision) < PRECISIONS.index(old.precision)


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
