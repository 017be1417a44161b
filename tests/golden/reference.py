"""Reference reports: our own texts with the events that the contract asks for.

One file a report under `reports/`. A name in `places`, `agents`, `targets` or `sources` may give alternatives, written
"Sukhumi | Sokhumi"; any of them is right. `country` and `tz` are the scorer's: the coder has to find the theatre.
"""

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field

from shared.events.base import Measure, Precision, Status
from shared.model import Instant, Model
from shared.reports import RawReport, Report

REPORTS: Final = Path(__file__).parent / "reports"
ALTERNATIVES: Final = "|"

Half = Literal["tuning", "kept_apart"]
"""`tuning`: read while rules are written. `kept_apart`: rules are never written after looking at it."""
HALVES: Final[tuple[Half, ...]] = ("tuning", "kept_apart")


def _split(value: object) -> object:
    return tuple(part.strip() for part in value.split(ALTERNATIVES)) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_split), Field(min_length=1)]
"""The names that are right for one slot value."""


class ReferenceTime(Model):
    """When. A bare date stands for a time that is told no finer; a moment carries its offset."""

    start: Instant | date
    end: Instant | date | None = None
    precision: Precision


class ReferencePlace(Model):
    """Where. `country` and `role` tell the reader; the scorer compares names."""

    name: Names
    country: str | None
    role: Literal["location", "origin", "destination", "scope"]


class ReferenceQuantity(Model):
    """How many: `min` alone is "at least" and "dozens", `max` alone is "up to", both alike is a plain number."""

    measure: Measure
    min: int | None
    max: int | None
    of: str | None = None


class ReferenceEvent(Model):
    """One event, on the sentence of `anchor`, words that stand once in the body. Optional ones are not asked for."""

    kind: str
    anchor: str
    status: Status
    time: ReferenceTime | None
    places: tuple[ReferencePlace, ...]
    agents: tuple[Names, ...]
    targets: tuple[Names, ...]
    quantities: tuple[ReferenceQuantity, ...]
    sources: tuple[Names, ...]
    optional: bool


class ReferenceReport(Model):
    """A report and its events, in the order of their anchors."""

    id: str
    set: Half
    outlet: str
    title: str
    published_at: Instant
    country: str
    tz: str
    body: str
    events: tuple[ReferenceEvent, ...]

    def raw(self) -> RawReport:
        """What the coder gets: nothing of the annotation, nor the theatre."""
        report = Report(
            outlet=self.outlet,
            title=self.title,
            body=self.body,
            published_at=self.published_at,
            external_id=self.id,
        )
        return RawReport.of(report, self.published_at)

    def local_date(self, moment: datetime) -> date:
        """The calendar day of a moment by the clock of the report's theatre on the day of publication."""
        offset = self.published_at.astimezone(ZoneInfo(self.tz)).tzinfo
        return moment.astimezone(offset).date()


def load_reports(folder: Path = REPORTS) -> tuple[ReferenceReport, ...]:
    """Every reference report, by id. Raises pydantic's ValidationError for a file that breaks the format."""
    return tuple(
        ReferenceReport.model_validate_json(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))
    )


def of_half(reports: Iterable[ReferenceReport], half: Half) -> tuple[ReferenceReport, ...]:
    return tuple(r for r in reports if r.set == half)
