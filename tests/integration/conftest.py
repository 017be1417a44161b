"""Databases that the projection's tests share."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from services.projection.store.engine import Engine, open_engine
from services.projection.store.migrate import upgrade
from tests.integration import postgres


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server for the session."""
    with postgres.server() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """An empty PostgreSQL database of this test's own."""
    with postgres.database(postgres_server) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of this test's own, on each kind."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'readmodels.sqlite'}"
    else:
        yield request.getfixturevalue("postgres_url")


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[Engine]:
    """An engine on a database with the schema of today."""
    opened = open_engine(database_url)
    await upgrade(opened)
    yield opened
    await opened.dispose()
