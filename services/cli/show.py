"""Answers of the query API as tables on a terminal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.cli.lines import safe

Item = dict[str, Any]
PIPE_COLUMNS: Final = 150
"""Wide enough for a table in a file or a pipe, which has no width of its own."""
OTHERS_SHOWN_MAX: Final = 3
"""Names in a cell; more make a row a paragraph."""


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    text: Callable[[Item], str]
    wide: bool = False


def console() -> Console:
    found = Console(highlight=False)
    return found if found.is_terminal else Console(width=PIPE_COLUMNS, highlight=False)


def show(title: str, columns: Sequence[Column], items: Sequence[Item]) -> None:
    """Print one table. Cells are text and nothing in them is markup."""
    table = Table(title=title or None, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column.title, ratio=1 if column.wide else None, overflow="fold", no_wrap=False)
    for item in items:
        table.add_row(*(Text(safe(column.text(item))) for column in columns))
    console().print(table)


def names(values: Sequence[str]) -> str:
    """The first few names, and how many more."""
    unique = list(dict.fromkeys(values))
    more = len(unique) - OTHERS_SHOWN_MAX
    return ", ".join(unique[:OTHERS_SHOWN_MAX]) + (f" and {more} more" if more > 0 else "")


def moment(value: str | None, precision: str | None = "minute", beside: str | None = None) -> str:
    """An RFC 3339 time as precisely as it is known, in its own offset or in that of the time `beside` it.

    The query API computes in UTC, and the day of a report from Tbilisi begins at 20:00 UTC of the day before.
    """
    if value is None:
        return ""
    at = datetime.fromisoformat(value)
    if beside is not None:
        at = at.astimezone(datetime.fromisoformat(beside).tzinfo)
    formats = {"week": "%Y-%m-%d", "day": "%Y-%m-%d", "part_of_day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}
    return at.strftime(formats.get(precision or "minute", "%Y-%m-%d %H:%M"))


def count(item: Item) -> str:
    """A count with its qualifier, as in `at least 20 killed`."""
    lead = {"at_least": "at least ", "over": "over ", "up_to": "up to ", "about": "about ", "vague": "about "}
    low, high = item.get("min"), item.get("max")
    number = f"{low:,} to {high:,}" if None not in (low, high) and low != high else f"{high if low is None else low:,}"
    return f"{lead.get(item['qualifier'], '')}{number} {item['measure']}"


def range_of(item: Item) -> str:
    """A range of claims, as in `20 to 60 killed (contradictory)`."""
    low, high = item["low"], item.get("high")
    number = f"{low:,}" if high in (None, low) else f"{low:,} to {high:,}"
    marks = (" or more" if item["open_above"] else "") + (" (contradictory)" if item["contradictory"] else "")
    return f"{number}{marks} {item['measure']}" if not item["contradictory"] else f"{number} {item['measure']}{marks}"
