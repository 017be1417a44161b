"""A parsed item in, what to do with it out: publish it, point at where it lies already, or refuse it."""

from dataclasses import dataclass
from datetime import datetime

from services.ingest.core.report import Refused
from services.ingest.core.seen import Lies, SeenIds
from shared.bus.port import OutgoingMessage
from shared.codec import raw_message
from shared.reports import RawReport, Report


@dataclass(frozen=True, slots=True)
class Accept:
    """To be published; `known` False: surely new, None: the index has not read the whole log yet."""

    id: str
    message: OutgoingMessage
    known: bool | None


@dataclass(frozen=True, slots=True)
class Known:
    """On the log already, at `lies`; nothing is to be published."""

    id: str
    lies: Lies


Decision = Accept | Known | Refused


def handle(item: Report | Refused, seen: SeenIds, now: datetime, trace_parent: str | None = None) -> Decision:
    """Decide on one item. `now` becomes `received_at` of a report that is accepted."""
    if isinstance(item, Refused):
        return item
    raw = RawReport.of(item, now)
    lies = seen.find(raw.id)
    if lies is not None:
        return Known(raw.id, lies)
    return Accept(raw.id, raw_message(raw, trace_parent), False if seen.complete else None)
