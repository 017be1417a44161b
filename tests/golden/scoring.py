"""How well events match reference events.

Three figures, each with precision, recall and F1:

- event: the right kind on the sentence of the reference's anchor or the one beside it;
- fact: every filled slot is one fact, which is right only on a matched event and only once;
- strict: a matched event whose places, times and quantities are all there, all right, and no others.

A reference event that is optional is not asked for; an event matched to it is neither right nor wrong.
"""

import re
import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Literal, NamedTuple, TypeVar, get_args

from shared.events.base import BaseEvent, Occurred, Quantity
from tests.golden.reference import Names, ReferenceEvent, ReferenceQuantity, ReferenceReport, ReferenceTime

Slot = Literal["kind", "status", "place", "time", "agent", "target", "quantity", "source"]
SLOTS: Final[tuple[Slot, ...]] = get_args(Slot)
CORE_SLOTS: Final[tuple[Slot, ...]] = ("place", "time", "quantity")
"""What `strict` asks of an event: the slots that a map, a timeline and a count are drawn from."""
SENTENCES_APART_MAX: Final = 1
STEM_CHARS: Final = 5
"""Enough to tell names apart and to let "Russian" meet "Russia"."""
MINUTE_SLACK_SECONDS: Final = 90
DAYS_OFF_MAX: Final[Mapping[str, int]] = {"week": 6, "month": 15, "year": 183}
"""How far a start may lie from the reference's, by the reference's precision; none for a day or a part of it."""
VAGUE_MINIMA: Final = frozenset({24, 200, 2_000, 20_000})
"""Dozens, hundreds, thousands, tens of thousands: right within a factor of three."""
GAP_COST: Final = 0.5
OPTIONAL_COST: Final = 0.25
RELIABILITY_EDGES: Final = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_EMPTY_WORDS: Final = frozenset({"the", "a", "an", "of", "and", "in", "on", "for", "its", "s"})
_SENTENCE_END: Final = re.compile(
    r"""\n\s*\n                               # a blank line
      | (?<=[a-z0-9%)][.!?])\s+(?=[A-Z"“])     # a full stop after a word, then a capital or a quotation
      | (?<=[.!?]["”’'])\s+(?=[A-Z"“])         # the same after a closing quotation mark""",
    re.VERBOSE,
)


A = TypeVar("A")
G = TypeVar("G")
K = TypeVar("K", bound=str)


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of what was right, what the reference asks and what was given."""

    right: int = 0
    asked: int = 0
    given: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.right + other.right, self.asked + other.asked, self.given + other.given)

    @property
    def precision(self) -> float:
        return self.right / self.given if self.given else 0.0

    @property
    def recall(self) -> float:
        return self.right / self.asked if self.asked else 0.0

    @property
    def f1(self) -> float:
        return 2 * self.right / (self.asked + self.given) if self.asked + self.given else 0.0

    @property
    def perfect(self) -> bool:
        return self.right == self.asked == self.given


Tallies = Mapping[Slot, Tally]


class Miss(NamedTuple):
    """One thing to look at: a missed event, a spurious one, or the slots of a matched one that are not right."""

    report: str
    trouble: str
    kind: str
    words: str


class Judged(NamedTuple):
    """An event's confidence and whether it matched any reference event, optional ones included."""

    confidence: float
    right: bool


@dataclass(frozen=True, slots=True)
class Score:
    """The score of one report, or the sum over several."""

    event: Tally = Tally()
    fact: Tally = Tally()
    strict: Tally = Tally()
    slots: Tallies = field(default_factory=dict)
    kinds: Mapping[str, Tally] = field(default_factory=dict)
    judged: tuple[Judged, ...] = ()
    misses: tuple[Miss, ...] = ()

    def __add__(self, other: "Score") -> "Score":
        return Score(
            event=self.event + other.event,
            fact=self.fact + other.fact,
            strict=self.strict + other.strict,
            slots=_summed((self.slots, other.slots)),
            kinds=_summed((self.kinds, other.kinds)),
            judged=self.judged + other.judged,
            misses=self.misses + other.misses,
        )


