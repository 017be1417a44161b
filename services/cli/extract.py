"""`tocsin extract`: reports in, typed events out, without a broker; and with `--explain`, why."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from services.cli.items import Item, TextOptions, read_items
from services.cli.problem import CliError

if TYPE_CHECKING:
    from services.extractor.core.coder import Explained
    from services.extractor.handler import Coder
    from shared.reports import RawReport

    class ExplainingCoder(Coder, Protocol):
        """A coder that can be asked why."""

        def explain(self, report: RawReport) -> Explained: ...


def extract(
    files: Annotated[
        list[Path] | None, typer.Argument(help="NDJSON, JSON or plain text; standard input where there is none.")
    ] = None,
    published_at: Annotated[
        str | None, typer.Option(help="When a plain text was published, RFC 3339 with offset.")
    ] = None,
    outlet: Annotated[str, typer.Option(help="Who published a plain text.")] = "unnamed outlet",
    explain: Annotated[
        bool, typer.Option("--explain", help="Show each event in its text, with the reason of every slot.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="With --explain: NDJSON, each event with its explanation beside it.")
    ] = False,
) -> None:
    """Code reports without a broker; write their events as NDJSON to standard output.

    A report that is invalid is told on standard error with its line, the others are coded all the same, and the exit
    code is 1.
    """
    coder = load()
    troubles = 0
    for item in read_items(files or [], TextOptions(outlet, published_at)):
        trouble = _tell(coder, item, explain=explain, as_json=as_json) if isinstance(item, Item) else item.why
        if trouble is not None:
            troubles += 1
            print(f"tocsin: {item.where}: {trouble}", file=sys.stderr)
        sys.stdout.flush()
    if troubles:
        raise CliError(f"{troubles} {'report was' if troubles == 1 else 'reports were'} not coded; see above")


def load() -> "ExplainingCoder":
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


def _tell(coder: "ExplainingCoder", item: Item, *, explain: bool, as_json: bool) -> str | None:
    """Write what comes of one item; what is wrong with it, if anything is."""
    from services.cli.explain import as_line, console, write
    from services.ingest.core.report import Refused, parse_item
    from shared.codec import encode
    from shared.reports import RawReport

    report = parse_item(item.raw, datetime.now(UTC))
    if isinstance(report, Refused):
        return "; ".join(f"{flaw.field or 'the report'} {flaw.problem}: {flaw.mend}" for flaw in report.flaws)
    # The coding does not depend on when we received it; a fixed moment makes two runs alike.
    raw = RawReport.of(report, report.published_at)
    # As in the extractor's handler: a defect of the coder on one report must not cost the reports behind it.
    try:
        if explain:
            explained = coder.explain(raw)
        else:
            events = coder.code(raw).events
    except Exception as error:
        return f"the coder failed, which is our defect: {type(error).__name__}: {error}"
    if not explain:
        lines = [encode(event) for event in events]
    elif as_json:
        lines = list(map(as_line, explained.coding.events, explained.explanations))
    else:
        write(console(), report.external_id or item.where, report, explained)
        return None
    sys.stdout.buffer.write(b"".join(line + b"\n" for line in lines))
    sys.stdout.buffer.flush()
    return None
