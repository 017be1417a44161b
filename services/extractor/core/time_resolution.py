"""Which instant a time mention is, once publication and zone are known.

Both ends of a resolved time are the beginnings of their units: "1992-95" runs from 1 January 1992 to
1 January 1995 with the precision `year`. Only a part of the day ends on its own hour.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from services.extractor.core.time_mentions import (
    NIGHTS,
    PRECISIONS,
    CalendarDay,
    Clock,
    Day,
    Moment,
    Months,
    PartOfDay,
    Period,
    Precision,
    Resolved,
    Shift,
    Span,
    Tense,
    TimeMention,
    Unit,
    Weekday,
    Which,
    Years,
)

# Far enough to meet a 29 February, also around 1900 and 2100, which have none.
LEAP_SEARCH_YEARS = 8
# A night that has begun less than this before a report is not yet the night that it tells of.
NIGHT_TOLD_MIN = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class _Now:
    published: datetime
    today: date
    zone: tzinfo
    tense: Tense
    anchor: Resolved | None

    def midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone)

    def anchor_day(self) -> date | None:
        """The day of the context; None without one, or where it is no finer than a week."""
        if self.anchor is None or PRECISIONS.index(self.anchor.precision) > PRECISIONS.index("day"):
            return None
        return self.anchor.start.astimezone(self.zone).date()


def resolve_mention(
    mention: TimeMention, *, published: datetime, zone: tzinfo, tense: Tense, anchor: Resolved | None
) -> Resolved | None:
    """The instant or range a mention stands for; None where the text does not support one.

    `published` is aware. `anchor` is the time the text was at, for "the next day" or a bare clock.
    """
    if tense == "past" and mention.relation in ("until", "by") and isinstance(mention.moment.day, CalendarDay):
        tense = "present"  # "the border was closed until 9 August": the date nearest, on either side
    now = _Now(published, published.astimezone(zone).date(), zone, tense, anchor)
    try:
        first = _resolve(mention.moment, mention.relation, now)
        if first is None or mention.until is None:
            return first
        return _range(first, mention.moment, mention.until, now)
    except (ValueError, OverflowError):
        return None  # a day the calendar has not: 31 June, a million years ago


def _resolve(moment: Moment, relation: str | None, now: _Now) -> Resolved | None:
    if moment.shift is not None:
        return _shifted(moment.shift, relation, now)
    day: date | None = None
    if moment.day is not None:
        day = _day(moment.day, moment.period, now)
        if day is None:
            return None
    if moment.clock is not None:
        return _at_clock(moment.clock, moment.part, day, now)
    if moment.part is not None:
        return _in_part(moment.part, day, moment.into, now)
    if day is not None:
        return Resolved(now.midnight(day), None, "day", inferred=False)
    if moment.period is not None:
        return _period(moment.period, now)
    return None


def _settled(at: datetime, now: _Now) -> datetime:
    """Moves a time whose day nobody said to the side of publication that its tense asks for."""
    if now.tense == "past" and at > now.published:
        return at - timedelta(days=1)
    if now.tense == "future" and at < now.published:
        return at + timedelta(days=1)
    return at


def _at_clock(clock: Clock, part: PartOfDay | None, day: date | None, now: _Now) -> Resolved | None:
    zone = clock.zone or now.zone
    hour = clock.hour
    if part is not None and not clock.half_known and part.start >= time(12) and hour < 12:
        hour += 12
    clock_time = time(hour, clock.minute)
    inferred = day is None
    if day is not None:
        at = datetime.combine(day, clock_time, zone)
    elif now.anchor is not None:
        day = now.anchor_day()
        if day is None:
            return None
        at = datetime.combine(day, clock_time, zone)
    else:
        at = _settled(datetime.combine(now.published.astimezone(zone).date(), clock_time, zone), now)
    return Resolved(at.astimezone(now.zone), None, clock.precision, inferred)


def _in_part(part: PartOfDay, day: date | None, into: bool, now: _Now) -> Resolved | None:
    if part.name == "overnight" or into:
        if day is None:
            day = now.today if now.tense == "future" else now.today - timedelta(days=1)
        elif into or (now.tense == "past" and datetime.combine(day, part.start, now.zone) > now.published):
            day -= timedelta(days=1)
        return Resolved(
            datetime.combine(day, part.start, now.zone), _end_of_part(part, day, now), "part_of_day", inferred=False
        )
    if day is not None:
        return Resolved(datetime.combine(day, part.start, now.zone), None, "part_of_day", inferred=False)
    if now.anchor is not None:
        day = now.anchor_day()
        if day is None:
            return None
        return Resolved(datetime.combine(day, part.start, now.zone), None, "part_of_day", inferred=True)
    at = datetime.combine(now.today, part.start, now.zone)
    if now.tense == "future" and at < now.published < _end_of_part(part, now.today, now):
        return Resolved(at, None, "part_of_day", inferred=True)
    if part.name in NIGHTS and now.tense == "past" and now.published < at + NIGHT_TOLD_MIN:
        at = datetime.combine(now.today - timedelta(days=1), part.start, now.zone)
    return Resolved(_settled(at, now), None, "part_of_day", inferred=True)


def _end_of_part(part: PartOfDay, day: date, now: _Now) -> datetime:
    return datetime.combine(day + timedelta(days=part.end <= part.start), part.end, now.zone)


def _day(day: Day, period: Period | None, now: _Now) -> date | None:
    if isinstance(day, Which):
        base = now.anchor_day() if day.context else now.today
        return None if base is None else base + timedelta(days=day.shift)
    if isinstance(day, Weekday):
        return _weekday(day, period, now)
    if day.year is not None:
        return date(day.year, day.month, day.day)
    if isinstance(period, Span):
        base = _base_day(period.which, now)
        return None if base is None else date(base.year + _shift_of(period.which), day.month, day.day)
    return _nearest(day.month, day.day, now.today, now.tense)


def _shift_of(which: Which | None) -> int:
    return 0 if which is None else which.shift


def _base_day(which: Which | None, now: _Now) -> date | None:
    """The day that last, this and next count from: with a coarse anchor, its first."""
    if which is None or not which.context:
        return now.today
    return None if now.anchor is None else now.anchor.start.astimezone(now.zone).date()


def _weekday(day: Weekday, period: Period | None, now: _Now) -> date | None:
    if isinstance(period, Span):
        base = _base_day(period.which, now)
        if base is None:
            return None
        return base + timedelta(days=day.index - base.weekday() + 7 * _shift_of(period.which))
    base = _base_day(day.which, now)
    if base is None:
        return None
    back, ahead = (base.weekday() - day.index) % 7, (day.index - base.weekday()) % 7
    shift = _shift_of(day.which)
    if shift < 0:
        return base - timedelta(days=back or 7)
    if shift > 0:
        return base + timedelta(days=ahead or 7)
    # In the present tense a weekday is taken as past: a report tells what has been seen.
    return base + timedelta(days=ahead) if now.tense == "future" else base - timedelta(days=back)


def _nearest(month: int, day: int, today: date, tense: Tense) -> date | None:
    """The date without a year that is nearest before (past) or after (future) today, today included."""
    found: list[date] = []
    for year in range(today.year - LEAP_SEARCH_YEARS, today.year + LEAP_SEARCH_YEARS + 1):
        try:
            candidate = date(year, month, day)
        except ValueError:
            continue
        if tense == "present" or (candidate <= today if tense == "past" else candidate >= today):
            found.append(candidate)
    return min(found, key=lambda candidate: abs(candidate - today), default=None)


def _period(period: Period, now: _Now) -> Resolved | None:
    if isinstance(period, Years):
        start = now.midnight(date(period.year, 1, 1))
        end = now.midnight(date(period.year + period.count - 1, 1, 1)) if period.count > 1 else None
        return Resolved(start, end, "year", inferred=False)
    if isinstance(period, Months):
        return _months(period, now)
    base = _base_day(period.which, now)
    if base is None:
        return None
    shift = _shift_of(period.which)
    if period.unit == "weekend":
        saturday = base + timedelta(days=5 - base.weekday() + 7 * shift)
        if period.which is None and now.tense != "future" and saturday > now.today:
            saturday -= timedelta(days=7)
        sunday = now.midnight(saturday + timedelta(days=1))
        return Resolved(now.midnight(saturday), sunday, "day", inferred=False)
    return _edge_of_span(period, base, shift, now)


def _edge_of_span(period: Span, base: date, shift: int, now: _Now) -> Resolved:
    if period.unit == "week":
        monday = base + timedelta(days=7 * shift - base.weekday())
        return Resolved(now.midnight(monday), None, "week", inferred=False)
    if period.unit == "month":
        first = _add_months(base, shift)
        if period.edge == "end":
            return Resolved(now.midnight(_add_months(first, 1) - timedelta(days=1)), None, "day", inferred=False)
        return Resolved(now.midnight(first), None, "day" if period.edge == "start" else "month", inferred=False)
    month = 12 if period.edge == "end" else 1
    precision: Precision = "month" if period.edge in ("start", "end") else "year"
    return Resolved(now.midnight(date(base.year + shift, month, 1)), None, precision, inferred=False)


def _months(period: Months, now: _Now) -> Resolved | None:
    if period.count > 1 and period.month == 12 and period.year is not None:
        # "the winter of 1994" may be either end of that year: no more than the year is said.
        return Resolved(now.midnight(date(period.year, 1, 1)), None, "year", inferred=False)
    year = period.year
    if period.of_year is not None:
        base = _base_day(period.of_year.which, now)
        if base is None:
            return None
        year = base.year + _shift_of(period.of_year.which)
    if year is None:
        base = _base_day(period.which, now)
        if base is None:
            return None
        this, shift = base.replace(day=1), _shift_of(period.which)
        year = this.year
        # "last March" is the nearest one that is over, "this March" this year's.
        ended = _add_months(date(year, period.month, 1), period.count - 1)
        if shift < 0 and ended >= this:
            year -= 1
        elif shift > 0 and date(year, period.month, 1) <= this:
            year += 1
        elif period.which is None:
            if now.tense == "future" and ended < this:
                year += 1
            elif now.tense != "future" and date(year, period.month, 1) > this:
                year -= 1
    first = date(year, period.month, 1)
    end = now.midnight(_add_months(first, period.count - 1)) if period.count > 1 else None
    return Resolved(now.midnight(first), end, "month", inferred=False)


def _add_months(day: date, months: int) -> date:
    """The first of the month so many months on."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


