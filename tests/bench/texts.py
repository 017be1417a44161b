"""The benchmark's texts: reports of ordinary news from templates of our own, and the reference reports."""

import random
import re
from pathlib import Path
from typing import Final

import yaml

ORDINARY: Final = Path(__file__).parent / "ordinary_news.yaml"
PARAGRAPHS: Final = 4
"""A report's paragraphs; with four sentences each, as long as a reference report."""


def ordinary_reports(count: int, chance: random.Random) -> list[str]:
    """Bodies of reports on ordinary things; the same for the same chance. Every template comes up before one does
    again."""
    lists = yaml.safe_load(ORDINARY.read_text(encoding="utf-8"))
    templates: list[str] = []

    def paragraph() -> str:
        nonlocal templates
        if not templates:
            templates = chance.sample(lists["paragraphs"], len(lists["paragraphs"]))
        return re.sub(r"\{(\w+)\}", lambda m: str(chance.choice(lists[m[1]])), templates.pop())

    return ["\n\n".join(paragraph() for _ in range(PARAGRAPHS)) for _ in range(count)]
