"""Read models while they are built afresh, where nobody reads them and a build that was killed begins anew.

So the indexes that writing itself does not look into are made at the end, all at once, which is several times less
work than keeping them, and nothing waits for the disk until then.
"""

import asyncio
import os
from pathlib import Path
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.projection.store.engine import file_of, writing
from services.projection.store.places import MARK
from services.projection.store.text import EVENT_TEXT, REPORT_TEXT

KEPT: Final = frozenset({"ix_events_cluster", "ix_events_report", "ix_event_blocks_event"})
"""The writer merges clusters by the first, finds the events of withdrawn reports by the second, and replaces an event
by the last."""
INDEX_MEMORY_MB: Final = 256
"""For sorting while PostgreSQL makes an index; its default of 64 MB would sort a million rows on the disk."""


async def wipe(engine: AsyncEngine) -> None:
    """Take everything out of the place, whatever schema it has and however its last build ended.

    Who still reads an old file of SQLite goes on with it; the engine has no connection to it yet.
    """
    file = file_of(engine)
    if file is not None:
        await asyncio.to_thread(_unlink, file)
        return
    async with writing(engine).begin() as connection:
        query = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
        for name in list((await connection.execute(text(query))).scalars()):
            if name != MARK:
                await connection.execute(text(f'DROP TABLE "{name}" CASCADE'))


async def drop_indexes(engine: AsyncEngine) -> tuple[str, ...]:
    """Drop all but `KEPT`; the statements that make them again."""
    async with writing(engine).begin() as connection:
        if connection.dialect.name == "postgresql":
            query = (
                "SELECT 'index' AS sort, indexname AS name, indexdef AS made FROM pg_indexes "
                "WHERE schemaname = current_schema() AND left(indexname, 3) = 'ix_' ORDER BY indexname"
            )
        else:
            query = (
                "SELECT type AS sort, name, sql AS made FROM sqlite_master "
                "WHERE type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY name"
            )
        found = [row for row in (await connection.execute(text(query))).all() if row.name not in KEPT]
        for row in found:
            await connection.execute(text(f'DROP {row.sort} "{row.name}"'))
    return tuple(row.made for row in found)


async def make_indexes(engine: AsyncEngine, statements: tuple[str, ...]) -> None:
    """Make what `drop_indexes` dropped, and what else belongs to a database that was filled at once."""
    async with writing(engine).begin() as connection:
        if connection.dialect.name == "postgresql":
            await connection.exec_driver_sql(f"SET LOCAL maintenance_work_mem = '{INDEX_MEMORY_MB}MB'")
        for statement in statements:
            await connection.exec_driver_sql(statement)
        if connection.dialect.name == "postgresql":
            await connection.exec_driver_sql("ANALYZE")
            return
        for index in (EVENT_TEXT.sqlite_index, REPORT_TEXT.sqlite_index):
            await connection.exec_driver_sql(f"INSERT INTO {index}({index}) VALUES ('rebuild')")


async def settle(engine: AsyncEngine) -> None:
    """Close the engine; what was built is on the disk. PostgreSQL sees to that with the next commit that waits."""
    file = file_of(engine)
    await engine.dispose()
    if file is not None:
        await asyncio.to_thread(_sync, file)


def _unlink(file: Path) -> None:
    for part in ("", "-wal", "-shm", "-journal"):
        file.with_name(file.name + part).unlink(missing_ok=True)


def _sync(file: Path) -> None:
    with file.open("rb+") as opened:
        os.fsync(opened.fileno())
