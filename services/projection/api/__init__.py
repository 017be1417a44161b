"""The one place that touches the HTTP framework: the query API and the live feed."""

from typing import Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from prometheus_client import CollectorRegistry

from services.projection.api.context import Context
from services.projection.api.exports import exports_router
from services.projection.api.params import on_invalid_query
from services.projection.api.routes_models import models_router
from services.projection.api.routes_operations import operations_router
from services.projection.api.routes_overviews import overviews_router
from services.projection.api.stream import stream_router
from shared.web.auth import install_auth
from shared.web.health import health_router
from shared.web.problems import install_problems
from shared.web.telemetry import install_metrics

DESCRIPTION: Final = (
    "What is happening, where, to whom, who says so and who denies it, and what was known at any moment. "
    "Every query takes `as_of` (reported by then); times are RFC 3339; errors are problem details (RFC 9457)."
)


def build_app(context: Context, registry: CollectorRegistry) -> FastAPI:
    """The whole app."""
    app = FastAPI(title="Tocsin read models", version="1", description=DESCRIPTION)
    install_problems(app)
    app.add_exception_handler(RequestValidationError, on_invalid_query)
    settings, progress = context.settings, context.progress
    app.include_router(health_router(lambda: progress.ready(settings), lambda: progress.live(settings)))
    app.include_router(models_router(context))
    app.include_router(overviews_router(context))
    app.include_router(exports_router(context))
    app.include_router(operations_router(context))
    app.include_router(stream_router(context))
    install_metrics(app, registry)
    install_auth(app, settings.token)
    return app
