"""POST /v1/dead-letters/{topic}/{partition}/{offset}/replay: the one request that writes to the log."""

from ipaddress import ip_address
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field

from services.projection.api.context import Context
from services.projection.api.routes_models import NOT_FOUND, not_found
from services.projection.settings import ProjectionSettings
from services.projection.store.read_dead_letters import dead_letter_at
from shared.bus.port import Bus, BusUnavailable, MessageRefused, OutgoingMessage
from shared.web.problems import Problem, ProblemDetails, ProblemError, shown

RETRY_AFTER_S: Final = 2
OFFSET_MAX: Final = 2**63 - 1
Number = Annotated[int, Path(ge=0, le=OFFSET_MAX)]


class Replayed(BaseModel):
    """Where the copy lies; it ends in events, in a receipt without any, or in a dead letter again."""

    topic: str
    partition: int
    offset: int
    min_position: str = Field(description="Give it to a query to wait until the copy was handled.")


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check(request: Request, settings: ProjectionSettings) -> None:
    """Raises ProblemError: 403 for an open door, 415 for what any page of the web could send by a form."""
    if settings.token is None and not _loopback(settings.host):
        detail = "It can be reached from outside: set TOCSIN_PROJECTION_TOKEN, and send it as a bearer token."
        raise ProblemError(Problem(403, "no-open-door", "Replaying needs a token", detail))
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        detail = "Send Content-Type: application/json; a foreign page can't do so without being asked first."
        raise ProblemError(Problem(415, "media-type", "The body has another format", detail))


def replay_router(context: Context, bus: Bus) -> APIRouter:
    """Replaying needs the log; everything else here only reads."""
    router = APIRouter(prefix="/v1", tags=["operations"])

    @router.post(
        "/dead-letters/{topic}/{partition}/{offset}/replay",
        status_code=202,
        response_model=Replayed,
        responses=NOT_FOUND | {code: {"model": ProblemDetails} for code in (403, 409, 415, 503)},
    )
    async def post_replay(request: Request, topic: str, partition: Number, offset: Number) -> Replayed:
        """Publish the original bytes on their topic again. Harmless twice: ids are derived from the content."""
        _check(request, context.settings)
        letter = await dead_letter_at(context.engine, topic, partition, offset)
        if letter is None:
            raise not_found("dead letter", "Look in /v1/dead-letters.")
        original = letter.original()
        if original.value is None and original.key is None:
            detail = "The message was too large to be kept in its dead letter; it lies where it lay."
            raise ProblemError(Problem(409, "no-bytes", "There is nothing to replay", detail))
        try:
            (placed,) = await bus.publish(
                [OutgoingMessage(original.topic, original.key, original.value, original.headers)]
            )
        except (BusUnavailable, MessageRefused) as error:
            detail = f"Nothing is known to be published; try again, which can't double it. ({shown(str(error))})"
            problem = Problem(503, "log-away", "The log can't take it now", detail, retry_after_s=RETRY_AFTER_S)
            raise ProblemError(problem) from error
        where = f"{placed.topic}/{placed.partition}/{placed.offset}"
        return Replayed(topic=placed.topic, partition=placed.partition, offset=placed.offset, min_position=where)

    return router
