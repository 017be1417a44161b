"""Bring a database to the schema of this code, forward or back, under the writer's lock."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from services.projection.store.engine import lock_writer, writing


class SchemaTooNew(Exception):
    """The database was made by a newer version of this code."""


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, with no file: the scripts lie beside this package."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent.parent / "migrations").replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made


async def upgrade(engine: AsyncEngine, revision: str = "head") -> None:
    """Make or bring forward the schema. Two processes may try at once; one waits. Raises SchemaTooNew."""
    async with writing(engine).begin() as connection:
        await lock_writer(connection)
        await connection.run_sync(_upgrade, revision)


async def downgrade(engine: AsyncEngine, revision: str) -> None:
    """Take the schema back, with the loss of what the older one can't hold."""
    async with writing(engine).begin() as connection:
        await lock_writer(connection)
        await connection.run_sync(lambda c: command.downgrade(config(c), revision))


def _upgrade(connection: Connection, revision: str) -> None:
    scripts = ScriptDirectory.from_config(config())
    known = {script.revision for script in scripts.walk_revisions()}
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in known:
        raise SchemaTooNew(f"the database is at schema {current}, which this version does not know; upgrade the code")
    if current != scripts.get_current_head() or revision != "head":
        command.upgrade(config(connection), revision)
