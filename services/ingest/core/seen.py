"""Which report ids lie on the log, and where: what makes posting twice harmless and known. Pure."""

from collections import OrderedDict
from typing import NamedTuple


class Lies(NamedTuple):
    """Where a report lies on `reports.raw.v1`."""

    partition: int
    offset: int


class SeenIds:
    """The newest `ids_max` ids (about 200 bytes each). `complete` is set once the whole log has been read."""

    def __init__(self, ids_max: int) -> None:
        self._ids_max = ids_max
        self._lies: OrderedDict[bytes, Lies] = OrderedDict()
        self.complete = False

    def __len__(self) -> int:
        return len(self._lies)

    def add(self, report_id: str, lies: Lies) -> None:
        """Remember an id; the first place it was found at stays."""
        self._lies.setdefault(_packed(report_id), lies)
        if len(self._lies) > self._ids_max:
            self._lies.popitem(last=False)

    def find(self, report_id: str) -> Lies | None:
        return self._lies.get(_packed(report_id))


def _packed(report_id: str) -> bytes:
    """16 bytes instead of 34 characters: a million of them is the size of the index."""
    return bytes.fromhex(report_id[2:])
