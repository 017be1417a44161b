"""Query parameters: typed, closed to unknown names, and every refusal a 400 that names the field and the mend."""

import re
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Final, Literal, get_args

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from starlette.responses import Response

from services.projection.core.geo import Circle
from services.projection.core.incidents import Incident
from services.projection.core.times import microseconds
from services.projection.core.words import tokens
from services.projection.store.filters import Box, EventFilter, ReportFilter
from shared.events import KINDS
from shared.events.base import Status
from shared.web.problems import FieldError, Problem, ProblemError, shown, summary

LIMIT_DEFAULT: Final = 50
LIMIT_MAX: Final = 1_000
"""Answers of a megabyte or two; more is an export."""
AMONG_MAX: Final = 1_000_000
"""More is an export."""
AMONG_NAMES: Final = 1_000
"""Most of a day of a busy desk, counted in some tens of milliseconds."""
AMONG_TOLLS: Final = 500
AMONG_INCIDENTS: Final = 50
AMONG_INCIDENTS_MAX: Final = 1_000
"""Each is put together from its claims, which takes about half a millisecond."""
VALUES_MAX: Final = 50
"""Alternatives in one field; more makes the query slow for everybody."""
RADIUS_KM_MIN: Final = 0.1
"""Smaller is beyond the precision of cosines, and of any place."""
RADIUS_KM_MAX: Final = 20_038.0
"""Half way round the earth, rounded up."""
WAIT_S_MAX: Final = 30.0
RFC_3339: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,6})?)?([Zz]|[+-]\d\d:\d\d)")
SPACE_FOR_PLUS: Final = re.compile(r" (?=\d\d:\d\d$)")


def bad_request(field: str, problem: str, mend: str) -> ProblemError:
    """A 400 for one parameter."""
    error = FieldError(field=shown(field), problem=shown(problem), mend=shown(mend))
    return ProblemError(Problem(400, "invalid-query", "The query is not valid", summary([error]), (error,)))


def _instant(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = SPACE_FOR_PLUS.sub("+", value)  # an unescaped plus sign arrives as a space
    if not RFC_3339.fullmatch(text):
        raise ValueError("is no RFC 3339 time with offset; write it as 2008-08-08T22:00:00%2B04:00 or ...T18:00:00Z")
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"is no time that exists ({error})") from None


def _box(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        west, south, east, north = (float(part) for part in value.split(","))
    except ValueError:
        raise ValueError("needs four numbers: west,south,east,north in degrees") from None
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= 90 and -90 <= north <= 90):
        raise ValueError("lies beyond the earth: west and east are -180 to 180, south and north -90 to 90")
    if south > north or west > east:
        raise ValueError("is turned round: it needs west,south,east,north; split a box over the 180th meridian in two")
    return value


def _near(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        lat, lon, radius_km = (float(part) for part in value.split(","))
    except ValueError:
        raise ValueError("needs three numbers: lat,lon in degrees and the radius in kilometres") from None
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise ValueError("lies beyond the earth: it needs lat,lon,radius_km; lat is -90 to 90, lon -180 to 180")
    if not RADIUS_KM_MIN <= radius_km <= RADIUS_KM_MAX:
        raise ValueError(f"has a radius out of bounds: choose {RADIUS_KM_MIN:g} to {RADIUS_KM_MAX:g} km")
    return value


def _with_word(value: str) -> str:
    if not tokens(value):
        raise ValueError("has no word; write letters or digits, as in q=kareli")
    return value


def _one_of(known: tuple[str, ...]) -> BeforeValidator:
    def check(value: object) -> object:
        if value not in known:
            raise ValueError(f"{value!r} is none of {', '.join(known)}")
        return value

    return BeforeValidator(check)


def _country(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch("[A-Za-z]{2}", value):
        raise ValueError("is no ISO 3166-1 alpha-2 code; write one as GE")
    return value.upper() if isinstance(value, str) else value


Time = Annotated[datetime, BeforeValidator(_instant), Field(json_schema_extra={"format": "date-time"})]
Kind = Annotated[str, _one_of(KINDS), Field(json_schema_extra={"enum": list(KINDS)})]
StatusName = Annotated[str, _one_of(get_args(Status)), Field(json_schema_extra={"enum": list(get_args(Status))})]
Country = Annotated[str, BeforeValidator(_country)]
Name = Annotated[str, Field(min_length=1, max_length=500)]
Words = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_with_word)]
ReportIdName = Annotated[str, Field(pattern=r"^r_[0-9a-f]{32}$")]
Order = Literal["newest", "oldest"]


