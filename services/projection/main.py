"""The composition root of the projection."""

import asyncio
import gc
from typing import Final

from prometheus_client import CollectorRegistry
from pydantic import ValidationError

from services.projection.api import build_app
from services.projection.api.context import Context
from services.projection.courier import Courier
from services.projection.groups import read_groups
from services.projection.keeper import keep_map
from services.projection.progress import Progress
from services.projection.settings import ProjectionSettings
from services.projection.store.engine import follow, open_engine
from services.projection.store.migrate import SchemaTooNew, upgrade
from services.projection.store.write import Writer
from services.projection.stream import ProjectionHalted, Projector
from shared.bus.settings import BusSettings, open_bus
from shared.codec import describe
from shared.web.serve import StartFailed, bind, run, serve_on, stop_on_signals

GARBAGE_OBJECTS: Final = 20_000
"""New objects before the youngest are looked through; Python's own 700 is reached by a few events."""


def spare_collecting() -> None:
    """Look for circular garbage seldom: an answer makes ten thousands of objects that go by themselves, and looking
    through all that is held between takes a fifth of its time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_OBJECTS, 20, 20)


async def serve_projection(settings: ProjectionSettings, bus_settings: BusSettings) -> None:
    """Project and serve until a signal. Raises StartFailed for what needs somebody's hand."""
    spare_collecting()
    listener = bind(settings.host, settings.port)
    stop = stop_on_signals()
    registry = CollectorRegistry()
    progress = Progress(registry)
    try:
        engine = open_engine(settings.database_url.get_secret_value())
        await follow(engine)
        await upgrade(engine)
    except (SchemaTooNew, ValueError, OSError) as error:
        listener.close()
        raise StartFailed(f"database: {error}") from None
    bus = open_bus(bus_settings)
    app = build_app(Context(engine, progress, settings, read_groups(), stop), registry, bus)
    projector = Projector(bus, Writer(engine), settings, progress)

    halts: list[ProjectionHalted] = []

    async def project() -> None:
        try:
            await projector.run(stop)
        except ProjectionHalted as halted:
            halts.append(halted)
        finally:
            stop.set()

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(project())
            group.create_task(Courier(engine, progress, settings).run(stop))
            group.create_task(keep_map(engine, progress, settings, stop))
            group.create_task(serve_on(app, listener, stop))
    finally:
        await engine.dispose()
    if halts:
        raise StartFailed(str(halts[0]))


def main() -> int:
    """Read the settings and run; the exit code."""

    async def start() -> None:
        try:
            settings, bus_settings = ProjectionSettings(), BusSettings()
        except ValidationError as error:
            raise StartFailed(f"settings: {describe(error)}") from None
        await serve_projection(settings, bus_settings)

    return run("projection", start)
