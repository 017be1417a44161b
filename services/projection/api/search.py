"""Search: words in events, reports and incidents at once, each hit with the piece of text that has them."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi import Query as InQuery
from pydantic import BaseModel, Field

from services.projection.api.answers import Answer
from services.projection.api.context import Context, position
from services.projection.api.params import SearchQuery, refuse_doubled
from services.projection.api.routes_models import PROBLEMS
from services.projection.core.snippets import Snippet, snippet
from services.projection.core.words import texts_of
from services.projection.store.filters import ReportFilter
from services.projection.store.read_search import search
from shared.model import Instant


class EventHit(BaseModel):
    event_id: str
    kind: str
    report_id: str
    outlet: str
    reported_at: Instant
    snippet: Snippet


class ReportHit(BaseModel):
    report_id: str
    outlet: str
    title: str | None = None
    published_at: Instant
    withdrawn: bool
    snippet: Snippet


class IncidentHit(BaseModel):
    incident_id: str
    kind: str
    earliest: Instant
    claims: int
    contested: bool
    snippet: Snippet


class Found(Answer):
    """The newest of each sort. `more` names the sorts of which there are more: page through them with the same `q`."""

    events: list[EventHit]
    incidents: list[IncidentHit]
    reports: list[ReportHit]
    more: list[str] = Field(description="Of events, incidents, reports.")


def search_router(context: Context) -> APIRouter:
    """GET /v1/search."""
    router = APIRouter(prefix="/v1", tags=["search"], dependencies=[Depends(refuse_doubled)])

    @router.get("/search", response_model=Found, response_model_exclude_none=True, responses=PROBLEMS)
    async def get_search(query: Annotated[SearchQuery, InQuery()]) -> Found:
        """Events, incidents and reports that have all the words. Filters that no report has leave reports out."""
        wanted = query.event_filter()
        await context.wait(query)
        only_events = query.model_fields_set & {
            "kind", "status", "country", "place", "bbox", "near", "actor", "source", "report_id", "confidence_min",
            "from_", "to",
        }  # fmt: skip
        of_reports = ReportFilter(outlets=tuple(query.outlet), as_of_us=wanted.as_of_us, q=query.q)
        found = await search(context.engine, wanted, None if only_events else of_reports, query.limit)
        events, incidents, reports = found.events, found.incidents, found.reports
        more = {
            "events": events.next_key is not None,
            "incidents": len(incidents.items) > query.limit,
            "reports": reports is not None and reports.next_key is not None,
        }
        return Found(
            events=[
                EventHit(
                    event_id=event.id,
                    kind=event.kind,
                    report_id=event.report_id,
                    outlet=event.outlet,
                    reported_at=event.reported_at,
                    snippet=snippet(texts_of(event), query.q),
                )
                for event in events.items
            ],
            incidents=[
                IncidentHit(
                    incident_id=incident.id,
                    kind=incident.kind,
                    earliest=incident.earliest,
                    claims=len(incident.claims),
                    contested=incident.contested,
                    snippet=snippet((quote for claim in incident.claims for quote in claim.quotes), query.q),
                )
                for incident in incidents.items[: query.limit]
            ],
            reports=[
                ReportHit(
                    report_id=report.id,
                    outlet=report.outlet,
                    title=report.title,
                    published_at=report.published_at,
                    withdrawn=withdrawn,
                    snippet=snippet((report.body, report.title or ""), query.q),
                )
                for report, withdrawn in (reports.items if reports else ())
            ],
            more=[name for name, there in more.items() if there],
            position=position(events.positions),
        )

    return router
