"""Why a slot is there: the coder's own record of which rule filled it, for `tocsin extract --explain`.

The trace is told of drafts after each step of the coding. What a slot holds then that it did not hold before is that
step's doing, so that no rule can fill a slot without a reason, and the reason is never a guess made afterwards.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from services.extractor.core.drafts import Draft, Pinned, Told
from services.extractor.core.frame import Frame
from services.extractor.core.syntax import Token
from services.extractor.core.time_mentions import Resolved, TimeMention
from services.extractor.core.who import Who
from shared.events.base import BaseEvent, Quantity

Step = Literal["argument", "addressee", "source", "amount", "ground", "moment", "taken_up", "inherited", "home"]
Slot = Literal["agent", "target", "quantity", "place", "occurred", "source"]
Thing = Who | Quantity | Pinned | Told | tuple[TimeMention, Resolved]
PATHS: Final = {"subj": "subject", "obj": "object", "by": "by-phrase", "poss": "owner", "mod": "modifier"}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one value of a slot is there. `start` and `end` cut its words out of the body; None where it has none."""

    slot: Slot | Literal["status"]
    value: str
    start: int | None
    end: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Of one event: the words that opened it, the entry of triggers.yaml that they opened, and its slots' reasons in
    the order of the event's slots: agents, targets, places, quantities, sources, time, status."""

    event_id: str
    triggers: tuple[tuple[int, int], ...]
    rule: str
    because: tuple[Reason, ...]


class Watch(Protocol):
    """Told of drafts after a step; `at` is the token that the step looked at, in the draft's sentence."""

    def __call__(self, step: Step, drafts: Sequence[Draft], at: int | None = None) -> None: ...


def unwatched(step: Step, drafts: Sequence[Draft], at: int | None = None) -> None:
    """Nobody asks why."""


class Trace:
    """One report's. Call it as a `Watch`."""

    def __init__(self) -> None:
        self._why: dict[tuple[int, int], str] = {}
        self._origin: dict[int, str] = {}
        self._kept: list[object] = []  # so that no identity is used twice

    def __call__(self, step: Step, drafts: Sequence[Draft], at: int | None = None) -> None:
        fresh = [
            (draft, slot, thing)
            for draft in drafts
            for slot, thing in _things(draft)
            if (id(draft), id(thing)) not in self._why
        ]
        for draft, slot, thing in sorted(fresh, key=lambda row: _is_inferred(row[2])):  # what is said comes first
            before = self._origin.get(_identity(thing))
            why = _why(step, draft, slot, thing, at)
            if step in ("taken_up", "inherited") or _is_inferred(thing):
                known = before if before is not None and not before.startswith(why) else None
                why = f"{why}: {known}" if known else before or why + _of_gazetteer(thing)
            self._why[id(draft), id(thing)] = why
            self._origin.setdefault(_identity(thing), why)
            self._kept += [draft, thing]

    def explain(self, draft: Draft, event: BaseEvent) -> Explanation:
        """The reasons of a draft's event."""
        head = draft.frame.head
        sense = draft.frame.sense
        family = "" if sense.kind is not None else f", a {sense.sense} that is of the kind {draft.kind} here"
        found = [self._reason(draft, slot, thing) for slot, thing in _things(draft)]
        status = Reason("status", draft.frame.status, head.start, head.end, draft.frame.status_reason)
        return Explanation(event.id, tuple(sorted(draft.frame.triggers)), f"{sense.id}{family}", (*found, status))

    def _reason(self, draft: Draft, slot: Slot, thing: Thing) -> Reason:
        why = self._why[id(draft), id(thing)]
        if isinstance(thing, Who):
            value, span = thing.name, None if thing.inferred else (thing.start, thing.end)
        elif isinstance(thing, Quantity):
            value = f"{thing.measure} {thing.min} to {thing.max}, {thing.qualifier}"
            span = (thing.span.start, thing.span.end) if thing.span is not None else None
        elif isinstance(thing, Pinned):
            value, place = f"{thing.place.name} ({thing.role})", thing.place
            span = (place.start, place.end) if place.start < place.end else None
        elif isinstance(thing, Told):
            value, span = f"{thing.who.source_name} {thing.stance}", (thing.who.start, thing.who.end)
        else:
            mention, resolved = thing
            value, span = f"{resolved.start.isoformat()}, {resolved.precision}", (mention.start, mention.end)
        start, end = span if span is not None else (None, None)
        return Reason(slot, value, start, end, why)


