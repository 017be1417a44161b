"""The HTTP side of the extractor: health and metrics only."""

from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from services.extractor.progress import Progress
from shared.web.auth import install_auth
from shared.web.health import health_router
from shared.web.problems import install_problems
from shared.web.telemetry import install_metrics


def build_app(progress: Progress, registry: CollectorRegistry, token: SecretStr | None = None) -> FastAPI:
    """The app; `progress` and `registry` are told by the stream."""
    app = FastAPI(title="Tocsin extractor", version="1", docs_url=None, redoc_url=None)
    install_problems(app)
    install_auth(app, token)
    install_metrics(app, registry)
    app.include_router(health_router(progress.ready, progress.live))
    return app
