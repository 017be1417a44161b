"""Exports: everything that matches, streamed page by page, so that no answer is too large to hold."""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi import Query as InQuery
from starlette.responses import StreamingResponse

from services.projection.api.context import Context
from services.projection.api.params import LIMIT_MAX, AllIncidentsQuery, Filters, refuse_doubled
from services.projection.api.parquet import PARQUET, parquet
from services.projection.api.routes_models import PROBLEMS
from services.projection.core.casualties import LedgerRow, rows
from services.projection.core.geo import event_features, features
from services.projection.core.incidents import Incident
from services.projection.core.sheets import EVENT_COLUMNS, INCIDENT_COLUMNS, LEDGER_COLUMNS, head, row
from services.projection.store import read
from services.projection.store.filters import EventFilter
from services.projection.store.read_incidents import incidents_page
from shared.codec import encode
from shared.events.base import BaseEvent
from shared.model import Model

CSV: Final = "text/csv; charset=utf-8"
NDJSON: Final = "application/x-ndjson"
GEOJSON: Final = "application/geo+json"
INCIDENTS_A_PAGE: Final = 200
"""Incidents are larger than events: each brings all its claims."""


def exports_router(context: Context) -> APIRouter:
    """Files for other tools. Rows come in order of report (events, ledger) or occurrence (incidents)."""
    router = APIRouter(
        prefix="/v1/exports", tags=["exports"], dependencies=[Depends(refuse_doubled)], responses=PROBLEMS
    )

    def answer(name: str, media_type: str, parts: AsyncIterator[str] | AsyncIterator[bytes]) -> StreamingResponse:
        return StreamingResponse(
            parts, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
        )

    async def pages(wanted: EventFilter, with_tolls: bool = False) -> AsyncIterator[tuple[BaseEvent, ...]]:
        key: tuple[int, str] | None = None
        while True:
            page = await read.events_page(
                context.engine, wanted, LIMIT_MAX, key, newest_first=False, with_tolls=with_tolls
            )
            yield page.items
            if page.next_key is None:
                return
            key = page.next_key  # type: ignore[assignment]

    async def of_events(
        wanted: EventFilter, first: str, text: Callable[[BaseEvent], str], with_tolls: bool = False
    ) -> AsyncIterator[str]:
        yield first
        async for events in pages(wanted, with_tolls):
            yield "".join(map(text, events))

    async def of_ledger(wanted: EventFilter) -> AsyncIterator[list[LedgerRow]]:
        async for events in pages(wanted, with_tolls=True):
            yield [row for event in events for row in rows(event, context.groups)]

    @router.get("/events.ndjson", response_class=StreamingResponse)
    async def get_events_ndjson(query: Annotated[Filters, InQuery()]) -> StreamingResponse:
        """One event a line, as on the log."""
        wanted = query.event_filter()
        await context.wait(query)
        return answer("events.ndjson", NDJSON, of_events(wanted, "", lambda e: encode(e).decode() + "\n"))

    @router.get("/events.csv", response_class=StreamingResponse)
    async def get_events_csv(query: Annotated[Filters, InQuery()]) -> StreamingResponse:
        """One event a row, its first place; the second row are HXL tags."""
        wanted = query.event_filter()
        await context.wait(query)
        parts = of_events(wanted, head(EVENT_COLUMNS), lambda e: row(EVENT_COLUMNS, e))
        return answer("events.csv", CSV, parts)

    @router.get("/casualties.csv", response_class=StreamingResponse)
    async def get_casualties_csv(query: Annotated[Filters, InQuery()]) -> StreamingResponse:
        """The ledger of tolls; the second row are HXL tags. Adding rows up counts people twice."""
        wanted = query.event_filter()
        await context.wait(query)

        def text(event: BaseEvent) -> str:
            return "".join(row(LEDGER_COLUMNS, r) for r in rows(event, context.groups))

        return answer("casualties.csv", CSV, of_events(wanted, head(LEDGER_COLUMNS), text, with_tolls=True))

    async def of_incidents(query: AllIncidentsQuery, wanted: EventFilter) -> AsyncIterator[tuple[Incident, ...]]:
        key: tuple[int, str, int] | None = None
        while True:
            page = await incidents_page(
                context.engine,
                wanted,
                INCIDENTS_A_PAGE,
                key,
                keep=query.keep,
                newest_first=query.order == "newest",
            )
            yield page.items
            if page.next_key is None:
                return
            key = page.next_key  # type: ignore[assignment]

    @router.get("/incidents.ndjson", response_class=StreamingResponse)
    async def get_incidents_ndjson(query: Annotated[AllIncidentsQuery, InQuery()]) -> StreamingResponse:
        """One incident a line, with all its claims."""
        wanted = query.event_filter()
        await context.wait(query)

        async def parts() -> AsyncIterator[str]:
            async for incidents in of_incidents(query, wanted):
                yield "".join(incident.model_dump_json(exclude_none=True) + "\n" for incident in incidents)

        return answer("incidents.ndjson", NDJSON, parts())

    @router.get("/incidents.geojson", response_class=StreamingResponse)
    async def get_incidents_geojson(query: Annotated[AllIncidentsQuery, InQuery()]) -> StreamingResponse:
        """The whole map as one GeoJSON file."""
        wanted = query.event_filter()
        await context.wait(query)

        async def marks() -> AsyncIterator[Sequence[Model]]:
            async for incidents in of_incidents(query, wanted):
                yield [mark for incident in incidents for mark in features(incident)]

        return answer("incidents.geojson", GEOJSON, collection(marks()))

    @router.get("/events.geojson", response_class=StreamingResponse)
    async def get_events_geojson(query: Annotated[Filters, InQuery()]) -> StreamingResponse:
        """A point for each place of each event that the gazetteer knows."""
        wanted = query.event_filter()
        await context.wait(query)

        async def marks() -> AsyncIterator[Sequence[Model]]:
            async for events in pages(wanted):
                yield [mark for event in events for mark in event_features(event)]

        return answer("events.geojson", GEOJSON, collection(marks()))

    @router.get("/incidents.csv", response_class=StreamingResponse)
    async def get_incidents_csv(query: Annotated[AllIncidentsQuery, InQuery()]) -> StreamingResponse:
        """One incident a row, its first place, its counts as ranges; the second row are HXL tags."""
        wanted = query.event_filter()
        await context.wait(query)

        async def parts() -> AsyncIterator[str]:
            yield head(INCIDENT_COLUMNS)
            async for incidents in of_incidents(query, wanted):
                yield "".join(row(INCIDENT_COLUMNS, incident) for incident in incidents)

        return answer("incidents.csv", CSV, parts())

    @router.get("/events.parquet", response_class=StreamingResponse)
    async def get_events_parquet(query: Annotated[Filters, InQuery()]) -> StreamingResponse:
        """The columns of events.csv, typed; their HXL tags are in the fields' metadata."""
        wanted = query.event_filter()
        await context.wait(query)
        return answer("events.parquet", PARQUET, parquet(EVENT_COLUMNS, pages(wanted)))

    @router.get("/casualties.parquet", response_class=StreamingResponse)
    async def get_casualties_parquet(query: Annotated[Filters, InQuery()]) -> StreamingResponse:
        """The columns of casualties.csv, typed. Adding rows up counts people twice."""
        wanted = query.event_filter()
        await context.wait(query)
        return answer("casualties.parquet", PARQUET, parquet(LEDGER_COLUMNS, of_ledger(wanted)))

    @router.get("/incidents.parquet", response_class=StreamingResponse)
    async def get_incidents_parquet(query: Annotated[AllIncidentsQuery, InQuery()]) -> StreamingResponse:
        """The columns of incidents.csv, typed."""
        wanted = query.event_filter()
        await context.wait(query)
        return answer("incidents.parquet", PARQUET, parquet(INCIDENT_COLUMNS, of_incidents(query, wanted)))

    return router


async def collection(marks: AsyncIterator[Sequence[Model]]) -> AsyncIterator[str]:
    """One GeoJSON file of many pages of features."""
    yield '{"type":"FeatureCollection","features":['
    comma = ""
    async for page in marks:
        for mark in page:
            yield comma + mark.model_dump_json(exclude_none=True)
            comma = ",\n"
    yield "]}\n"
