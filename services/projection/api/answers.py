"""What the query API answers with."""

from typing import Generic, TypeVar

from pydantic import BaseModel, Field

from services.projection.core.casualties import LedgerRow, Toll
from services.projection.core.incidents import Incident
from services.projection.core.measures import MeasureInForce
from services.projection.core.timeline import TimelineEntry
from shared.bus.dead_letters import DeadLetter
from shared.events import Event
from shared.model import Instant
from shared.reports import CodedReceipt, RawReport

T = TypeVar("T")


class Answer(BaseModel):
    """`position` says how far the log had been read; give it as `min_position` to read at least as far elsewhere."""

    position: str


class PageAnswer(Answer, Generic[T]):
    items: list[T]
    next: str | None = Field(default=None, description="The cursor of the next page; absent at the end.")


class Events(PageAnswer[Event]):
    pass


class Timeline(PageAnswer[TimelineEntry]):
    pass


class Incidents(PageAnswer[Incident]):
    pass


class Casualties(PageAnswer[LedgerRow]):
    """Rows of the ledger; a page holds whole events. Adding rows up counts people twice: sources overlap."""


class Measures(PageAnswer[MeasureInForce]):
    at: Instant


class Tolls(PageAnswer[Toll]):
    """Per side and measure the range over each source's latest cumulative claim. Nothing is summed."""

    reports_counted: int
    complete: bool = Field(description="False where older reports match that were not looked at; raise `among`.")


class EventAnswer(Answer):
    event: Event
    counts: bool = Field(description="False where its report is withdrawn or was coded again by a newer coder.")


class IncidentAnswer(Answer):
    incident: Incident


class ReportSummary(BaseModel):
    id: str
    outlet: str
    url: str | None = None
    title: str | None = None
    external_id: str | None = None
    published_at: Instant
    received_at: Instant
    characters: int
    supersedes: str | None = None
    withdrawn: bool


class Reports(PageAnswer[ReportSummary]):
    pass


class WithdrawnBy(BaseModel):
    report_id: str
    at: Instant
    retracts: bool


class Mark(BaseModel):
    """A span of the body, in Unicode code points, that an event rests on."""

    event_id: str
    kind: str
    start: int
    end: int


class ReportAnswer(Answer):
    """The report in full, the events that count, and every span of them in the order of the text."""

    report: RawReport
    withdrawn_by: list[WithdrawnBy]
    receipts: list[CodedReceipt]
    events: list[Event]
    marks: list[Mark]


class DeadLetters(PageAnswer[DeadLetter]):
    pass


class TopicStatus(BaseModel):
    topic: str
    lag_messages: int
    positions: dict[str, int] = Field(description="The next offset of each partition.")


class OwedOffset(BaseModel):
    partition: int
    offset: int


class Status(Answer):
    """How far the projection is, and what is owed."""

    trouble: str | None = None
    lag_messages: int
    topics: list[TopicStatus]
    raw_owed: int = Field(description="Raw messages read here that have neither receipt nor dead letter.")
    raw_owed_first: list[OwedOffset]
    raw_owed_since: Instant | None = Field(
        default=None, description="When the first of them was received: long ago, the extractor stands still."
    )
    received_last: Instant | None = Field(default=None, description="When ingest took the last report on the log.")
    reports: int
    events: int
    dead_letters: int
    dead_letters_by_reason: dict[str, int]
    coder_versions: list[str]
    coder_pins: list[str] = Field(
        description="Which coder versions count, first first (see `tocsin recode`); empty: the newest of each report."
    )
    feed_last: int