def _summed(tallies: Iterable[Mapping[K, Tally]]) -> dict[K, Tally]:
    total: dict[K, Tally] = defaultdict(Tally)
    for some in tallies:
        for key, tally in some.items():
            total[key] += tally
    return dict(total)


def stems(name: str) -> frozenset[str]:
    """What a name is compared by: its words without accents, case, empty words and endings."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return frozenset(word[:STEM_CHARS] for word in re.findall(r"[a-z0-9]+", plain) if word not in _EMPTY_WORDS)


def same_name(asked: Names, given: str) -> bool:
    """Whether one of the names says the same as the given one, or less, or more."""
    have = stems(given)
    wanted = [stems(name) for name in asked]
    return bool(have) and any(want and (want <= have or have <= want) for want in wanted)


def same_quantity(asked: ReferenceQuantity, given: Quantity) -> bool:
    """Same measure and same bounds. One bound that is given where the other is open is right by itself."""
    if asked.measure != given.measure:
        return False
    if asked.min in VAGUE_MINIMA and asked.max is None:
        return given.min is not None and asked.min <= 3 * given.min <= 9 * asked.min
    if (asked.min, asked.max) == (given.min, given.max):
        return True
    one_sided = asked.min is None or asked.max is None
    return one_sided and (asked.min or asked.max) in (given.min, given.max)


def same_time(asked: ReferenceTime, given: Occurred, report: ReferenceReport) -> bool:
    """Same start, as finely as the reference tells it: the minute, else the day by the clock of the theatre."""
    if asked.precision == "minute" and isinstance(asked.start, datetime):
        return abs((asked.start - given.start).total_seconds()) < MINUTE_SLACK_SECONDS
    asked_day: date = asked.start.date() if isinstance(asked.start, datetime) else asked.start
    days_off = abs((asked_day - report.local_date(given.start)).days)
    return days_off <= DAYS_OFF_MAX.get(asked.precision, 0)


def compare(report: ReferenceReport, asked: ReferenceEvent | None, given: BaseEvent | None) -> dict[Slot, Tally]:
    """The facts of an event against those of a reference event, slot by slot; either of them may be absent."""
    a_time = [asked.time] if asked and asked.time else []
    g_time = [given.occurred] if given and given.occurred and not given.occurred.inferred else []
    g_people = given.participants if given else ()
    return {
        "kind": _tally([asked.kind] if asked else [], [given.kind] if given else [], str.__eq__),
        "status": _tally([asked.status] if asked else [], [given.status] if given else [], str.__eq__),
        "place": _tally(
            [p.name for p in asked.places] if asked else [], [p.name for p in given.places] if given else [], same_name
        ),
        "time": _tally(a_time, g_time, lambda a, g: same_time(a, g, report)),
        "agent": _tally(asked.agents if asked else (), [p.name for p in g_people if p.role == "agent"], same_name),
        "target": _tally(asked.targets if asked else (), [p.name for p in g_people if p.role == "target"], same_name),
        "quantity": _tally(asked.quantities if asked else (), given.quantities if given else (), same_quantity),
        "source": _tally(asked.sources if asked else (), [s.name for s in given.sources] if given else [], same_name),
    }


def _tally(asked: Sequence[A], given: Sequence[G], agree: Callable[[A, G], bool]) -> Tally:
    """Each given value answers one asked value at the most."""
    left = list(given)
    right = 0
    for value in asked:
        at = next((n for n, candidate in enumerate(left) if agree(value, candidate)), None)
        if at is not None:
            del left[at]
            right += 1
    return Tally(right, len(asked), len(given))


class Pair(NamedTuple):
    """A reference event and an event that were matched, by their positions, and how their slots compare."""

    asked: int
    given: int
    slots: dict[Slot, Tally]


def match(report: ReferenceReport, events: Sequence[BaseEvent]) -> list[Pair]:
    """The best pairs first: those that share most facts, on the same sentence, with one that is asked for."""
    starts = [0, *(m.end() for m in _SENTENCE_END.finditer(report.body))]
    candidates: list[tuple[float, Pair]] = []
    for a, asked in enumerate(report.events):
        at = report.body.index(asked.anchor)
        first, last = _sentence(starts, at), _sentence(starts, at + len(asked.anchor) - 1)
        for g, given in enumerate(events):
            gap = _gap(starts, given, first, last)
            if given.kind != asked.kind or gap > SENTENCES_APART_MAX:
                continue
            slots = compare(report, asked, given)
            shared = sum(t.right for t in slots.values())
            worth = shared - GAP_COST * gap - (OPTIONAL_COST if asked.optional else 0.0)
            candidates.append((worth, Pair(a, g, slots)))
    candidates.sort(key=lambda c: (-c[0], c[1].asked, c[1].given))
    asked_taken: set[int] = set()
    given_taken: set[int] = set()
    pairs = []
    for _, pair in candidates:
        if pair.asked not in asked_taken and pair.given not in given_taken:
            asked_taken.add(pair.asked)
            given_taken.add(pair.given)
            pairs.append(pair)
    return pairs


def _sentence(starts: Sequence[int], at: int) -> int:
    return bisect_right(starts, at) - 1


def _gap(starts: Sequence[int], event: BaseEvent, first: int, last: int) -> int:
    """How many sentences lie between the event's nearest evidence and the anchor, whose sentences are first to last."""
    ranges = [(_sentence(starts, e.start), _sentence(starts, max(e.start, e.end - 1))) for e in event.evidence]
    return min(max(0, low - last, first - high) for low, high in ranges)


