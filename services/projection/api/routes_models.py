"""Events, timeline, incidents, casualties, measures and reports."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Request
from fastapi import Query as InQuery
from starlette.responses import RedirectResponse, Response

from services.projection.api.answers import (
    Casualties,
    EventAnswer,
    Events,
    IncidentAnswer,
    Incidents,
    Mark,
    Measures,
    ReportAnswer,
    Reports,
    ReportSummary,
    Timeline,
    Tolls,
    WithdrawnBy,
)
from services.projection.api.context import Context, after_key, next_cursor, position
from services.projection.api.params import (
    AsOf,
    CasualtiesQuery,
    EventsQuery,
    IncidentsQuery,
    MeasuresQuery,
    Query,
    ReportsQuery,
    TimelineQuery,
    TollsQuery,
    refuse_doubled,
)
from services.projection.core.casualties import rows
from services.projection.core.timeline import entry
from services.projection.core.times import instant, microseconds
from services.projection.store import read
from services.projection.store.read_incidents import incident_of, incidents_page
from services.projection.store.read_measures import measures_page
from services.projection.store.read_tolls import tolls_page
from shared.web.problems import Problem, ProblemDetails, ProblemError

PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    400: {"model": ProblemDetails, "description": "A parameter is wrong; the answer names it and the mend."},
    503: {"model": ProblemDetails, "description": "`min_position` was not reached in time."},
}
NOT_FOUND: Final[dict[int | str, dict[str, Any]]] = {404: {"model": ProblemDetails}, **PROBLEMS}

EventIdPath = Annotated[str, Path(pattern=r"^e_[0-9a-f]{32}$")]
IncidentIdPath = Annotated[str, Path(pattern=r"^i_[0-9a-f]{32}$")]
ReportIdPath = Annotated[str, Path(pattern=r"^r_[0-9a-f]{32}$")]


def not_found(what: str, mend: str) -> ProblemError:
    return ProblemError(Problem(404, "not-found", f"There is no such {what}", mend))


def models_router(context: Context) -> APIRouter:
    """The read models."""
    router = APIRouter(prefix="/v1", dependencies=[Depends(refuse_doubled)])
    engine = context.engine

    @router.get("/events", response_model=Events, response_model_exclude_none=True, responses=PROBLEMS, tags=["events"])
    async def get_events(request: Request, query: Annotated[EventsQuery, InQuery()]) -> Events:
        """Typed events with their claims."""
        wanted, key = query.event_filter(), after_key(request, query, (0, ""))
        await context.wait(query)
        page = await read.events_page(engine, wanted, query.limit, key, newest_first=query.order == "newest")  # type: ignore[arg-type]
        return Events(
            items=list(page.items),
            next=next_cursor(request, page.next_key),
            position=position(page.positions),
        )

    @router.get(
        "/events/{event_id}",
        response_model=EventAnswer,
        response_model_exclude_none=True,
        responses=NOT_FOUND,
        tags=["events"],
    )
    async def get_event(event_id: EventIdPath, query: Annotated[Query, InQuery()]) -> EventAnswer:
        """One event, though its report may have been withdrawn."""
        await context.wait(query)
        event, counts, positions = await read.event_by_id(engine, event_id)
        if event is None:
            raise not_found("event", "Look in /v1/events, or wait for it with min_position.")
        return EventAnswer(event=event, counts=counts, position=position(positions))

    @router.get(
        "/timeline", response_model=Timeline, response_model_exclude_none=True, responses=PROBLEMS, tags=["timeline"]
    )
    async def get_timeline(request: Request, query: Annotated[TimelineQuery, InQuery()]) -> Timeline:
        """What happened, in the order in which it happened, as far as that is said."""
        wanted, key = query.event_filter(), after_key(request, query, (0, ""))
        await context.wait(query)
        page = await read.events_page(
            engine,
            wanted,
            query.limit,
            key,  # type: ignore[arg-type]
            by_occurrence=True,
            newest_first=query.order == "newest",
        )
        return Timeline(
            items=[entry(event) for event in page.items],
            next=next_cursor(request, page.next_key),
            position=position(page.positions),
        )

    @router.get(
        "/incidents", response_model=Incidents, response_model_exclude_none=True, responses=PROBLEMS, tags=["incidents"]
    )
    async def get_incidents(request: Request, query: Annotated[IncidentsQuery, InQuery()]) -> Incidents:
        """Occurrences with the claims of all reports that tell of them; a filter asks for at least one such claim."""
        wanted, key = query.event_filter(), after_key(request, query, (0, "", 0))
        await context.wait(query)

        page = await incidents_page(
            engine,
            wanted,
            query.limit,
            key,  # type: ignore[arg-type]
            keep=query.keep,
            newest_first=query.order == "newest",
        )
        return Incidents(
            items=list(page.items), next=next_cursor(request, page.next_key), position=position(page.positions)
        )

    @router.get(
        "/incidents/{incident_id}",
        response_model=IncidentAnswer,
        response_model_exclude_none=True,
        responses=NOT_FOUND | {308: {"description": "The incident has another id by now."}},
        tags=["incidents"],
    )
    async def get_incident(
        request: Request, incident_id: IncidentIdPath, query: Annotated[AsOf, InQuery()]
    ) -> IncidentAnswer | Response:
        """One occurrence. An id from before it was merged or split leads on to the present one."""
        await context.wait(query)
        incident, positions = await incident_of(engine, "e_" + incident_id[2:], query.as_of_us())
        if incident is None:
            raise not_found("incident", "Its reports may have been withdrawn, or not yet filed at `as_of`.")
        if incident.id != incident_id:
            return RedirectResponse(str(request.url.replace(path=f"/v1/incidents/{incident.id}")), 308)
        return IncidentAnswer(incident=incident, position=position(positions))

    @router.get(
        "/casualties",
        response_model=Casualties,
        response_model_exclude_none=True,
        responses=PROBLEMS,
        tags=["casualties"],
    )
    async def get_casualties(request: Request, query: Annotated[CasualtiesQuery, InQuery()]) -> Casualties:
        """The ledger of tolls, newest report first; `limit` counts events, each with all its rows."""
        wanted, key = query.event_filter(), after_key(request, query, (0, ""))
        await context.wait(query)
        page = await read.events_page(engine, wanted, query.limit, key, with_tolls=True)  # type: ignore[arg-type]
        return Casualties(
            items=[row for event in page.items for row in rows(event, context.groups)],
            next=next_cursor(request, page.next_key),
            position=position(page.positions),
        )

    @router.get(
        "/casualties/tolls",
        response_model=Tolls,
        response_model_exclude_none=True,
        responses=PROBLEMS,
        tags=["casualties"],
    )
    async def get_tolls(request: Request, query: Annotated[TollsQuery, InQuery()]) -> Tolls:
        """Cumulative tolls: the range of each source's latest claim, per side and measure."""
        wanted, key = query.event_filter(), after_key(request, query, ("", "", ""))
        await context.wait(query)
        found = await tolls_page(engine, wanted, query.limit, key, query.among)  # type: ignore[arg-type]
        return Tolls(
            items=list(found.page.items),
            reports_counted=found.reports,
            complete=found.complete,
            next=next_cursor(request, found.page.next_key),
            position=position(found.page.positions),
        )

    @router.get(
        "/measures", response_model=Measures, response_model_exclude_none=True, responses=PROBLEMS, tags=["measures"]
    )
    async def get_measures(request: Request, query: Annotated[MeasuresQuery, InQuery()]) -> Measures:
        """Bans, closures, sanctions and truces, and what is in force at an instant."""
        wanted, key = query.event_filter(), after_key(request, query, (0, ""))
        await context.wait(query)
        at = query.at or query.as_of or datetime.now(UTC)
        page = await measures_page(
            engine,
            wanted,
            query.limit,
            key,  # type: ignore[arg-type]
            at_us=microseconds(at),
            states=query.state,
            claims_shown=query.claims,
        )
        return Measures(
            items=list(page.items), at=at, next=next_cursor(request, page.next_key), position=position(page.positions)
        )

    @router.get(
        "/reports", response_model=Reports, response_model_exclude_none=True, responses=PROBLEMS, tags=["reports"]
    )
    async def get_reports(request: Request, query: Annotated[ReportsQuery, InQuery()]) -> Reports:
        """Reports as they were posted, newest first, without their text."""
        wanted, key = query.report_filter(), after_key(request, query, (0, ""))
        await context.wait(query)
        page = await read.reports_page(engine, wanted, query.limit, key)  # type: ignore[arg-type]
        return Reports(
            items=[
                ReportSummary(
                    **report.model_dump(
                        include=ReportSummary.model_fields.keys() & report.__class__.model_fields.keys()
                    ),
                    characters=len(report.body),
                    withdrawn=withdrawn,
                )
                for report, withdrawn in page.items
            ],
            next=next_cursor(request, page.next_key),
            position=position(page.positions),
        )

    @router.get(
        "/reports/{report_id}",
        response_model=ReportAnswer,
        response_model_exclude_none=True,
        responses=NOT_FOUND,
        tags=["reports"],
    )
    async def get_report(report_id: ReportIdPath, query: Annotated[AsOf, InQuery()]) -> ReportAnswer:
        """One report: its text, its events and the spans of the text that they rest on."""
        await context.wait(query)
        found, positions = await read.report_by_id(engine, report_id, query.as_of_us())
        if found is None:
            raise not_found("report", "Look in /v1/reports, or wait for it with min_position.")
        marks = [
            Mark(event_id=event.id, kind=event.kind, start=span.start, end=span.end)
            for event in found.events
            for span in event.evidence
        ]
        return ReportAnswer(
            report=found.report,
            withdrawn_by=[
                WithdrawnBy(report_id=w.by_report_id, at=instant(w.at_us), retracts=w.retracts)
                for w in found.withdrawals
            ],
            receipts=list(found.receipts),
            events=list(found.events),
            marks=sorted(marks, key=lambda m: (m.start, m.end, m.event_id)),
            position=position(positions),
        )

    return router
