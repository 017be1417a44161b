"""SQLite connections that do each statement in one hop to their thread and back.

aiosqlite makes four of it (a cursor, the statement, its rows, closing the cursor), and each hop waits for two threads
to be given the processor: on a busy machine that is most of the time of a short query. What is read is read whole
either way, as SQLAlchemy does with every result that is not streamed.
"""

import sqlite3
from collections.abc import Sequence
from functools import partial
from typing import Any, Self

import aiosqlite

Parameters = Sequence[Any]


class _Cursor:
    """What SQLAlchemy asks of a cursor, with the rows fetched as the statement runs."""

    def __init__(self, connection: "OneHopConnection") -> None:
        self._on = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, parameters: Parameters = ()) -> Self:
        await self._on.hop(partial(self._run, sql, parameters))
        return self

    async def executemany(self, sql: str, parameters: Sequence[Parameters]) -> Self:
        await self._on.hop(partial(self._run_many, sql, parameters))
        return self

    async def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Nothing is open."""

    def _run(self, sql: str, parameters: Parameters) -> None:
        self._keep(self._on.connection.execute(sql, parameters))

    def _run_many(self, sql: str, parameters: Sequence[Parameters]) -> None:
        self._keep(self._on.connection.executemany(sql, parameters))

    def _keep(self, cursor: sqlite3.Cursor) -> None:
        self.description = cursor.description
        self._rows = cursor.fetchall() if cursor.description else []
        self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        cursor.close()


class OneHopConnection(aiosqlite.Connection):
    @property
    def connection(self) -> sqlite3.Connection:
        """To be used in the thread only."""
        return self._conn

    async def hop(self, work: Any) -> None:
        """Do it in the connection's thread."""
        await self._execute(work)  # type: ignore[no-untyped-call]

    def cursor(self) -> Any:
        return _Cursor(self)


def connect(database: str, **options: Any) -> OneHopConnection:
    """What SQLAlchemy is given as `async_creator_fn`: begins to connect when awaited."""
    made = OneHopConnection(partial(sqlite3.connect, database, **options), iter_chunk_size=64)
    made._thread.daemon = True  # as SQLAlchemy has it: nobody's exit waits for a forgotten connection
    return made
