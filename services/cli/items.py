"""Reports in files or on standard input: text, JSON or NDJSON, one item after the other, read as they come."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

from services.cli.problem import CliError

STDIN: Final = Path("-")
LINE_SUFFIXES: Final = (".ndjson", ".jsonl")
WHOLE_BYTES_MAX: Final = 1_000_000_000
"""A JSON array or a text is read whole; a larger one belongs in NDJSON, which is read line by line."""


@dataclass(frozen=True, slots=True)
class TextOptions:
    """What a plain text does not say of itself. Without `published_at`, the file's own time or the present is taken."""

    outlet: str
    published_at: str | None


@dataclass(frozen=True, slots=True)
class Item:
    """One report as JSON on one line; `where` says where it stood, as in `reports.ndjson:17`."""

    where: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something that is no item at all, and why."""

    where: str
    why: str


def read_items(paths: list[Path], text: TextOptions) -> Iterator[Item | Unreadable]:
    """The items of the files in order; of standard input for `-` or no file. Raises CliError for a missing file."""
    for path in paths or [STDIN]:
        if path == STDIN:
            yield from _of_stream(sys.stdin.buffer, "-", "", text, None)
            continue
        try:
            with path.open("rb") as stream:
                modified = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                yield from _of_stream(stream, str(path), path.suffix.lower(), text, modified)
        except OSError as error:
            raise CliError(f"{path}: {error.strerror}") from None


def _of_stream(
    stream: BinaryIO, name: str, suffix: str, text: TextOptions, modified: datetime | None
) -> Iterator[Item | Unreadable]:
    if suffix in LINE_SUFFIXES:
        yield from _lines(stream, name, 1)
        return
    first, skipped = b"", 0
    if suffix != ".txt":  # look at the first line that has something in it
        for first in stream:
            if first.strip(b"\xef\xbb\xbf \t\r\n"):
                break
            skipped += 1
    opening = first.lstrip(b"\xef\xbb\xbf \t")[:1]
    if opening == b"{" and _is_object(first):
        yield Item(f"{name}:{skipped + 1}", first.strip(b"\xef\xbb\xbf \t\r\n"))
        yield from _lines(stream, name, skipped + 2)
        return
    whole = b"\n" * skipped + first + stream.read(WHOLE_BYTES_MAX + 1)
    if len(whole) > WHOLE_BYTES_MAX:
        yield Unreadable(name, f"is over {WHOLE_BYTES_MAX:,} bytes; write it as NDJSON, a report a line")
    elif opening in (b"{", b"["):
        yield from _json(whole, name)
    elif suffix == ".json":
        yield Unreadable(name, "is not JSON; write an object, an array of objects, or an object a line")
    else:
        yield _text(whole, name, text, modified)


def _lines(stream: BinaryIO, name: str, number: int) -> Iterator[Item]:
    for count, line in enumerate(stream, number):
        raw = line.strip(b"\xef\xbb\xbf \t\r\n") if count == 1 else line.strip()
        if raw:
            yield Item(f"{name}:{count}", raw)


def _is_object(line: bytes) -> bool:
    """Whether a line is a whole JSON value, so that the file is NDJSON. A broken one of a single line counts as well:
    it is then told as a broken item, and the lines after it are still read."""
    try:
        json.loads(line.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError):
        return line.rstrip().endswith(b"}")
    return True


def _json(whole: bytes, name: str) -> Iterator[Item | Unreadable]:
    try:
        value = json.loads(whole.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as error:
        yield Unreadable(name, f"is not JSON: {error}")
        return
    elements = value if isinstance(value, list) else [value]
    for index, element in enumerate(elements):
        where = f"{name}[{index}]" if isinstance(value, list) else name
        yield Item(where, json.dumps(element).encode())


def _text(whole: bytes, name: str, text: TextOptions, modified: datetime | None) -> Item | Unreadable:
    try:
        body = whole.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        return Unreadable(name, f"is not UTF-8 at byte {error.start}")
    published_at = text.published_at
    if published_at is None:
        published_at = (modified or datetime.now(UTC)).isoformat(timespec="seconds")
        source = "the file's own time" if modified else "the present moment"
        print(f"tocsin: {name}: took {source}, {published_at}; --published-at says another", file=sys.stderr)
    report = {"outlet": text.outlet, "body": body, "published_at": published_at}
    if name != "-":
        report["external_id"] = name
    return Item(name, json.dumps(report).encode())
