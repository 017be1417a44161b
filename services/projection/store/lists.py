"""A column's value in a list of any length, as one bound value: SQLAlchemy's own IN binds each, which for a few hundred
ids takes longer than the query."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Text, literal
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.functions import FunctionElement


class _Listed(FunctionElement[str]):
    """Arguments: the list as JSON, and as an array; a database is sent its own."""

    type = Text()
    name = "listed"
    inherit_cache = True


@compiles(_Listed, "sqlite")
def _on_sqlite(element: _Listed, compiler: Any, **options: Any) -> str:
    return f"(SELECT value FROM json_each({compiler.process(next(iter(element.clauses)), **options)}))"


@compiles(_Listed, "postgresql")
def _on_postgresql(element: _Listed, compiler: Any, **options: Any) -> str:
    # what is processed is sent as well, so no more than is used
    return f"(SELECT unnest({compiler.process(list(element.clauses)[1], **options)}))"


def in_list(column: InstrumentedAttribute[Any], values: Iterable[str]) -> ColumnElement[bool]:
    """The text in the column is one of these."""
    ordered = sorted(values)
    return column.bool_op("IN")(_Listed(literal(json.dumps(ordered)), literal(ordered, ARRAY(Text))))
