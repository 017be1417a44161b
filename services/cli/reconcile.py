"""`tocsin reconcile`: code again what has neither receipt nor dead letter."""

from services.cli.log import open_log, run


def reconcile() -> None:
    """Find raw reports that were left uncoded and code them, here and now. The extractor does the same by itself."""
    count = run(_reconcile())
    print(
        f"coded {count} report{'' if count == 1 else 's'} that had been left" if count else "nothing was left uncoded"
    )


async def _reconcile() -> int:
    import asyncio
    import functools

    from prometheus_client import CollectorRegistry

    from services.extractor.crew import Crew
    from services.extractor.limit import DeadLetterLimit
    from services.extractor.main import load_knowledge
    from services.extractor.progress import Progress
    from services.extractor.reconcile import find_gaps_on
    from services.extractor.reconcile import reconcile as code_again
    from services.extractor.settings import ExtractorSettings
    from services.extractor.stream import Settler

    async with open_log() as bus:
        if not await find_gaps_on(bus):
            return 0  # no need to load the coder
        settings = ExtractorSettings()
        async with Crew(functools.partial(load_knowledge, settings.gazetteer_path), 0) as crew:
            progress = Progress(CollectorRegistry(), settings.stall_s)
            return await code_again(bus, Settler(bus, crew, progress, DeadLetterLimit()), asyncio.Event())
