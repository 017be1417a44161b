"""Which words tell civilian from military."""

from functools import cache
from pathlib import Path
from typing import cast

from services.projection.core.casualties import Group, Groups


@cache
def read_groups() -> Groups:
    """From `data/groups.tsv`."""
    lines = (Path(__file__).parent / "data" / "groups.tsv").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return {word: cast(Group, group) for word, group in pairs}
