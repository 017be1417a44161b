"""Code the reference reports and say how good that is: `python -m tests.golden.evaluate`, which `make eval` runs."""

import argparse
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from services.extractor.knowledge import load_coder
from tests.golden.figures import Confidence, Evaluation, Figure, HalfResult, evaluate
from tests.golden.floors import FLOORS, raised, read_floors, write_floors
from tests.golden.reference import HALVES, Half, load_reports

DOCS: Final = Path(__file__).parents[2] / "docs" / "quality.md"
TABLES: Final = re.compile(r"(?<=<!-- tables -->\n).*?(?=<!-- end of tables -->)", re.DOTALL)
TITLES: Final[Mapping[Half, str]] = {"tuning": "tuning", "kept_apart": "apart"}
MISS_WORDS_CHARS_MAX: Final = 70
"""A miss is one line on a terminal; the JSON has the whole quotation."""

Row = tuple[str, ...]


def run() -> Evaluation:
    """Code every report once and score both halves. Raises GazetteerMissing before `make setup`."""
    coder = load_coder()
    reports = load_reports()
    return evaluate(coder.version, reports, {report.id: coder.code(report.raw()) for report in reports})


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _row(name: str, figures: Sequence[Figure | None]) -> Row:
    cells = [cell for f in figures for cell in _cells(f)]
    return (name, *cells)


def _cells(figure: Figure | None) -> tuple[str, ...]:
    if figure is None:
        return ("–", "–", "–", "–")
    return (
        _percent(figure.precision if figure.given else None),
        _percent(figure.recall if figure.asked else None),
        _percent(figure.f1),
        str(figure.asked),
    )


def _head(first: str) -> Row:
    return (first, *(f"{TITLES[half]}: {name}" for half in HALVES for name in ("P", "R", "F1", "asked")))


def tables(evaluation: Evaluation) -> dict[str, tuple[Row, list[Row]]]:
    """Every table by its title: the head and the rows, ready for a terminal or for Markdown."""
    halves = [evaluation.half(name) for name in HALVES]
    kinds = sorted({kind for half in halves for kind in half.kinds})
    return {
        "Totals": (
            _head("figure"),
            [
                _row("event", [h.event for h in halves]),
                _row("fact", [h.fact for h in halves]),
                _row("strict", [h.strict for h in halves]),
            ],
        ),
        "Slots of matched events": (
            _head("slot"),
            [_row(slot, [h.slots[slot] for h in halves]) for slot in halves[0].slots],
        ),
        "Kinds": (_head("kind"), [_row(kind, [h.kinds.get(kind) for h in halves]) for kind in kinds]),
        "Reliability": (
            ("confidence", *(f"{TITLES[half]}: {name}" for half in HALVES for name in ("events", "right"))),
            _reliability_rows([h.reliability for h in halves]),
        ),
    }


def _reliability_rows(halves: Sequence[Sequence[Confidence]]) -> list[Row]:
    rows = []
    for bins in zip(*halves, strict=True):
        cells = [cell for b in bins for cell in (str(b.events), _percent(b.share))]
        rows.append((f"{bins[0].low:.1f}–{bins[0].high:.1f}", *cells))
    return rows


def markdown(evaluation: Evaluation, day: str) -> str:
    """The tables as Markdown, with the day, the coder's version and the set."""
    sizes = " and ".join(f"{evaluation.half(name).reports} reports {_written(name)}" for name in HALVES)
    parts = [f"Measured on {day} with coder `{evaluation.coder}` on `tests/golden/reports`: {sizes}.\n"]
    for title, (head, rows) in tables(evaluation).items():
        parts.append(f"### {title}\n")
        rule = tuple("---" if n == 0 else "---:" for n in range(len(head)))
        parts.append("\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows)) + "\n")
    return "\n" + "\n".join(parts) + "\n"


def _written(half: Half) -> str:
    return "that rules may be tuned on" if half == "tuning" else "kept apart"


def with_tables(page: str, fresh: str) -> str:
    """The page with the fresh tables between its marks. Raises ValueError where it has no marks."""
    if TABLES.search(page) is None:
        raise ValueError("the page has no <!-- tables --> and <!-- end of tables -->")
    return TABLES.sub(lambda _: fresh, page, count=1)


def _stacked(name: str, before: str) -> str:
    """A column's head in two lines; a half is named over its first column alone, so that 80 columns are enough."""
    half, _, figure = name.rpartition(": ")
    return f"{'' if half == before.rpartition(': ')[0] else half}\n{figure}"


def show(evaluation: Evaluation, console: Console, missed: Iterable[HalfResult], misses_max: int | None) -> None:
    """Print the tables, then the misses of the halves that were asked for."""
    console.print(f"coder {evaluation.coder}", highlight=False)
    for title, (head, rows) in tables(evaluation).items():
        table = Table(
            title=title,
            title_justify="left",
            header_style="bold",
            box=SIMPLE_HEAD,
            padding=(0, 1, 0, 0),
            pad_edge=False,
        )
        for name, before in zip(head, ("", *head), strict=False):
            table.add_column(_stacked(name, before), justify="right" if ": " in name else "left", no_wrap=True)
        for row in rows:
            table.add_row(*row)
        console.print(table)
    for half in missed:
        console.print(f"[bold]Misses, {half.half}[/bold] ({len(half.misses)})")
        for miss in half.misses[:misses_max]:
            words = " ".join(miss.words.split())[:MISS_WORDS_CHARS_MAX]
            style = {"missed": "red", "spurious": "yellow"}.get(miss.trouble, "cyan")
            line = f"{miss.report}  [{style}]{miss.trouble}[/{style}]  {miss.kind}  {escape(words)}"
            console.print(line, highlight=False, soft_wrap=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Exit code 1 where a floor does not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.golden.evaluate", description=__doc__)
    parser.add_argument("--misses", type=int, metavar="N", help="list at most N misses a half (all of them if absent)")
    parser.add_argument(
        "--kept-apart", action="store_true", help="list the kept-apart half's misses too: not for tuning"
    )
    parser.add_argument("--json", action="store_true", help="write figures and misses as one JSON object")
    parser.add_argument("--write-docs", action="store_true", help="put fresh tables into docs/quality.md")
    parser.add_argument("--raise-floors", action="store_true", help="raise floors.json to what is reached, never lower")
    options = parser.parse_args(arguments)
    evaluation = run()
    console = Console()
    if options.json:
        print((evaluation if options.kept_apart else evaluation.without_misses("kept_apart")).model_dump_json(indent=1))
    else:
        missed = [evaluation.half(name) for name in HALVES if name == "tuning" or options.kept_apart]
        show(evaluation, console, missed, options.misses)
    if options.write_docs:
        fresh = markdown(evaluation, datetime.now(UTC).date().isoformat())
        DOCS.write_text(with_tables(DOCS.read_text(encoding="utf-8"), fresh), encoding="utf-8")
    floors = read_floors(FLOORS)
    if options.raise_floors:
        floors = raised(floors, evaluation)
        write_floors(FLOORS, floors)
    broken = floors.broken_by(evaluation)
    for line in broken:
        Console(stderr=True).print(f"[red]{line}[/red]")
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
