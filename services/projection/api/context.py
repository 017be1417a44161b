"""What the routes share: the engine, progress, pages and waiting."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fastapi import Request

from services.projection.api.params import Paged, Query, bad_request
from services.projection.api.tokens import (
    Key,
    message_place,
    read_cursor,
    read_position,
    write_cursor,
    write_position,
)
from services.projection.core.casualties import Groups
from services.projection.progress import Progress, wait_for_bell
from services.projection.settings import ProjectionSettings
from services.projection.store.engine import Engine
from services.projection.store.read_operations import is_coded, reached
from shared.bus.port import TopicPartition
from shared.topics import RAW
from shared.web.problems import Problem, ProblemError

LOOK_EVERY_S: Final = 0.25
"""Another process may write; where ours does, it rings."""


@dataclass(frozen=True, slots=True)
class Context:
    """Everything that the routes need. `stop` ends live feeds."""

    engine: Engine
    progress: Progress
    settings: ProjectionSettings
    groups: Groups
    stop: asyncio.Event

    async def wait(self, query: Query) -> None:
        """Until the log was read as far as `min_position` asks. Raises ProblemError: 400, or 503 when time is up."""
        if query.min_position is None:
            return
        try:
            wanted = read_position(query.min_position)
        except ValueError as error:
            raise bad_request("min_position", str(error), "leave it out to read what is there now") from None
        raw = None
        if not query.min_position.startswith("p."):
            topic, partition, offset = message_place(query.min_position)
            raw = (partition, offset) if topic == RAW.name else None
        until_s = time.monotonic() + query.wait_s
        while True:
            bell = self.progress.notice.bell()
            if await reached(self.engine, wanted) and (raw is None or await is_coded(self.engine, *raw)):
                return
            left_s = until_s - time.monotonic()
            if left_s <= 0:
                detail = f"The log was not read as far as {query.min_position[:80]} within {query.wait_s:g} s."
                raise ProblemError(Problem(503, "not-yet", "Not read so far yet", detail, retry_after_s=1))
            await wait_for_bell(bell, min(left_s, LOOK_EVERY_S))


def position(positions: Mapping[TopicPartition, int]) -> str:
    return write_position(positions)


def scope(request: Request) -> str:
    """The query that a cursor belongs to: path and filters, without what only says how much or how long."""
    free = {"cursor", "limit", "min_position", "wait_s"}
    pairs = sorted((name, value) for name, value in request.query_params.multi_items() if name not in free)
    return f"{request.url.path}?{pairs}"


def after_key(request: Request, query: Paged, like: Key) -> Key | None:
    """The key in the query's cursor. Raises ProblemError 400 for one that is not of this query."""
    if query.cursor is None:
        return None
    try:
        return read_cursor(query.cursor, scope(request), like)
    except ValueError as error:
        raise bad_request("cursor", str(error), "start again without it") from None


def next_cursor(request: Request, key: Key | None) -> str | None:
    return write_cursor(key, scope(request)) if key else None
