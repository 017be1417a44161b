"""Full text: SQLite's FTS5 and PostgreSQL's tsvector, over words that we cut ourselves, so that both find the same."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Boolean, ColumnElement, TextClause, and_, literal, literal_column, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.functions import FunctionElement

from services.projection.core.words import tokens


@dataclass(frozen=True, slots=True)
class IndexedText:
    """A table whose column `words` is indexed, and SQLite's index of it."""

    table: str
    sqlite_index: str


EVENT_TEXT: Final = IndexedText("events", "event_words")
REPORT_TEXT: Final = IndexedText("reports", "report_words")


class _HasWords(FunctionElement[bool]):
    """Arguments: FTS5's query, tsquery's; a database is sent its own."""

    type = Boolean()
    inherit_cache = True
    _is_implicitly_boolean = True  # else SQLite is sent "(...) = 1", which no index can answer

    def __init__(self, of: IndexedText, q: str) -> None:
        found = tokens(q)
        self.name = of.table
        super().__init__(
            literal_column(of.table),
            literal_column(of.sqlite_index),
            literal(" ".join(f'"{token}"*' for token in found)),
            literal(" & ".join(f"'{token}':*" for token in found)),
        )


@compiles(_HasWords, "sqlite")
def _on_sqlite(element: _HasWords, compiler: Any, **options: Any) -> str:
    parts = list(element.clauses)
    table, index, query = (compiler.process(part, **options) for part in parts[:3])
    return f"{table}.rowid IN (SELECT rowid FROM {index} WHERE {index} MATCH {query})"


@compiles(_HasWords, "postgresql")
def _on_postgresql(element: _HasWords, compiler: Any, **options: Any) -> str:
    parts = list(element.clauses)  # what is processed is sent as well, so no more than is used
    table, query = (compiler.process(part, **options) for part in (parts[0], parts[3]))
    return f"array_to_tsvector(string_to_array({table}.words, ' ')) @@ CAST({query} AS tsquery)"


def sqlite_count(of: IndexedText, q: str, rows_max: int) -> TextClause:
    """How many rows have the words, by SQLite's index alone, up to that many."""
    match = " ".join(f'"{token}"*' for token in tokens(q))
    index = of.sqlite_index
    query = f"SELECT count(*) FROM (SELECT rowid FROM {index} WHERE {index} MATCH :match LIMIT :rows_max)"
    return text(query).bindparams(match=match, rows_max=rows_max)


def has_words(of: IndexedText, q: str) -> ColumnElement[bool]:
    """All words of `q` are in the row's text, or begin a word of it. `q` has a word."""
    return _HasWords(of, q)


def walks_words(words: InstrumentedAttribute[str], q: str) -> ColumnElement[bool]:
    """The same, row by row without the index."""
    return and_(*((" " + words).like(f"% {token}%") for token in tokens(q)))
