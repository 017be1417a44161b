"""Instants as integers, and the window of time that an event may have filled."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from shared.events.base import BaseEvent, Precision

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LAST_US: Final = (datetime(9999, 12, 31, tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)
"""The last instant that can be written with four digits of year."""

FIRST_US: Final = (datetime(1, 1, 2, tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)
"""And the first; a day in, because offsets reach that far."""

MINUTE_US: Final = 60_000_000
HOUR_US: Final = 60 * MINUTE_US
DAY_US: Final = 24 * HOUR_US

WIDTH_US: Final[dict[Precision, int]] = {
    "minute": MINUTE_US,
    "hour": HOUR_US,
    "part_of_day": 6 * HOUR_US,
    "day": DAY_US,
    "week": 7 * DAY_US,
    "month": 31 * DAY_US,
    "year": 366 * DAY_US,
}
"""How long a time of that precision may last, where the report gives no end. The longest month and year, so that
nothing that might overlap is said not to."""


def microseconds(instant: datetime) -> int:
    """Microseconds since 1970 UTC, exact. `instant` has an offset."""
    since = instant - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def instant(us: int) -> datetime:
    """The instant in UTC, held within the years that can be written."""
    return EPOCH + timedelta(microseconds=max(min(us, LAST_US), FIRST_US))


@dataclass(frozen=True, slots=True)
class Window:
    """`[from_us, until_us)`. `dated` is False where the report says no time and its publication stands in."""

    from_us: int
    until_us: int
    dated: bool


def window(event: BaseEvent) -> Window:
    """When the event may have happened; without a time in the report, the moment of its publication."""
    occurred = event.occurred
    if occurred is None:
        reported = microseconds(event.reported_at)
        return Window(reported, reported + 1, dated=False)
    start = microseconds(occurred.start)
    end = microseconds(occurred.end) if occurred.end else start + WIDTH_US[occurred.precision]
    return Window(start, max(end, start + 1), dated=True)
