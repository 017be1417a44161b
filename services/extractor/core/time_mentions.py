"""What a time mention says, as found in the text, and what it is once resolved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, tzinfo
from typing import Literal

Precision = Literal["minute", "hour", "part_of_day", "day", "week", "month", "year"]
Tense = Literal["past", "present", "future"]
Unit = Literal["minute", "hour", "day", "week", "month", "year"]
Origin = Literal["publication", "either", "context", "window", "none"]

PRECISIONS: tuple[Precision, ...] = ("minute", "hour", "part_of_day", "day", "week", "month", "year")
# The parts that run over midnight: of two days named, they begin on one and end on the other.
NIGHTS = frozenset({"night", "overnight"})


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day; `zone` None is the place's own, `half_known` False where 10:00 may be the evening's."""

    hour: int
    minute: int
    zone: tzinfo | None
    precision: Literal["minute", "hour"]
    half_known: bool


@dataclass(frozen=True, slots=True)
class PartOfDay:
    """A named part of the day in local time; an end not after its start is on the next day."""

    name: str
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Which:
    """last, this, next: counted from publication, or from the day the text is at (`context`)."""

    shift: int
    context: bool


@dataclass(frozen=True, slots=True)
class Weekday:
    """A day of the week, Monday 0."""

    index: int
    which: Which | None


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day of a month, with the year where it is written."""

    month: int
    day: int
    year: int | None


@dataclass(frozen=True, slots=True)
class Span:
    """A week, weekend, month or year by its place beside now; `which` None is the one spoken of."""

    unit: Literal["week", "weekend", "month", "year"]
    which: Which | None
    edge: str | None = None


@dataclass(frozen=True, slots=True)
class Months:
    """A named month, or a season of three."""

    month: int
    count: int
    year: int | None
    which: Which | None
    of_year: Span | None = None  # "in March this year"


@dataclass(frozen=True, slots=True)
class Years:
    """A year, or a decade of ten."""

    year: int
    count: int


@dataclass(frozen=True, slots=True)
class Shift:
    """A number of units before (-1) or after (+1) its origin; `count` None where the text gives no number."""

    count: int | None
    unit: Unit
    sign: int
    origin: Origin


Day = Weekday | Which | CalendarDay
Period = Span | Months | Years


@dataclass(frozen=True, slots=True)
class Moment:
    """What one expression says; None where it does not say. All None: nothing that can be resolved."""

    clock: Clock | None = None
    part: PartOfDay | None = None
    day: Day | None = None
    period: Period | None = None
    shift: Shift | None = None
    into: bool = False  # "overnight into Tuesday": the night that ends on the day named


@dataclass(frozen=True, slots=True)
class TimeMention:
    """A stretch of text that tells a time.

    `start` and `end` cut `text` out of the whole string (code points). `relation` is the canonical
    preposition in front of it, which begins at `relation_start` (`start` where there is none).
    `until` is the far end of a range.
    """

    start: int
    end: int
    text: str
    relation: str | None
    relation_start: int
    moment: Moment
    until: Moment | None = None


@dataclass(frozen=True, slots=True)
class Resolved:
    """An aware time in the zone asked for. `end` only where the text bounds it; `inferred` where the day
    was taken from the context rather than said."""

    start: datetime
    end: datetime | None
    precision: Precision
    inferred: bool
