"""Frames: the events that a sentence's trigger words open, with their logical arguments and status."""

from typing import cast

from services.extractor.core import arguments
from services.extractor.core.analysis import Analysis
from services.extractor.core.frame import Frame
from services.extractor.core.grammar import Grammar
from services.extractor.core.kinds import DECIDED, SPEECH
from services.extractor.core.lexicon import Lexicon
from services.extractor.core.merging import merge
from services.extractor.core.modality import modality
from services.extractor.core.roles import assign_roles
from services.extractor.core.senses import entries_at, fits, kind_of, negates
from services.extractor.core.syntax import Token
from shared.events.base import Status

__all__ = ["Frame", "find_frames"]


def find_frames(g: Grammar, lexicon: Lexicon, analysis: Analysis) -> tuple[list[Frame], list[str]]:
    """The frames of a sentence in the order of their triggers, and why triggers were left out (for the explanation)."""
    frames: list[Frame] = []
    left_out: list[str] = []
    taken: set[int] = set()
    for opener in analysis.tree.tokens:
        if opener.i in taken:
            continue
        for entry, covered in entries_at(lexicon, analysis, opener):
            token = opener
            if entry.pos == "phrase":
                span = analysis.tree.head_of_span(
                    analysis.tree.tokens[covered[0]].start, analysis.tree.tokens[covered[-1]].end
                )
                token = span or token
            args = arguments.of_token(g, analysis.tree, token)
            if not fits(g, entry.sense, analysis, token, args, covered) or (
                entry.sense.negated and not negates(g, lexicon, analysis, token)
            ):
                continue
            kind = kind_of(g, lexicon, analysis, entry.sense, token, args, covered)
            if kind is None:
                continue
            default = cast(Status, entry.sense.status or "occurred")
            told = None
            if entry.sense.id == "bomb.blast" and "air" in analysis.context:
                continue  # in an air war a blast is the raid's own
            if kind in SPEECH and token.tag == "VB" and token.dep in ("advcl", "acl"):
                left_out.append(f"{kind} at {token.text!r}: a purpose, not an event")
                break
            if kind in SPEECH and entry.pos == "verb" and analysis.tree.child(token.i, "neg") is not None:
                left_out.append(f"{kind} at {token.text!r}: negated")
                break
            if kind not in SPEECH:
                told = modality(g, analysis, token.i, kind, args.light, default, polar=entry.pos == "phrase")
                if entry.sense.asked and told.status != "called_for":
                    continue
            if told is not None and told.status is None and entry.sense.sense == "kill" and _zero(analysis, token):
                told = None
            if told is not None and told.status is None and default == "ended" and told.reason.startswith("negated"):
                default, told = "ongoing", None  # "flights have not resumed"
            if told is not None and told.status is None:
                left_out.append(f"{kind} at {token.text!r}: {told.reason}")
                taken.update(covered)
                break
            status = default if told is None or told.status is None else told.status
            if entry.sense.status == "ended" and told is not None and told.status in ("occurred", "announced"):
                status = "ended" if told.status == "occurred" else told.status
            if kind in DECIDED and status == "called_for" and told is not None and "order" in told.reason.lower():
                status = "occurred"
            if entry.sense.sense == "kill" and status == "threatened":
                kind = "killing"  # a threat to kill counts nobody yet
            frame = Frame(analysis, token.i, entry.sense, kind, args, status, told.reason if told else "speech")
            frame.measure = "kill" if entry.sense.sense == "kill" and kind == "casualty_report" else None
            frame.triggers.append(
                (min(analysis.tree.tokens[c].start for c in covered), max(analysis.tree.tokens[c].end for c in covered))
            )
            assign_roles(g, analysis, frame, entry)
            frames.append(frame)
            taken.update(covered)
            break
    return [_of_a_person(f) for f in merge(g, frames)], left_out


def _of_a_person(frame: Frame) -> Frame:
    """ "Ho Sok was killed on Monday": of one person, named, it is a killing and no toll."""
    analysis = frame.analysis
    if frame.measure != "kill" or frame.kind != "casualty_report" or len(frame.targets) != 1:
        return frame
    token = analysis.tree.tokens[frame.targets[0]]
    actor = analysis.actor_at(token.i)
    named = token.tag == "NNP" and analysis.tree.child(token.i, "compound") is not None
    person = actor.kind == "person" and not actor.generic if actor is not None else named
    if person and frame.head.lower == "killed" and analysis.place_at(token.i) is None:
        frame.kind, frame.measure = "killing", None
    return frame


def _zero(analysis: Analysis, token: Token) -> bool:
    """ "No one was hurt" tells a count of zero."""
    clause = analysis.clause(token.i)
    return any(n.max == 0 and clause[0].start <= n.start < clause[-1].end for n in analysis.numbers)
