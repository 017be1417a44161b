"""Databases that the projection's tests share."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from services.projection.store.engine import Engine, open_engine
from services.projection.store.migrate import upgrade
from tests.integration import postgres


def sqlite_url(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


async def _migrate(url: str) -> None:
    opened = open_engine(url)
    await upgrade(opened)
    await opened.dispose()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server for the session."""
    with postgres.server() as url:
        yield url


# The schema is made once a session and copied for each test: the migrations take longer than most tests.
@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("schema") / "readmodels.sqlite"
    asyncio.run(_migrate(sqlite_url(path)))
    assert not path.with_name(f"{path.name}-wal").exists()
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> Iterator[str]:
    with postgres.database(postgres_server) as url:
        asyncio.run(_migrate(url))
        yield postgres.name_of(url)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """An empty PostgreSQL database of this test's own."""
    with postgres.database(postgres_server) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of this test's own, on each kind: empty, but for a test that takes `engine` too."""
    migrated, path = "engine" in request.fixturenames, tmp_path / "readmodels.sqlite"
    if request.param == "postgres":
        template = request.getfixturevalue("postgres_template") if migrated else None
        with postgres.database(request.getfixturevalue("postgres_server"), template) as url:
            yield url
    else:
        if migrated:
            shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield sqlite_url(path)


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[Engine]:
    """An engine on a database with the schema of today."""
    opened = open_engine(database_url)
    yield opened
    await opened.dispose()
