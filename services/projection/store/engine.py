"""Engines: SQLite in WAL mode for one machine, PostgreSQL by URL. Transactions say themselves what they lock."""

import sqlite3
from pathlib import Path
from typing import Any, Final

from asyncpg.exceptions import InterfaceError as PostgresClientError
from asyncpg.exceptions import OperatorInterventionError as PostgresStopping
from asyncpg.exceptions import PostgresConnectionError, PostgresError
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from services.projection.store.one_hop import connect
from services.projection.store.places import Place, PlaceRetired, Slot, live_slot, place_of

BUSY_TIMEOUT_MS: Final = 10_000
"""How long a SQLite writer waits for another; a batch takes well under a second."""
CACHE_KIB: Final = 64 * 1024
BUILDING_CACHE_KIB: Final = 512 * 1024
"""While read models are built afresh: the indexes by id of two million rows, which come in no order."""
POOL_CONNECTIONS: Final = 8
"""Readers at once. SQLite answers from page cache in threads; PostgreSQL's default allows 100 in all."""
POOL_OVERFLOW: Final = 8
POOL_WAIT_S: Final = 15.0
WRITER_LOCK: Final = 7_006_652
"""The advisory lock of the one writer of a PostgreSQL database; any number that nobody else uses."""


DATABASE_ERRORS: Final = (SQLAlchemyError, OSError, PostgresError, PostgresClientError)
"""All that a database may raise; the last three while connecting, where SQLAlchemy does not wrap them."""

Engine = AsyncEngine
"""What others hold without knowing SQLAlchemy."""


def open_engine(url: str, slot: Slot | None = None, *, building: bool = False) -> AsyncEngine:
    """An engine for a SQLite or PostgreSQL URL. Raises ValueError for any other database.

    It goes where `follow` last found the live read models (until then to slot a), or always to `slot`. `building`:
    what is written may be lost, all of it, until `building.settle`, and one connection at a time is at it.
    """
    engine = _open(url, building)
    place = Place(slot or "a", slot is not None, engine.dialect.name, make_url(url).database or "")
    event.listen(engine.sync_engine, "do_connect", place.on_connect)
    event.listen(engine.sync_engine, "checkout", place.on_checkout)
    engine.update_execution_options(place=place)
    return engine


def file_of(engine: AsyncEngine) -> Path | None:
    """SQLite's file where the engine goes; None for PostgreSQL."""
    place = place_of(engine)
    return Path(place.file) if place.dialect == "sqlite" else None


async def follow(engine: AsyncEngine) -> bool:
    """Go where the read models are live; True where that is elsewhere than before."""
    place = place_of(engine)
    if place.fixed:
        return False
    async with engine.connect() as connection:
        live = await live_slot(connection)
    if live == place.slot:
        return False
    place.slot = live
    return True


def _open(url: str, building: bool) -> AsyncEngine:
    parsed = make_url(url)
    if parsed.drivername == "sqlite+aiosqlite":
        if parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_async_engine(
            parsed,
            pool_size=POOL_CONNECTIONS,
            max_overflow=POOL_OVERFLOW,
            pool_timeout=POOL_WAIT_S,
            connect_args={"async_creator_fn": connect},
        )
        event.listen(engine.sync_engine, "connect", _prepare_sqlite_building if building else _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return engine
    if parsed.drivername == "postgresql+asyncpg":
        return create_async_engine(
            parsed,
            pool_size=POOL_CONNECTIONS,
            max_overflow=POOL_OVERFLOW,
            pool_timeout=POOL_WAIT_S,
            pool_pre_ping=True,
            isolation_level="REPEATABLE READ",
            connect_args={"server_settings": {"synchronous_commit": "off"}} if building else {},
        )
    raise ValueError(f"database_url has {parsed.drivername!r}; use sqlite+aiosqlite or postgresql+asyncpg")


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # Rows could be read from the log again, but feed numbers that were seen must stay.
    _set_sqlite(connection, "journal_mode = WAL", "synchronous = FULL", f"cache_size = -{CACHE_KIB}")


def _prepare_sqlite_building(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # Each page is written once, not to a log first.
    _set_sqlite(connection, "journal_mode = MEMORY", "synchronous = OFF", f"cache_size = -{BUILDING_CACHE_KIB}")


def _set_sqlite(connection: DBAPIConnection, *pragmas: str) -> None:
    adapted: Any = connection
    adapted.isolation_level = None  # sqlite3 must not begin transactions on its own; `_begin_sqlite` does
    cursor = connection.cursor()
    for pragma in (f"busy_timeout = {BUSY_TIMEOUT_MS}", *pragmas, "foreign_keys = ON", "temp_store = MEMORY"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def writing(engine: AsyncEngine) -> AsyncEngine:
    """The same engine, whose transactions take the write lock at once on SQLite (see `lock_writer` for PostgreSQL).

    PostgreSQL writes under READ COMMITTED: the lock comes first, and what was committed before it must be seen.
    """
    if engine.dialect.name == "sqlite":
        return engine.execution_options(writes=True)
    return engine.execution_options(isolation_level="READ COMMITTED")


async def lock_writer(connection: AsyncConnection) -> None:
    """Hold off every other writer of these read models until this transaction ends.

    Raises PlaceRetired where they are live elsewhere by now: then nothing was written, and `follow` goes there.
    """
    if connection.dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(:lock, hashtext(current_schema()))")
        await connection.execute(lock, {"lock": WRITER_LOCK})
    place = place_of(connection)
    if not place.fixed and await live_slot(connection) != place.slot:
        raise PlaceRetired("the read models were rebuilt and are live elsewhere")


def is_transient(error: Exception) -> bool:
    """Whether a database error may pass by itself: a locked file, a full disk, a server that is away or restarts."""
    if isinstance(error, OSError | PoolTimeout | PostgresConnectionError | PostgresStopping | PostgresClientError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if isinstance(error.orig, sqlite3.OperationalError):
        return any(word in str(error.orig) for word in ("locked", "busy", "disk", "unable to open"))
    stopped = isinstance(getattr(error.orig, "__cause__", None), PostgresConnectionError | PostgresStopping)
    return stopped or error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