class Query(BaseModel):
    """What every query may have."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    min_position: str | None = Field(
        default=None,
        description="Wait until the log was read so far: `position` of an earlier answer, or topic/partition/offset of "
        "a posted report as ingest gave it (then until all its events are here).",
        examples=["reports.raw.v1/3/17"],
    )
    wait_s: float = Field(default=10.0, ge=0, le=WAIT_S_MAX, description="How long to wait for `min_position`.")


class AsOf(Query):
    as_of: Time | None = Field(
        default=None, description="What had been reported by then.", examples=["2008-08-08T18:00:00Z"]
    )

    def as_of_us(self) -> int | None:
        return microseconds(self.as_of) if self.as_of else None


class Paged(Query):
    limit: int = Field(default=LIMIT_DEFAULT, ge=1, le=LIMIT_MAX)
    cursor: str | None = Field(default=None, description="`next` of the page before; keep the filters the same.")


class Filters(AsOf):
    """Alternatives are repeated parameters (kind=airstrike&kind=shelling); different parameters add up."""

    kind: list[Kind] = Field(default=[], max_length=VALUES_MAX, examples=[["airstrike"]])
    status: list[StatusName] = Field(default=[], max_length=VALUES_MAX)
    country: list[Country] = Field(default=[], max_length=VALUES_MAX, description="Of a place. ISO 3166-1 alpha-2.")
    place: list[Name] = Field(
        default=[], max_length=VALUES_MAX, description="A place's name, or its GeoNames id.", examples=[["Gori"]]
    )
    bbox: Annotated[str, BeforeValidator(_box)] | None = Field(
        default=None, description="west,south,east,north in degrees (WGS 84).", examples=["43.0,41.5,45.0,42.8"]
    )
    near: Annotated[str, BeforeValidator(_near)] | None = Field(
        default=None, description="lat,lon,radius_km: degrees (WGS 84) and kilometres.", examples=["42.02,43.90,25"]
    )
    actor: list[Name] = Field(default=[], max_length=VALUES_MAX, description="Who does it or to whom it is done.")
    source: list[Name] = Field(default=[], max_length=VALUES_MAX, description="Who says so.")
    outlet: list[Name] = Field(default=[], max_length=VALUES_MAX)
    report_id: list[ReportIdName] = Field(default=[], max_length=VALUES_MAX)
    from_: Time | None = Field(default=None, alias="from", description="Happened then or later (as far as is said).")
    to: Time | None = Field(
        default=None, description="Happened before then. Without a time told, when it was reported."
    )
    confidence_min: float | None = Field(default=None, ge=0, le=1)
    q: Words | None = Field(
        default=None, description="Words, or how they begin, that are all in its quotes or names.", examples=["kareli"]
    )

    def event_filter(self) -> EventFilter:
        """Raises ProblemError 400 for a reversed range."""
        from_us = microseconds(self.from_) if self.from_ else None
        to_us = microseconds(self.to) if self.to else None
        check_range(from_us, to_us)
        return EventFilter(
            kinds=tuple(self.kind),
            statuses=tuple(self.status),
            countries=tuple(self.country),
            places=tuple(self.place),
            actors=tuple(self.actor),
            sources=tuple(self.source),
            outlets=tuple(self.outlet),
            report_ids=tuple(self.report_id),
            box=Box(*(float(part) for part in self.bbox.split(","))) if self.bbox else None,
            near=Circle(*(float(part) for part in self.near.split(","))) if self.near else None,
            from_us=from_us,
            to_us=to_us,
            as_of_us=self.as_of_us(),
            confidence_min=self.confidence_min,
            q=self.q,
        )


def check_range(from_us: int | None, to_us: int | None) -> None:
    if from_us is not None and to_us is not None and to_us <= from_us:
        raise bad_request("to", "is not after `from`", "swap them, or leave one out")


class SearchQuery(Filters):
    q: Words = Field(description="Words, or how they begin; all have to be found.", examples=["kareli bomb"])
    limit: int = Field(default=20, ge=1, le=100, description="Hits of each sort.")


class EventsQuery(Filters, Paged):
    order: Order = Field(default="newest", description="By time of report.")


class TimelineQuery(Filters, Paged):
    order: Order = Field(default="oldest", description="By time of occurrence.")


class AllIncidentsQuery(Filters):
    order: Order = Field(default="newest", description="By time of occurrence.")
    contested: bool | None = Field(default=None, description="Only those that somebody contests, or that nobody does.")
    corroborated_min: int = Field(default=1, ge=1, description="At least so many independent voices.")

    def keep(self, incident: Incident) -> bool:
        """Whether an incident as a whole is asked for."""
        return incident.corroborated >= self.corroborated_min and self.contested in (None, incident.contested)


class IncidentsQuery(AllIncidentsQuery, Paged):
    pass


class CasualtiesQuery(Filters, Paged):
    pass


class TollsQuery(Filters, Paged):
    limit: int = Field(default=25, ge=1, le=LIMIT_MAX)
    among: int = Field(
        default=AMONG_TOLLS,
        ge=1,
        le=AMONG_MAX,
        description="Over so many of the newest cumulative tolls that match; `complete` says whether that was all.",
    )


class NamesQuery(Filters):
    limit: int = Field(default=100, ge=1, le=1_000)
    among: int = Field(
        default=AMONG_NAMES,
        ge=1,
        le=AMONG_MAX,
        description="Count over so many of the newest events that match; `complete` says whether that was all.",
    )


class SourcesQuery(Filters):
    among: int = Field(
        default=AMONG_INCIDENTS,
        ge=1,
        le=AMONG_INCIDENTS_MAX,
        description="Compare so many of the newest incidents that match; `complete` says whether that was all.",
    )


class MeasuresQuery(Filters, Paged):
    limit: int = Field(default=25, ge=1, le=LIMIT_MAX)
    claims: int = Field(
        default=4, ge=1, le=1_000, description="Of each measure show so many claims: the first reported, and the last."
    )
    at: Time | None = Field(
        default=None, description="In force at that instant; without it at `as_of`, without that now."
    )
    state: list[Literal["in_force", "announced", "lifted", "expired", "called_for"]] = Field(
        default=[], max_length=VALUES_MAX
    )


class ReportsQuery(AsOf, Paged):
    outlet: list[Name] = Field(default=[], max_length=VALUES_MAX)
    external_id: list[Name] = Field(default=[], max_length=VALUES_MAX)
    from_: Time | None = Field(default=None, alias="from", description="Published then or later.")
    to: Time | None = Field(default=None, description="Published before then.")
    q: Words | None = Field(default=None, description="Words, or how they begin, that are all in its title or body.")

    def report_filter(self) -> ReportFilter:
        """Raises ProblemError 400 for a reversed range."""
        from_us = microseconds(self.from_) if self.from_ else None
        to_us = microseconds(self.to) if self.to else None
        check_range(from_us, to_us)
        return ReportFilter(tuple(self.outlet), tuple(self.external_id), from_us, to_us, self.as_of_us(), self.q)


class DeadLettersQuery(Paged):
    reason: list[Name] = Field(default=[], max_length=VALUES_MAX)
    topic: list[Name] = Field(default=[], max_length=VALUES_MAX)


class StreamQuery(Filters):
    after: int | None = Field(
        default=None,
        ge=0,
        le=2**63 - 1,
        description="Begin after this number of the feed; 0 for everything. Without it and without Last-Event-ID: now.",
    )


def known_parameters(request: Request) -> dict[str, bool]:
    """The names of the route's query parameters, and whether each may be repeated."""
    route = request.scope.get("route")
    dependant = getattr(route, "dependant", None)
    found: dict[str, bool] = {}
    for parameter in getattr(dependant, "query_params", ()):
        annotation = parameter.field_info.annotation
        if isinstance(annotation, type) and issubclass(annotation, Query):
            found |= _parameters_of(annotation)
    return found


