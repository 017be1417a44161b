"""The composition root of the extractor."""

import asyncio
import functools
from pathlib import Path

from prometheus_client import CollectorRegistry
from pydantic import ValidationError

from services.extractor.api import build_app
from services.extractor.crew import Crew, LoadCoder
from services.extractor.handler import Coder
from services.extractor.kafka_stream import KafkaStream
from services.extractor.limit import DeadLetterLimit
from services.extractor.progress import Progress
from services.extractor.reconcile import keep_reconciled, watch_lag
from services.extractor.settings import ExtractorSettings
from services.extractor.stream import RETRY_S, Halted, Settler, read_embedded, sleep_unless
from shared.bus.port import Bus, BusError, BusUnavailable
from shared.bus.settings import BusSettings, open_bus
from shared.codec import describe
from shared.topics import SPECS
from shared.web.serve import StartFailed, bind, run, serve_on, stop_on_signals


async def serve_extractor(settings: ExtractorSettings, bus_settings: BusSettings, load: LoadCoder) -> None:
    """Code reports until a signal. Raises StartFailed with the one line that says why it can't, or can't any more."""
    listener = bind(settings.host, settings.port)
    stop, ended = stop_on_signals(), asyncio.Event()
    registry = CollectorRegistry()
    progress = Progress(registry, settings.stall_s)
    serving = asyncio.create_task(serve_on(build_app(progress, registry, settings.token), listener, ended))
    try:
        await extract(settings, bus_settings, load, progress, stop)
    except* (Halted, BusError) as errors:
        raise StartFailed("; ".join(str(error) for error in errors.exceptions)) from errors
    finally:
        ended.set()
        await serving


async def extract(
    settings: ExtractorSettings, bus_settings: BusSettings, load: LoadCoder, progress: Progress, stop: asyncio.Event
) -> None:
    """Code reports until `stop`. Raises an exception group of Halted or BusError; then the position is unmoved."""
    progress.waits_for = "the coder is being loaded"
    async with Crew(load, settings.workers) as crew, open_bus(bus_settings) as bus:
        await _create_topics(bus, progress, stop)
        settler = Settler(bus, crew, progress, DeadLetterLimit())
        async with asyncio.TaskGroup() as group:
            group.create_task(watch_lag(bus, progress, stop))
            group.create_task(keep_reconciled(bus, settler, progress, settings.reconcile_s, stop))
            if bus_settings.bootstrap_servers is None:
                await read_embedded(bus, settler, progress, settings.batch_messages_max, stop)
            else:
                await KafkaStream(bus_settings.kafka_options(), settings, settler, progress).run(stop)


async def _create_topics(bus: Bus, progress: Progress, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await bus.create_topics(SPECS)
            return
        except BusUnavailable as error:
            progress.waits_for = f"the log can't be reached: {error}"
            await sleep_unless(stop, RETRY_S)


def load_knowledge(gazetteer_path: Path | None) -> Coder:
    """The extractor's own coder. Imported here because spaCy is large and only the coders' processes need it."""
    from services.extractor.knowledge import load_coder

    return load_coder(gazetteer_path)


def main() -> int:
    """Read the settings and code; the exit code."""

    async def start() -> None:
        try:
            settings, bus_settings = ExtractorSettings(), BusSettings()
        except ValidationError as error:
            raise StartFailed(f"settings: {describe(error)}") from None
        await serve_extractor(settings, bus_settings, functools.partial(load_knowledge, settings.gazetteer_path))

    return run("extractor", start)
