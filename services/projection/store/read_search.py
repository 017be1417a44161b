"""Searching events, incidents and reports at once, in one snapshot."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from services.projection.core.incidents import Incident
from services.projection.store.filters import EventFilter, ReportFilter
from services.projection.store.narrow import narrowed
from services.projection.store.read import Page, parse, payloads_page, reports_page_on, snapshot
from services.projection.store.read_incidents import incidents_page_on
from shared.events.base import BaseEvent
from shared.reports import RawReport


@dataclass(frozen=True, slots=True)
class SearchFound:
    """The newest of each sort. Of incidents one more than the limit, where there is one: a page that is full does not
    know yet whether there are more."""

    events: Page[BaseEvent]
    incidents: Page[Incident]
    reports: Page[tuple[RawReport, bool]] | None


async def search(engine: AsyncEngine, wanted: EventFilter, of_reports: ReportFilter | None, limit: int) -> SearchFound:
    """`of_reports` None: no reports."""
    async with snapshot(engine) as connection:
        wanted = await narrowed(connection, wanted)
        payloads = await payloads_page(connection, wanted, limit, None)
        incidents = await incidents_page_on(connection, wanted, limit + 1, None, keep=lambda _: True)
        reports = None if of_reports is None else await reports_page_on(connection, of_reports, limit, None)
    return SearchFound(Page(parse(payloads.items), payloads.next_key, payloads.positions), incidents, reports)