@cache
def _parameters_of(model: type[Query]) -> dict[str, bool]:
    """Once for each model: writing a field's type out takes longer than many a query."""
    return {f.alias or name: str(f.annotation).startswith("list[") for name, f in model.model_fields.items()}


async def refuse_doubled(request: Request) -> None:
    """A parameter given twice that can have one value only is a mistake; taking the last would hide it."""
    known = known_parameters(request)
    for name in dict.fromkeys(request.query_params.keys()):
        if known.get(name) is False and len(request.query_params.getlist(name)) > 1:
            raise bad_request(name, "is given more than once", "give it once")


async def on_invalid_query(request: Request, error: Exception) -> Response:
    """Validation errors of parameters as a 400, each naming its field, and the known ones for an unknown."""
    assert isinstance(error, RequestValidationError)
    errors = []
    for e in error.errors():
        location = [str(part) for part in e["loc"][1:]]
        name = next((part for part in location if part), "")
        if e["type"] == "extra_forbidden":
            known = ", ".join(known_parameters(request))
            errors.append(
                FieldError(field=shown(name), problem="is no parameter of this query", mend=f"known: {known}")
            )
        else:
            message = e["msg"].removeprefix("Value error, ")
            errors.append(FieldError(field=shown(name), problem=shown(message), mend="see /docs or /openapi.json"))
    return Problem(400, "invalid-query", "The query is not valid", summary(errors), tuple(errors)).response()
