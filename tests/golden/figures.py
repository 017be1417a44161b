"""What an evaluation found, as plain figures that can be printed, written as JSON or put into the documentation."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Self

from services.extractor.core.coder import Coding
from shared.model import Model
from tests.golden.reference import HALVES, Half, ReferenceReport, of_half
from tests.golden.scoring import SLOTS, Miss, Score, Slot, Tally, reliability, score_report


class Figure(Model):
    """Precision, recall and F1 (each 0 to 1) and the counts behind them."""

    precision: float
    recall: float
    f1: float
    right: int
    asked: int
    given: int

    @classmethod
    def of(cls, tally: Tally) -> Self:
        return cls(
            precision=round(tally.precision, 4),
            recall=round(tally.recall, 4),
            f1=round(tally.f1, 4),
            right=tally.right,
            asked=tally.asked,
            given=tally.given,
        )


class Confidence(Model):
    """How many events have a confidence in [low, high], and how many of those match a reference event."""

    low: float
    high: float
    events: int
    right: int

    @property
    def share(self) -> float | None:
        return self.right / self.events if self.events else None


class HalfResult(Model):
    """The figures of one half of the set. `slots` counts matched events alone."""

    half: Half
    reports: int
    event: Figure
    fact: Figure
    strict: Figure
    slots: Mapping[Slot, Figure]
    kinds: Mapping[str, Figure]
    reliability: tuple[Confidence, ...]
    misses: tuple[Miss, ...]


class Evaluation(Model):
    """One run over the whole set."""

    coder: str
    halves: tuple[HalfResult, ...]

    def half(self, name: Half) -> HalfResult:
        return next(h for h in self.halves if h.half == name)

    def without_misses(self, name: Half) -> "Evaluation":
        """The same figures without the misses of one half, which nobody is to tune on."""
        return self.model_copy(
            update={"halves": tuple(h.model_copy(update={"misses": ()}) if h.half == name else h for h in self.halves)}
        )


def total(reports: Iterable[ReferenceReport], codings: Mapping[str, Coding]) -> Score:
    """The summed score of reports whose codings are given by report id."""
    score = Score()
    for report in reports:
        score += score_report(report, codings[report.id].events)
    return score


def evaluate(coder: str, reports: Sequence[ReferenceReport], codings: Mapping[str, Coding]) -> Evaluation:
    """The figures of both halves for the codings of one coder version."""
    return Evaluation(coder=coder, halves=tuple(_half(half, of_half(reports, half), codings) for half in HALVES))


def _half(half: Half, reports: Sequence[ReferenceReport], codings: Mapping[str, Coding]) -> HalfResult:
    score = total(reports, codings)
    return HalfResult(
        half=half,
        reports=len(reports),
        event=Figure.of(score.event),
        fact=Figure.of(score.fact),
        strict=Figure.of(score.strict),
        slots={slot: Figure.of(score.slots.get(slot, Tally())) for slot in SLOTS},
        kinds={kind: Figure.of(tally) for kind, tally in sorted(score.kinds.items())},
        reliability=tuple(
            Confidence(low=b.low, high=b.high, events=b.events, right=b.right) for b in reliability(score.judged)
        ),
        misses=score.misses,
    )
