"""`/health/live` (restart me if not) and `/health/ready` (send me work if so), each with its reasons."""

from collections.abc import Callable

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.responses import JSONResponse

Facts = dict[str, str | int | float | bool | None]


class Health(BaseModel):
    """`reasons` says why not, one sentence each; empty when all is well. `facts` are figures worth seeing."""

    ok: bool
    reasons: list[str] = []
    facts: Facts = {}


HealthCheck = Callable[[], Health]


def always_live() -> Health:
    """A process that answers is alive; for services that can't stall."""
    return Health(ok=True)


def health_router(ready: HealthCheck, live: HealthCheck = always_live) -> APIRouter:
    """Both endpoints: 200 when well, else 503 with the reasons."""
    router = APIRouter(prefix="/health", tags=["health"])
    responses: dict[int | str, dict[str, object]] = {503: {"model": Health}}

    def answer(health: Health) -> JSONResponse:
        return JSONResponse(health.model_dump(), 200 if health.ok else 503)

    @router.get("/live", response_model=Health, responses=responses, summary="Is the process working at all?")
    async def get_live() -> JSONResponse:
        return answer(live())

    @router.get("/ready", response_model=Health, responses=responses, summary="Can it take work now?")
    async def get_ready() -> JSONResponse:
        return answer(ready())

    return router
