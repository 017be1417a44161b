"""The extractor as a process of its own, for tests that kill it: all real, but for the tiny slow coder."""

import sys

from services.extractor.main import serve_extractor
from services.extractor.settings import ExtractorSettings
from shared.bus.settings import BusSettings
from shared.web.serve import run
from tests.integration.tiny_coder import load_slow


async def start() -> None:
    await serve_extractor(ExtractorSettings(batch_messages_max=4, reconcile_s=1), BusSettings(), load_slow)


if __name__ == "__main__":
    sys.exit(run("extractor", start))