def _things(draft: Draft) -> Iterator[tuple[Slot, Thing]]:
    """What fills a draft's slots, in the order in which its event has them."""
    for agent in draft.agents:
        yield "agent", agent
    for target in draft.targets:
        yield "target", target
    for pinned in draft.places:
        yield "place", pinned
    for quantity in draft.quantities:
        yield "quantity", quantity
    for told in draft.sources:
        yield "source", told
    if draft.time is not None:
        yield "occurred", draft.time


def _identity(thing: Thing) -> int:
    """What stays the same where a rule makes a copy: the place as resolved, the party, the mention of a time."""
    if isinstance(thing, Pinned):
        return id(thing.place)
    if isinstance(thing, Told):
        return id(thing.who)
    return id(thing[0]) if isinstance(thing, tuple) else id(thing)


def _is_inferred(thing: Thing) -> bool:
    return isinstance(thing, Pinned | Who) and thing.inferred


def _why(step: Step, draft: Draft, slot: Slot, thing: Thing, at: int | None) -> str:
    frame = draft.frame
    if step == "argument" and at is not None:
        return _path(frame, at, thing)
    if step == "addressee":
        return "the actor that the words are about"
    if step == "source" and isinstance(thing, Told):
        via = f", carried by {thing.via}" if thing.via else ""
        return f"speaks of it: {_standing(draft, thing.who.start, thing.who.end)}{via}"
    if step == "source":
        return "speaks, and the words name nobody else who does"
    if step == "amount" and isinstance(thing, Quantity):
        counted = f"counts {thing.of!r}" if thing.of else "a bare number"
        span = thing.span
        standing = _standing(draft, span.start, span.end) if span is not None else "no words"
        return f"{counted}, read as {thing.measure}: {standing}"
    if isinstance(thing, Pinned) and step == "ground":
        return _of_ground(draft, thing)
    if isinstance(thing, tuple) and step == "moment":
        mention, resolved = thing
        how = "its day taken from the context" if resolved.inferred else "said"
        return f"{_standing(draft, mention.start, mention.end)}, {how}"
    return {
        "taken_up": "told once more of this event",
        "inherited": "taken from the event told just before",
        "home": "whoever decides it is at home there",
        "ground": "the state whose ground it is",
        "amount": "whom the count names",
        "moment": "the time told beside it",
        "argument": "beside the trigger",
    }[step]


def _path(frame: Frame, at: int, thing: Thing) -> str:
    """The argument of the trigger that a party was read from, and how it came to be this name."""
    token = frame.analysis.tree.tokens[at]
    if at == frame.token:
        return f"the trigger's own word {token.text!r} names whom it is about"
    ways = [name for path, name in PATHS.items() if at in frame.args.at(path)]
    ways += [f"'{word}'-phrase" for word in sorted(frame.args.preps) if at in frame.args.preps[word]]
    way = " and ".join(ways) or "argument"
    read = ""
    if isinstance(thing, Who) and (token.tag.startswith("PRP") or not thing.start <= token.start < thing.end):
        beside = frame.analysis.tree.head_of_span(thing.start, thing.end)
        named = beside is not None and beside.i != at
        read = f", read as {beside.text!r}" if beside is not None and named else f", which stands for {thing.name}"
    return f"{way} of {frame.head.text!r}: {token.text!r} ({token.dep}){read}"


def _of_ground(draft: Draft, pinned: Pinned) -> str:
    if pinned.inferred:
        return "not said beside it, taken from the context"
    return f"{_standing(draft, pinned.place.start, pinned.place.end)}{_of_gazetteer(pinned)}"


def _of_gazetteer(thing: Thing) -> str:
    reasons = thing.place.reasons if isinstance(thing, Pinned) else ()
    return f"; {', '.join(reasons)}" if reasons else ""


def _standing(draft: Draft, start: int, end: int) -> str:
    """Where words stand in the sentence: their head, its label, and the word that they hang on."""
    tree = draft.frame.analysis.tree
    head: Token | None = tree.head_of_span(start, end)
    if head is None:
        return "told in another sentence"
    above = tree.head(head.i)
    return f"{head.text!r} ({head.dep} of {above.text!r})" if above.i != head.i else f"{head.text!r} ({head.dep})"
