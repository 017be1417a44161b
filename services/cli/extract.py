"""`tocsin extract`: reports in, typed events out, without a broker."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.items import Item, TextOptions, read_items
from services.cli.problem import CliError

if TYPE_CHECKING:
    from services.extractor.handler import Coder
    from shared.events.base import BaseEvent


def extract(
    files: Annotated[
        list[Path] | None, typer.Argument(help="NDJSON, JSON or plain text; standard input where there is none.")
    ] = None,
    published_at: Annotated[
        str | None, typer.Option(help="When a plain text was published, RFC 3339 with offset.")
    ] = None,
    outlet: Annotated[str, typer.Option(help="Who published a plain text.")] = "unnamed outlet",
) -> None:
    """Code reports without a broker; write their events as NDJSON to standard output.

    A report that is invalid is told on standard error with its line, the others are coded all the same, and the exit
    code is 1.
    """
    from shared.codec import encode

    coder = load()
    troubles = 0
    for item in read_items(files or [], TextOptions(outlet, published_at)):
        events, trouble = code(coder, item) if isinstance(item, Item) else ((), item.why)
        if trouble is not None:
            troubles += 1
            print(f"tocsin: {item.where}: {trouble}", file=sys.stderr)
        for event in events:
            sys.stdout.buffer.write(encode(event) + b"\n")
        sys.stdout.buffer.flush()
    if troubles:
        raise CliError(f"{troubles} {'report was' if troubles == 1 else 'reports were'} not coded; see above")


def load() -> "Coder":
    """The coder that the extractor would use, with its settings. Raises CliError."""
    from pydantic import ValidationError

    from services.extractor.gazetteer import GazetteerMissing
    from services.extractor.knowledge import load_coder
    from services.extractor.settings import ExtractorSettings
    from shared.codec import describe

    try:
        return load_coder(ExtractorSettings().gazetteer_path)
    except GazetteerMissing as error:
        raise CliError(str(error)) from None
    except ValidationError as error:
        raise CliError(f"settings: {describe(error)}") from None


def code(coder: "Coder", item: Item) -> "tuple[tuple[BaseEvent, ...], str | None]":
    """The events of one item, or none and what is wrong with it."""
    from services.ingest.core.report import Refused, parse_item
    from shared.reports import RawReport

    report = parse_item(item.raw, datetime.now(UTC))
    if isinstance(report, Refused):
        return (), "; ".join(f"{flaw.field or 'the report'} {flaw.problem}: {flaw.mend}" for flaw in report.flaws)
    # As in the extractor's handler: a defect of the coder on one report must not cost the reports behind it.
    try:
        # The coding does not depend on when we received it; a fixed moment makes two runs alike.
        return coder.code(RawReport.of(report, report.published_at)).events, None
    except Exception as error:
        return (), f"the coder failed, which is our defect: {type(error).__name__}: {error}"
