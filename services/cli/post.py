"""`tocsin post`: reports from files to ingest, in batches, with a bar; goes on where it was interrupted."""

import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple

import typer

from services.cli.environment import adopt_running
from services.cli.items import STDIN, Item, TextOptions, Unreadable, read_items
from services.cli.problem import CliError

if TYPE_CHECKING:
    from services.cli.client import Client

BATCH_ITEMS: Final = 100
BATCH_BYTES: Final = 4_000_000
"""Ingest takes 1,000 items or 10 MB at once by default; smaller batches move the bar and lose less to a cut line."""
TRIES_MAX: Final = 20
RETRY_S: Final = 2.0
RETRY_S_MAX: Final = 60.0
BOOKMARKS: Final = Path("var/post")


class Posted(NamedTuple):
    """`place` is topic/partition/offset, where it lies on the log."""

    id: str
    place: str


@dataclass
class Tally:
    """What became of the items. `problems` has a line for each that was refused."""

    accepted: int = 0
    duplicate: int = 0
    problems: list[str] = field(default_factory=list)
    posted: list[Posted] = field(default_factory=list)


def post(
    files: Annotated[
        list[Path] | None, typer.Argument(help="NDJSON, JSON or plain text; standard input where there is none.")
    ] = None,
    published_at: Annotated[
        str | None, typer.Option(help="When a plain text was published, RFC 3339 with offset.")
    ] = None,
    outlet: Annotated[str, typer.Option(help="Who published a plain text.")] = "unnamed outlet",
) -> None:
    """Post reports to ingest. Posting twice is harmless; after an interruption it goes on where it stopped."""
    from services.cli.bar import bar
    from services.cli.client import Client

    adopt_running()
    text, tally = TextOptions(outlet, published_at), Tally()
    paths = files or [STDIN]
    sizes = [path.stat().st_size for path in paths if path != STDIN and path.exists()]
    with Client("ingest") as client, bar("posting", sum(sizes) if STDIN not in paths else None) as advance:
        for path in paths:
            bookmark = None if path == STDIN else Bookmark(path, client.url)
            post_items(client, read_items([path], text), tally, advance, bookmark)
    for problem in tally.problems:
        print(f"tocsin: {problem}", file=sys.stderr)
    print(f"{tally.accepted} accepted ({tally.duplicate} of them were there already), {len(tally.problems)} refused")
    if tally.problems:
        raise CliError("not everything was taken; see above")


class Bookmark:
    """How many items of a file ingest has acknowledged; kept in a small file until all are."""

    def __init__(self, path: Path, url: str, folder: Path = BOOKMARKS) -> None:
        try:
            facts = path.stat()
        except OSError as error:
            raise CliError(f"{path}: {error.strerror}") from None
        key = f"{path.resolve()}|{facts.st_size}|{facts.st_mtime_ns}|{url}"  # a changed file begins anew
        self._path = folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"
        self.done = 0
        if self._path.is_file():
            try:
                self.done = int(json.loads(self._path.read_text())["done"])
            except (ValueError, KeyError, TypeError):
                self.done = 0  # a torn bookmark: posting all of it again is harmless

    def keep(self, done: int) -> None:
        self.done = done
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps({"done": done}))

    def drop(self) -> None:
        self._path.unlink(missing_ok=True)


def post_items(
    client: "Client",
    items: Iterable[Item | Unreadable],
    tally: Tally,
    advance: Callable[[int], None],
    bookmark: Bookmark | None = None,
    batch_items: int = BATCH_ITEMS,
) -> None:
    """Post the items that the bookmark does not say are done; `advance` is told the bytes of each batch."""
    skip = bookmark.done if bookmark else 0
    if skip:
        print(f"tocsin: {skip} items were posted before the interruption; going on behind them", file=sys.stderr)
    count = 0
    for batch in _batches(items, batch_items):
        count += len(batch)
        fresh = batch[max(0, len(batch) - (count - skip)) :] if count > skip else []
        ready = [item for item in fresh if isinstance(item, Item)]
        tally.problems += [f"{item.where}: {item.why}" for item in fresh if isinstance(item, Unreadable)]
        if ready:
            _post_batch(client, ready, tally)
            if bookmark:
                bookmark.keep(count)
        advance(sum(len(item.raw) + 1 for item in batch if isinstance(item, Item)))
    if bookmark:
        bookmark.drop()


def _batches(items: Iterable[Item | Unreadable], items_max: int) -> Iterator[list[Item | Unreadable]]:
    batch: list[Item | Unreadable] = []
    size = 0
    for item in items:
        weight = len(item.raw) if isinstance(item, Item) else 0
        if batch and (len(batch) >= items_max or size + weight > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(item)
        size += weight
    if batch:
        yield batch


def _post_batch(client: "Client", items: list[Item], tally: Tally) -> None:
    from services.cli.client import problem_of

    body = b"\n".join(item.raw for item in items)
    for _ in range(TRIES_MAX):
        answer = client.send(
            "POST", "/v1/reports:batch", content=body, headers={"Content-Type": "application/x-ndjson"}
        )
        if answer.status_code not in (429, 503):
            break
        after = answer.headers.get("Retry-After", "")
        time.sleep(min(float(after) if after.isdecimal() else RETRY_S, RETRY_S_MAX))
    if answer.status_code != 200:
        raise CliError(f"{items[0].where} and on: {problem_of(answer)}")
    for item, result in zip(items, answer.json()["results"], strict=True):
        report, problem = result["report"], result["problem"]
        if report is None:
            errors = problem["errors"] or [{"field": "", "problem": problem["detail"], "mend": ""}]
            tally.problems += [
                f"{item.where}: {e['field'] or 'the report'} {e['problem']}: {e['mend']}" for e in errors
            ]
            continue
        tally.accepted += 1
        tally.duplicate += report["duplicate"] is True
        tally.posted.append(Posted(report["id"], f"{report['topic']}/{report['partition']}/{report['offset']}"))