def score_report(report: ReferenceReport, events: Sequence[BaseEvent]) -> Score:
    """The score of one report's events."""
    pairs = match(report, events)
    asked_in_pair = {p.asked for p in pairs}
    given_in_pair = {p.given for p in pairs}
    judged = tuple(Judged(e.confidence, n in given_in_pair) for n, e in enumerate(events))
    total = Score(judged=judged)
    for pair in pairs:
        if not report.events[pair.asked].optional:
            total += _of_pair(report, report.events[pair.asked], pair.slots)
    for n, asked in enumerate(report.events):
        if n not in asked_in_pair and not asked.optional:
            facts = sum(t.asked for t in compare(report, asked, None).values())
            miss = Miss(report.id, "missed", asked.kind, asked.anchor)
            total += _of_single(Tally(asked=1), Tally(asked=facts), miss)
    for n, given in enumerate(events):
        if n not in given_in_pair:
            facts = sum(t.given for t in compare(report, None, given).values())
            miss = Miss(report.id, "spurious", given.kind, given.evidence[0].quote)
            total += _of_single(Tally(given=1), Tally(given=facts), miss)
    return total


def _of_pair(report: ReferenceReport, asked: ReferenceEvent, slots: Tallies) -> Score:
    one = Tally(1, 1, 1)
    wrong = ", ".join(slot for slot in SLOTS if not slots[slot].perfect)
    return Score(
        event=one,
        fact=sum(slots.values(), Tally()),
        strict=Tally(int(all(slots[slot].perfect for slot in CORE_SLOTS)), 1, 1),
        slots=slots,
        kinds={asked.kind: one},
        misses=(Miss(report.id, wrong, asked.kind, asked.anchor),) if wrong else (),
    )


def _of_single(event: Tally, facts: Tally, miss: Miss) -> Score:
    return Score(event=event, fact=facts, strict=event, kinds={miss.kind: event}, misses=(miss,))


class Bin(NamedTuple):
    """Events whose confidence lies in [low, high), the last bin with its upper edge."""

    low: float
    high: float
    events: int
    right: int


def reliability(judged: Iterable[Judged]) -> tuple[Bin, ...]:
    """For each range of confidence: how many events, and how many of them match a reference event."""
    by_bin: dict[int, list[bool]] = defaultdict(list)
    last = len(RELIABILITY_EDGES) - 2
    for confidence, right in judged:
        by_bin[min(bisect_right(RELIABILITY_EDGES, confidence) - 1, last)].append(right)
    return tuple(
        Bin(RELIABILITY_EDGES[n], RELIABILITY_EDGES[n + 1], len(by_bin[n]), sum(by_bin[n])) for n in range(last + 1)
    )
