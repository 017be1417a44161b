"""Two places for the read models of one database URL: one is live, the other is where they are rebuilt.

Slot a is the database itself. Slot b is a second file beside SQLite's, or a second schema in PostgreSQL's database. One
mark says that b is live: a file, or a table, made and removed in one step. It changes only under the lock of whoever
writes to the live ones, so that nothing is written to what was live a moment ago.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from sqlalchemy import text
from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

Slot = Literal["a", "b"]
SCHEMA_B: Final = "tocsin_b"
MARK: Final = "is_live"


class PlaceRetired(Exception):
    """The read models that were to be written are not the live ones any more."""


@dataclass(slots=True)
class Place:
    """Where an engine goes: mutable, because it follows what is live unless it is `fixed`."""

    slot: Slot
    fixed: bool
    dialect: str
    database: str

    @property
    def file(self) -> str:
        """SQLite's file of the slot."""
        return self.database if self.slot == "a" else _file_b(self.database)

    def on_connect(self, _: Dialect, entry: ConnectionPoolEntry, arguments: Any, options: dict[str, Any]) -> None:
        """Turn a new connection to the slot."""
        entry.info["slot"] = self.slot
        if self.slot == "a":
            return
        if self.dialect == "sqlite":
            arguments[0] = self.file
        else:
            options["server_settings"] = options.get("server_settings", {}) | {"search_path": SCHEMA_B}

    def on_checkout(self, _: DBAPIConnection, entry: ConnectionPoolEntry, __: PoolProxiedConnection) -> None:
        """Have a connection to what was live before replaced by a new one."""
        if entry.info["slot"] != self.slot:
            raise DisconnectionError("the read models are live elsewhere")


def other(slot: Slot) -> Slot:
    return "b" if slot == "a" else "a"


def place_of(on: AsyncEngine | AsyncConnection) -> Place:
    """Where an engine of `open_engine`, or a connection of one, goes."""
    if isinstance(on, AsyncEngine):
        place = on.get_execution_options()["place"]
    else:
        assert on.sync_connection is not None, "the connection is open"
        place = on.sync_connection.get_execution_options()["place"]
    assert isinstance(place, Place)
    return place


def _file_b(database: str) -> str:
    return f"{database}.b"


def _mark_file(database: str) -> Path:
    return Path(f"{database}.b.{MARK}")


async def live_slot(connection: AsyncConnection) -> Slot:
    """Which slot is live, as the connection sees it now."""
    place = place_of(connection)
    if place.dialect == "sqlite":
        return "b" if _mark_file(place.database).exists() else "a"
    found = await connection.execute(text(f"SELECT to_regclass('{SCHEMA_B}.{MARK}') IS NOT NULL"))
    return "b" if found.scalar_one() else "a"


async def make_room(connection: AsyncConnection) -> None:
    """Make the schema of slot b where there is none. A file of SQLite makes itself."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA_B}"))


async def set_live(connection: AsyncConnection, slot: Slot) -> None:
    """Make a slot the live one, in one step, which on PostgreSQL is the end of this transaction.

    The transaction holds the writer's lock on the slot that is live until then.
    """
    place = place_of(connection)
    if place.dialect == "sqlite":
        mark = _mark_file(place.database)
        if slot == "b":
            mark.touch()
        else:
            mark.unlink(missing_ok=True)
        return
    change = "CREATE TABLE" if slot == "b" else "DROP TABLE"
    await connection.execute(text(f"{change} {SCHEMA_B}.{MARK}" + (" ()" if slot == "b" else "")))
