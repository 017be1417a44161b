"""Parquet, a row group a page, so that no answer is too large to hold. pyarrow is large and loaded when first asked."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

from services.projection.core.sheets import Cell, CellType, Column

T = TypeVar("T")

PARQUET: Final = "application/vnd.apache.parquet"
COUNT_MAX: Final = 2**63 - 1
"""What Parquet's widest integer holds; a larger count is held to it, and whole in the event's own JSON."""


class _Sink:
    """A file that keeps what is written to it until it is taken."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._at = 0
        self.closed = False

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._at += len(part)
        return len(part)

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        """Everything is where it can be taken already."""

    def close(self) -> None:
        self.closed = True

    def take(self) -> bytes:
        taken, self._parts = b"".join(self._parts), []
        return taken


def _value(cell: Cell, of: CellType) -> object:
    if cell is None or of == "text":
        return cell if cell is None else str(cell)
    if of == "time":
        return datetime.fromisoformat(str(cell))
    return float(cell) if of == "number" else max(min(int(cell), COUNT_MAX), -COUNT_MAX)


async def parquet(columns: Sequence[Column[T]], pages: AsyncIterator[Sequence[T]]) -> AsyncIterator[bytes]:
    """A file with these columns. Times are microseconds UTC, the HXL tag is in each field's metadata as `hxl`."""
    import pyarrow as arrow  # type: ignore[import-untyped]
    from pyarrow.parquet import ParquetWriter  # type: ignore[import-untyped]

    types: dict[CellType, Any] = {
        "text": arrow.string(),
        "time": arrow.timestamp("us", tz="UTC"),
        "count": arrow.int64(),
        "number": arrow.float64(),
    }
    schema = arrow.schema([arrow.field(c.header, types[c.type], metadata={"hxl": c.hxl}) for c in columns])
    sink = _Sink()
    with ParquetWriter(sink, schema) as writer:
        async for page in pages:
            if page:
                cells = {c.header: [_value(c.cell(item), c.type) for item in page] for c in columns}
                writer.write_table(arrow.table(cells, schema=schema))
                yield sink.take()
    yield sink.take()
