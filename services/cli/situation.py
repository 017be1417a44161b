"""The situation in four tables: timeline, casualties by source, measures, what is contested."""

from typing import Any, Final

from services.cli.client import Client
from services.cli.show import show
from services.cli.views import CASUALTIES, CONTESTED, MEASURES, TIMELINE, View

TIMELINE_ROWS_MAX: Final = 40
ROWS_MAX: Final = 15
"""A situation is read at a glance; `tocsin query` shows the rest."""


def show_situation(projection: Client) -> None:
    """Print it as the newest report leaves it. Prints nothing where there is no report."""
    newest = _items(projection, "/v1/reports", {"limit": "1"})
    if not newest:
        return
    at = str(newest[0]["published_at"])
    _table(projection, "Timeline", TIMELINE, {}, TIMELINE_ROWS_MAX, "tocsin query timeline")
    _table(projection, "Casualties by source (claims; never summed)", CASUALTIES, {"kind": "casualty_report"}, ROWS_MAX,
           "tocsin query casualties")  # fmt: skip
    _table(projection, f"Measures at {at}", MEASURES, {"at": at}, ROWS_MAX, f"tocsin query measures -p at={at}")
    _table(projection, "Contested", CONTESTED, {"contested": "true"}, ROWS_MAX,
           "tocsin query incidents -p contested=true")  # fmt: skip


def _table(projection: Client, title: str, view: View, params: dict[str, str], rows_max: int, more: str) -> None:
    items = _items(projection, view.path, params | {"limit": str(rows_max + 1)})
    if not items:
        print(f"{title}: nothing reported")
        return
    show(title, view.columns, items[:rows_max])
    if len(items) > rows_max:
        print(f"… and more: {more}\n")


def _items(projection: Client, path: str, params: dict[str, str]) -> list[Any]:
    return list(projection.get(path, list(params.items()))["items"])
