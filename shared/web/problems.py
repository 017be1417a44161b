"""Problem details for HTTP (RFC 9457): every error of every service, in one shape that names the field and the mend."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from shared.model import Model

MEDIA_TYPE: Final = "application/problem+json"
SHOWN_CHARS_MAX: Final = 200
"""Names and values that came from outside are cut here before they go back out."""

log = logging.getLogger(__name__)


class FieldError(Model):
    """One thing that is wrong: where, what, and how to mend it."""

    field: str = Field(description="The field, as in 'published_at'; '' for the body as a whole.")
    problem: str
    mend: str


class ProblemDetails(BaseModel):
    """The body of every error, media type `application/problem+json`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "/problems/invalid-report",
                    "title": "The report is not valid",
                    "status": 422,
                    "detail": "published_at: has no offset",
                    "errors": [
                        {
                            "field": "published_at",
                            "problem": "has no offset",
                            "mend": "write it as in '2008-08-08T10:00:00+04:00'",
                        }
                    ],
                }
            ]
        }
    )

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[FieldError] = []


@dataclass(frozen=True, slots=True)
class Problem:
    """An error to answer with. `slug` names its kind under `/problems/`; `retry_after_s` becomes a header."""

    status: int
    slug: str
    title: str
    detail: str
    errors: tuple[FieldError, ...] = ()
    retry_after_s: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def details(self) -> ProblemDetails:
        return ProblemDetails(
            type=f"/problems/{self.slug}" if self.slug else "about:blank",
            title=self.title,
            status=self.status,
            detail=self.detail,
            errors=list(self.errors),
        )

    def response(self) -> Response:
        headers = dict(self.headers)
        if self.retry_after_s is not None:
            headers["Retry-After"] = str(self.retry_after_s)
        # ASCII escapes, because a detail may quote anything that somebody sent.
        body = json.dumps(self.details().model_dump(mode="python"), ensure_ascii=True).encode("ascii")
        return Response(body, self.status, headers, MEDIA_TYPE)


class ProblemError(Exception):
    """Raised in a route, answered as its problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.status} {problem.title}: {problem.detail}")
        self.problem = problem


def shown(text: object) -> str:
    """Text from outside made safe to show: no lone surrogates or control characters, and not too long."""
    clean = str(text)[: SHOWN_CHARS_MAX + 1].encode("utf-8", "backslashreplace").decode()
    clean = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in clean)
    return clean if len(clean) <= SHOWN_CHARS_MAX else clean[:SHOWN_CHARS_MAX] + "…"


def summary(errors: Sequence[FieldError]) -> str:
    """The first errors in a line."""
    first = "; ".join(f"{e.field or 'the body'}: {e.problem}" for e in errors[:3])
    return first + (f"; and {len(errors) - 3} more" if len(errors) > 3 else "")


def _of_status(error: HTTPException) -> Problem:
    try:
        title = HTTPStatus(error.status_code).phrase
    except ValueError:
        title = "Error"
    details = {404: "There is nothing at this address; see /openapi.json", 405: "This address has other methods"}
    detail = str(error.detail) if error.detail != title else details.get(error.status_code, title)
    return Problem(error.status_code, "", title, detail, headers=dict(error.headers or {}))


def _of_validation(error: RequestValidationError) -> Problem:
    errors = tuple(
        FieldError(
            field=shown(".".join(str(part) for part in e["loc"][1:])),
            problem=shown(e["msg"]),
            mend=f"see the parameter in /openapi.json ({e['loc'][0]})",
        )
        for e in error.errors()
    )
    return Problem(422, "invalid-request", "The request is not valid", summary(errors), errors)


def install_problems(app: FastAPI) -> None:
    """Answer every error of `app` as a problem: ours, the framework's, and a defect (500, logged, nothing shown)."""

    async def on_problem(_: Request, error: Exception) -> Response:
        assert isinstance(error, ProblemError)
        return error.problem.response()

    async def on_http(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return _of_status(error).response()

    async def on_validation(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return _of_validation(error).response()

    async def on_defect(request: Request, error: Exception) -> Response:
        log.error("defect in %s %s", request.method, request.url.path, exc_info=error)
        return Problem(500, "defect", "A defect of ours", "This is not your fault; it is in our log.").response()

    app.add_exception_handler(ProblemError, on_problem)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(Exception, on_defect)