def _shifted(shift: Shift, relation: str | None, now: _Now) -> Resolved | None:
    if shift.count is None:
        return None
    if shift.origin == "none":
        if relation == "within" and now.tense != "past":
            return _window(shift.count, shift.unit, 1, now)
        if relation == "in" and now.tense == "future":
            return _moved(now.published, shift.unit, shift.count, now, inferred=False)
        return None
    if shift.origin == "window":
        return _window(shift.count, shift.unit, shift.sign, now)
    steps = shift.sign * shift.count
    if shift.origin == "publication":
        return _moved(now.published, shift.unit, steps, now, inferred=False)
    if now.anchor is None:
        return None if shift.origin == "context" else _moved(now.published, shift.unit, steps, now, inferred=True)
    if PRECISIONS.index(now.anchor.precision) > PRECISIONS.index(shift.unit):
        return None  # three hours after some day in March is no hour
    return _moved(now.anchor.start, shift.unit, steps, now, inferred=False)


def _moved(origin: datetime, unit: Unit, steps: int, now: _Now, *, inferred: bool) -> Resolved:
    local = origin.astimezone(now.zone)
    if unit in ("minute", "hour"):
        delta = timedelta(minutes=steps) if unit == "minute" else timedelta(hours=steps)
        # Through UTC: wall clocks jump with summer time, elapsed time does not.
        at = (origin.astimezone(UTC) + delta).astimezone(now.zone).replace(second=0, microsecond=0)
        return Resolved(at, None, unit, inferred)
    day = local.date()
    if unit == "day":
        day += timedelta(days=steps)
    elif unit == "week":
        day += timedelta(days=7 * steps - day.weekday())
    elif unit == "month":
        day = _add_months(day, steps)
    else:
        day = date(day.year + steps, 1, 1)
    return Resolved(now.midnight(day), None, unit, inferred)


def _window(count: int, unit: Unit, sign: int, now: _Now) -> Resolved:
    """So many units up to publication, or from it on."""
    if unit == "week":
        count, unit = 7 * count, "day"
    far, near = (_moved(now.published, unit, steps, now, inferred=False) for steps in (sign * count, 0))
    if sign > 0:
        far, near = near, far
    return replace(far, end=near.start)


def _range(first: Resolved, moment: Moment, until: Moment, now: _Now) -> Resolved | None:
    local_start = first.start.astimezone(now.zone)
    # Whatever the far end leaves open is the first that follows the near end.
    after = replace(now, today=local_start.date(), published=first.start, tense="future", anchor=None)
    if isinstance(until.day, Which) or isinstance(until.period, Span) or until.shift is not None:
        after = replace(now, anchor=first)
    last = _resolve(until, None, after)
    if last is None:
        return None
    end = last.start
    if (
        moment.part is not None
        and moment.part.name in NIGHTS
        and until.part is None
        and until.clock is None
        and until.day is not None
    ):
        end = datetime.combine(end.astimezone(now.zone).date(), moment.part.end, now.zone)
    if end <= first.start:
        return None
    return replace(first, end=end)
