"""The one place that touches the HTTP framework: the query API and the live feed."""

import logging
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from prometheus_client import CollectorRegistry
from starlette.responses import Response

from services.projection.api.console import install_console
from services.projection.api.context import Context
from services.projection.api.exports import exports_router
from services.projection.api.params import on_invalid_query
from services.projection.api.routes_bins import bins_router
from services.projection.api.routes_map import map_router
from services.projection.api.routes_models import models_router
from services.projection.api.routes_operations import operations_router
from services.projection.api.routes_overviews import overviews_router
from services.projection.api.routes_replay import replay_router
from services.projection.api.search import search_router
from services.projection.api.stream import stream_router
from services.projection.api.webhooks import webhooks_router
from services.projection.store.engine import DATABASE_ERRORS, is_transient
from shared.bus.port import Bus
from shared.web.auth import install_auth
from shared.web.health import health_router
from shared.web.problems import Problem, install_problems
from shared.web.telemetry import install_metrics

log = logging.getLogger(__name__)

DESCRIPTION: Final = (
    "What is happening, where, to whom, who says so and who denies it, and what was known at any moment. "
    "Every query takes `as_of` (reported by then); times are RFC 3339; errors are problem details (RFC 9457)."
)


async def on_database_error(_: Request, error: Exception) -> Response:
    """503 while the database is away or busy; anything else is a defect of ours."""
    if not is_transient(error):
        raise error
    log.warning("the database can't be read: %s", error)
    detail = "The read models can't be read at the moment; ask again."
    return Problem(503, "database-away", "The database does not answer", detail, retry_after_s=2).response()


def build_app(context: Context, registry: CollectorRegistry, bus: Bus | None = None) -> FastAPI:
    """The whole app. Without a bus nothing can be replayed."""
    app = FastAPI(title="Tocsin read models", version="1", description=DESCRIPTION)
    install_problems(app)
    app.add_exception_handler(RequestValidationError, on_invalid_query)
    for kind in DATABASE_ERRORS:
        app.add_exception_handler(kind, on_database_error)
    settings, progress = context.settings, context.progress
    app.include_router(health_router(lambda: progress.ready(settings), lambda: progress.live(settings)))
    app.include_router(models_router(context))
    app.include_router(overviews_router(context))
    app.include_router(map_router(context))
    app.include_router(bins_router(context))
    app.include_router(search_router(context))
    app.include_router(exports_router(context))
    app.include_router(operations_router(context))
    app.include_router(stream_router(context))
    app.include_router(webhooks_router(context))
    if bus is not None:
        app.include_router(replay_router(context, bus))
    install_metrics(app, registry)
    install_auth(app, settings.token)
    install_console(app, settings)
    return app
