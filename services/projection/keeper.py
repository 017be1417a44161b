"""Keeps the map up to date beside the stream: what has changed is worked out again when there is time for it."""

import asyncio
import logging
from typing import Final

from services.projection.progress import Progress, wait_for_bell
from services.projection.settings import ProjectionSettings
from services.projection.store.engine import DATABASE_ERRORS, Engine, follow, is_transient
from services.projection.store.keep_map import keep_up
from services.projection.store.places import PlaceRetired

LOOK_EVERY_S: Final = 1.0
"""Another process may write; where ours does, it rings."""
RETRY_S: Final = 2.0

log = logging.getLogger(__name__)


async def keep_map(engine: Engine, progress: Progress, settings: ProjectionSettings, stop: asyncio.Event) -> None:
    """Until stopped. Any number of processes may: work done twice is the same.

    While the log is far ahead it rests, because what is worked out now would change again.
    """
    while not stop.is_set():
        bell = progress.notice.bell()
        wait_s = LOOK_EVERY_S
        try:
            if sum(progress.lag().values()) <= settings.batch_messages_max and await keep_up(engine):
                continue
        except PlaceRetired:
            await follow(engine)
        except DATABASE_ERRORS as error:
            if not is_transient(error):
                raise
            log.warning("the map can't be kept up to date: %s", error)
            wait_s = RETRY_S
        await wait_for_bell(bell, wait_s)
