"""Multi-row inserts whose result does not depend on the order of rows."""

from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, Table, and_, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from services.projection.store.rows import Row
from services.projection.store.tables import Base

T = TypeVar("T")

CURRENT_SCHEMA: Final = select(func.current_schema())

KEYS_A_QUERY: Final = 5_000
"""Bound values of one statement. PostgreSQL takes 32,767, SQLite as built by Debian 250,000 (elsewhere 32,766)."""


def table(of: type[Base]) -> Table:
    found = of.__table__
    assert isinstance(found, Table)
    return found


def chunks(items: Sequence[T], size: int = KEYS_A_QUERY) -> Iterator[Sequence[T]]:
    return (items[i : i + size] for i in range(0, len(items), size))


def _insert(connection: AsyncConnection, of: type[Base]) -> Any:
    module: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    return module.insert(table(of))


async def add(connection: AsyncConnection, of: type[Base], rows: Sequence[Row]) -> None:
    """Add rows whose keys are not there, by the fastest means of each database. Every row has every column."""
    if not rows:
        return
    target = table(of)
    names = [column.name for column in target.columns]
    values = list(map(itemgetter(*names), rows))
    if connection.dialect.name == "postgresql":  # COPY, within the transaction that is open
        raw = await connection.get_raw_connection()
        assert raw.driver_connection is not None, "the connection is open"
        schema = (await connection.execute(CURRENT_SCHEMA)).scalar_one()
        await raw.driver_connection.copy_records_to_table(
            target.name, schema_name=schema, columns=names, records=values
        )
        return
    columns = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join("?" * len(names))
    await connection.exec_driver_sql(f"INSERT INTO {target.name} ({columns}) VALUES ({marks})", values)


async def insert_new(connection: AsyncConnection, of: type[Base], rows: Sequence[Row]) -> None:
    """Add the rows whose key is not there; leave those that are."""
    if rows:
        await connection.execute(_insert(connection, of).on_conflict_do_nothing(), list(rows))


async def put(connection: AsyncConnection, of: type[Base], rows: Sequence[Row]) -> None:
    """Add the rows, in place of those with the same key."""
    if not rows:
        return
    insert = _insert(connection, of)
    key = [column.name for column in table(of).primary_key]
    values = {name: insert.excluded[name] for name in rows[0] if name not in key}
    await connection.execute(insert.on_conflict_do_update(index_elements=key, set_=values), list(rows))


async def put_first(connection: AsyncConnection, of: type[Base], rows: Sequence[Row], first: str) -> None:
    """Add the rows; of several with one key keep that with the smallest `first`, then the smallest payload."""
    if not rows:
        return
    insert, target = _insert(connection, of), table(of).c
    key = [column.name for column in table(of).primary_key]
    values = {name: insert.excluded[name] for name in rows[0] if name not in key}
    ours: ColumnElement[Any] = target["payload"]
    theirs: ColumnElement[Any] = insert.excluded["payload"]
    if connection.dialect.name == "postgresql":  # bytewise, whatever the database's language
        ours, theirs = ours.collate("C"), theirs.collate("C")
    earlier = or_(insert.excluded[first] < target[first], and_(insert.excluded[first] == target[first], theirs < ours))
    statement = insert.on_conflict_do_update(index_elements=key, set_=values, where=earlier)
    await connection.execute(statement, list(rows))


async def put_least(connection: AsyncConnection, of: type[Base], rows: Sequence[Row], number: str) -> None:
    """Add the rows; of several with one key keep the smallest `number`. What else they hold is the same."""
    if not rows:
        return
    insert, target = _insert(connection, of), table(of)
    key = [column.name for column in target.primary_key]
    lower = insert.excluded[number] < target.c[number]
    change = insert.on_conflict_do_update(index_elements=key, set_={number: insert.excluded[number]}, where=lower)
    await connection.execute(change, list(rows))


async def add_up(connection: AsyncConnection, of: type[Base], rows: Sequence[Row], number: str) -> None:
    """Add the rows; where the key is there, add the new `number` to the old."""
    if not rows:
        return
    insert, target = _insert(connection, of), table(of)
    key = [column.name for column in target.primary_key]
    values = {number: target.c[number] + insert.excluded[number]}
    await connection.execute(insert.on_conflict_do_update(index_elements=key, set_=values), list(rows))
