"""A batch becomes its items: NDJSON line by line, or a JSON array element by element. Pure."""

from datetime import datetime

from services.ingest.core.report import Flaw, Refused, parse_item, parse_json, parse_report
from shared.reports import Report

Item = Report | Refused


def _count(items: int, items_max: int) -> Refused | None:
    if items == 0:
        return Refused(422, "The batch is empty", (Flaw("", "has no report", "send at least one report"),))
    if items > items_max:
        flaw = Flaw("", f"has {items:,} reports; at most {items_max:,} are taken at once", "send several batches")
        return Refused(413, "The batch is too large", (flaw,))
    return None


def parse_lines(raw: bytes, items_max: int, now: datetime) -> tuple[Item, ...] | Refused:
    """One item a line that is not blank; a broken line spoils only itself. Or why the whole can't be taken."""
    lines = [line for line in raw.removeprefix(b"\xef\xbb\xbf").split(b"\n") if line.strip()]
    return _count(len(lines), items_max) or tuple(parse_item(line, now) for line in lines)


def parse_array(raw: bytes, items_max: int, now: datetime) -> tuple[Item, ...] | Refused:
    """One item an element. Broken JSON spoils the whole, because nobody can say where its elements end."""
    value = parse_json(raw)
    if isinstance(value, Refused):
        return value
    if not isinstance(value, list):
        flaw = Flaw("", "is JSON, but not an array", "send an array, or one object a line as application/x-ndjson")
        return Refused(422, "The batch is not an array", (flaw,))
    return _count(len(value), items_max) or tuple(parse_report(item, now) for item in value)
