"""The HTTP side of ingest: post one report, or a batch."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import FastAPI, Header, Request
from prometheus_client import CollectorRegistry, Counter, Gauge
from pydantic import BaseModel, Field
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse

from services.ingest.core.batch import parse_array, parse_lines
from services.ingest.core.report import Refused, parse_item
from services.ingest.handler import handle
from services.ingest.settings import IngestSettings
from services.ingest.stream import Intake, Posted, Result
from shared.bus.port import BusUnavailable, MessageRefused
from shared.reports import Report
from shared.topics import RAW
from shared.web.auth import install_auth
from shared.web.health import Health, health_router
from shared.web.limits import InFlight, read_body
from shared.web.problems import (
    FieldError,
    Problem,
    ProblemDetails,
    ProblemError,
    install_problems,
    shown,
    summary,
)
from shared.web.telemetry import install_metrics

JSON: Final = "application/json"
LINES: Final = ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines")
RETRY_AFTER_S: Final = 2
"""A broker that elects a new leader or an embedded log that is locked is back in about this time."""
BYTES_PER_MB: Final = 1_000_000

EXAMPLE: Final[dict[str, Any]] = {
    "outlet": "Caucasus Wire",
    "url": "https://wire.example/2008/08/08/1",
    "title": "Bombs fall near Kareli",
    "body": "Three Su-24 aircraft dropped bombs near the town of Kareli at 10:00, the Interior Ministry said.",
    "published_at": "2008-08-08T10:40:00+04:00",
    "external_id": "cw-1",
    "language": "en",
    "country": "GE",
    "time_zone": "Asia/Tbilisi",
}


class Links(BaseModel):
    """Where to look next, on the query service."""

    events: str = Field(examples=["/v1/events?report_id=r_0123456789abcdef0123456789abcdef"])
    report: str = Field(examples=["/v1/reports/r_0123456789abcdef0123456789abcdef"])


class Accepted(BaseModel):
    """The report is durable on the log. It will end in events, in a receipt without any, or in a dead letter."""

    id: str
    status: str = "accepted"
    duplicate: bool | None = Field(
        description="True: it was on the log before and was not stored again. Null: the log is still being read."
    )
    links: Links
    topic: str
    partition: int
    offset: int


class ItemResult(BaseModel):
    """What became of one item. `status` is an HTTP status: 202 with `report`, else with `problem`."""

    index: int
    status: int
    report: Accepted | None = None
    problem: ProblemDetails | None = None


class Counts(BaseModel):
    """`accepted` counts the duplicates too."""

    accepted: int
    duplicate: int
    refused: int


class BatchResult(BaseModel):
    """A result for each item, in the order posted."""

    counts: Counts
    results: list[ItemResult]


def _refusal(refused: Refused) -> Problem:
    slugs = {400: "not-json", 413: "too-large", 422: "invalid-report"}
    errors = tuple(
        FieldError(field=shown(f.field), problem=shown(f.problem), mend=shown(f.mend)) for f in refused.flaws
    )
    return Problem(refused.status, slugs[refused.status], refused.title, summary(errors), errors)


def _accepted(posted: Posted) -> Accepted:
    return Accepted(
        id=posted.id,
        duplicate=posted.duplicate,
        links=Links(events=f"/v1/events?report_id={posted.id}", report=f"/v1/reports/{posted.id}"),
        topic=RAW.name,
        partition=posted.lies.partition,
        offset=posted.lies.offset,
    )


def _item(index: int, result: Result) -> ItemResult:
    if isinstance(result, Refused):
        return ItemResult(index=index, status=result.status, problem=_refusal(result).details())
    return ItemResult(index=index, status=202, report=_accepted(result))


def _media_type(request: Request, allowed: tuple[str, ...], mend: str) -> str:
    """The media type of the body. Raises ProblemError 415 for another one, another charset or a compressed body."""
    given = request.headers.get("content-type", "")
    media_type, _, parameters = given.partition(";")
    media_type = media_type.strip().lower()
    charset = next(
        (
            v.strip(' "').lower()
            for k, _, v in (p.partition("=") for p in parameters.split(";"))
            if k.strip() == "charset"
        ),
        "utf-8",
    )
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if media_type in allowed and charset in ("utf-8", "utf8", "us-ascii") and encoding in ("", "identity"):
        return media_type
    detail = f"The content type is {shown(given)!r}" if given else "There is no content type"
    if encoding not in ("", "identity"):
        detail = f"The content encoding is {shown(encoding)!r}"
    error = FieldError(field="Content-Type", problem=detail, mend=mend)
    raise ProblemError(Problem(415, "media-type", "The body has another format", f"{detail}; {mend}.", (error,)))


def _away(error: Exception) -> ProblemError:
    detail = f"Nothing is known to be stored; post it again, which can't double it. ({shown(error)})"
    return ProblemError(Problem(503, "log-away", "The log can't take it now", detail, retry_after_s=RETRY_AFTER_S))


def _now() -> datetime:
    return datetime.now(UTC)


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
    texts = {
        400: "Not JSON, or not UTF-8",
        408: "The body came too slowly",
        413: "Too large",
        415: "Another format",
        422: "Not a valid report; each error names its field and the mend",
        429: "Too many requests under way; see Retry-After",
        503: "The log can't take it now; see Retry-After",
    }
    return {status: {"description": texts[status], "content": content} for status in statuses}


def build_app(
    settings: IngestSettings,
    intake: Intake,
    registry: CollectorRegistry | None = None,
    now: Callable[[], datetime] = _now,
) -> FastAPI:
    """The app. It owns neither the bus nor its connection: `intake.run` does."""
    registry = registry or CollectorRegistry()
    app = FastAPI(title="Tocsin ingest", version="1", docs_url=None, redoc_url=None)
    install_problems(app)
    install_auth(app, settings.token)
    install_metrics(app, registry)
    app.add_middleware(
        CORSMiddleware,  # before the token: a browser asks without one whether it may ask
        allow_origins=[origin.strip() for origin in settings.console_origins.split(",") if origin.strip()],
        allow_methods=["POST"],
        allow_headers=["Authorization", "Content-Type"],
    )
    in_flight = InFlight(settings.in_flight_mb_max * BYTES_PER_MB)
    items = Counter("tocsin_ingest_items", "Posted items by what became of them.", ("result",), registry=registry)
    Gauge("tocsin_ingest_seen_ids", "Report ids in the index of duplicates.", registry=registry).set_function(
        lambda: len(intake.seen)
    )

    def ready() -> Health:
        return Health(
            ok=intake.trouble is None,
            reasons=[intake.trouble] if intake.trouble else [],
            facts={"seen_ids": len(intake.seen), "seen_complete": intake.seen.complete},
        )

    app.include_router(health_router(ready))

    async def post(parsed: tuple[Report | Refused, ...], trace_parent: str | None) -> tuple[Result, ...]:
        moment = now()
        try:
            results = await intake.post([handle(item, intake.seen, moment, trace_parent) for item in parsed])
        except (BusUnavailable, MessageRefused) as error:
            items.labels("unavailable").inc(len(parsed))
            raise _away(error) from error
        for result in results:
            if isinstance(result, Refused):
                items.labels("refused").inc()
            else:
                items.labels("duplicate" if result.duplicate else "accepted").inc()
        return results

    @app.post(
        "/v1/reports",
        status_code=202,
        response_model=Accepted,
        responses=_problems(400, 408, 413, 415, 422, 429, 503),
        summary="Post one report",
        openapi_extra=_body({JSON: {"schema": _REPORT_SCHEMA, "example": EXAMPLE}}),
    )
    async def post_report(request: Request, traceparent: Annotated[str | None, Header()] = None) -> JSONResponse:
        """202 means that the report is durable on all in-sync replicas. Posting the same report again is harmless."""
        _media_type(request, (JSON,), "send one report as application/json; many go to /v1/reports:batch")
        with in_flight.admit(settings.report_bytes_max):
            body = await read_body(request, settings.report_bytes_max, "send a shorter report")
            (result,) = await post((parse_item(body, now()),), _trace(traceparent))
        if isinstance(result, Refused):
            raise ProblemError(_refusal(result))
        return JSONResponse(_accepted(result).model_dump(), 202)

    @app.post(
        "/v1/reports:batch",
        response_model=BatchResult,
        responses=_problems(400, 408, 413, 415, 422, 429, 503),
        summary="Post many reports",
        openapi_extra=_body(
            {
                LINES[0]: {"schema": {"type": "string"}, "example": "{…}\n{…}\n"},
                JSON: {"schema": {"type": "array", "items": _REPORT_SCHEMA}, "example": [EXAMPLE]},
            }
        ),
    )
    async def post_batch(request: Request, traceparent: Annotated[str | None, Header()] = None) -> JSONResponse:
        """200 with a result for each item, some of which may be refused; 503 if the log takes none of them."""
        media_type = _media_type(request, (JSON, *LINES), f"send {JSON} (an array) or {LINES[0]} (a report a line)")
        with in_flight.admit(settings.batch_bytes_max):
            body = await read_body(request, settings.batch_bytes_max, "send several batches")
            parse = parse_array if media_type == JSON else parse_lines
            parsed = await asyncio.to_thread(parse, body, settings.batch_items_max, now())
            if isinstance(parsed, Refused):
                raise ProblemError(_refusal(parsed))
            results = await post(parsed, _trace(traceparent))
        answers = [_item(index, result) for index, result in enumerate(results)]
        taken = [answer.report for answer in answers if answer.report is not None]
        counts = Counts(
            accepted=len(taken),
            duplicate=sum(report.duplicate is True for report in taken),
            refused=len(answers) - len(taken),
        )
        return JSONResponse(BatchResult(counts=counts, results=answers).model_dump(exclude_none=False))

    return app


def _trace(header: str | None) -> str | None:
    """A W3C trace parent that is fit for a header, or None: a caller's broken trace is no reason to refuse a report."""
    return header if header and len(header) == 55 and header.isascii() and header.isprintable() else None


def _body(content: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": content}}


_REPORT_SCHEMA: Final[dict[str, Any]] = Report.model_json_schema()
