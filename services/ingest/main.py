"""The composition root of ingest."""

import asyncio

from prometheus_client import CollectorRegistry
from pydantic import ValidationError

from services.ingest.api import build_app
from services.ingest.core.seen import SeenIds
from services.ingest.settings import IngestSettings
from services.ingest.stream import Intake
from shared.bus.settings import BusSettings, open_bus
from shared.codec import describe
from shared.web.serve import StartFailed, bind, run, serve_on, stop_on_signals


async def serve_ingest(settings: IngestSettings, bus_settings: BusSettings) -> None:
    """Serve until a signal. Raises StartFailed where the port is taken."""
    listener = bind(settings.host, settings.port)
    stop = stop_on_signals()
    intake = Intake(open_bus(bus_settings), SeenIds(settings.seen_ids_max))
    app = build_app(settings, intake, CollectorRegistry())
    served = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(intake.run(served))  # outlives the last open request
        try:
            await serve_on(app, listener, stop)
        finally:
            served.set()


def main() -> int:
    """Read the settings and serve; the exit code."""

    async def start() -> None:
        try:
            settings, bus_settings = IngestSettings(), BusSettings()
        except ValidationError as error:
            raise StartFailed(f"settings: {describe(error)}") from None
        await serve_ingest(settings, bus_settings)

    return run("ingest", start)
