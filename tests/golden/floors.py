"""The figures below which the coder must not fall, by half. They are raised as it gets better and never lowered."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import Field

from shared.model import Model
from tests.golden.figures import Evaluation, HalfResult
from tests.golden.reference import HALVES, Half

FLOORS: Final = Path(__file__).parent / "floors.json"
MARGIN: Final = 0.03
"""F1 points between what was reached and the floor: a change that helps elsewhere may cost a few events here."""


class Floor(Model):
    """The least F1 for events and for facts, 0 to 1."""

    event: float = Field(ge=0, le=1)
    fact: float = Field(ge=0, le=1)


class Floors(Model):
    """One floor a half."""

    halves: Mapping[Half, Floor]

    def broken_by(self, evaluation: Evaluation) -> list[str]:
        """What has fallen, in words; nothing where every floor holds."""
        return [
            f"{half}: {name} F1 is {reached:.3f}, its floor {floor:.3f}"
            for half in HALVES
            for name, reached, floor in _beside(evaluation.half(half), self.halves[half])
            if reached < floor
        ]


def _beside(result: HalfResult, floor: Floor) -> tuple[tuple[str, float, float], tuple[str, float, float]]:
    return ("event", result.event.f1, floor.event), ("fact", result.fact.f1, floor.fact)


def raised(floors: Floors, evaluation: Evaluation) -> Floors:
    """Floors at MARGIN below what is reached, or where they were if that is higher."""
    return Floors(
        halves={
            half: Floor(
                event=max(floors.halves[half].event, round(evaluation.half(half).event.f1 - MARGIN, 3)),
                fact=max(floors.halves[half].fact, round(evaluation.half(half).fact.f1 - MARGIN, 3)),
            )
            for half in HALVES
        }
    )


def read_floors(path: Path) -> Floors:
    """Raises pydantic's ValidationError for a file that breaks the format."""
    return Floors.model_validate_json(path.read_text(encoding="utf-8"))


def write_floors(path: Path, floors: Floors) -> None:
    path.write_text(floors.model_dump_json(indent=1) + "\n", encoding="utf-8")
