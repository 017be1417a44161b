"""The raw report, as it lies on `reports.raw.v1`, and the receipt that the extractor owes for it."""

from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from shared.model import Instant, Model, derive_id

REPORT_BODY_CHARS_MAX: Final = 1_000_000
"""A report longer than a book is a mistake; the whole message must also fit Kafka's default 1 MiB batch."""
REPORT_BYTES_MAX: Final = 900_000
"""The encoded report. Kafka's default `max.message.bytes` is 1,048,588; headers and batch framing need room."""


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        raise ValueError(f"{name!r} is no IANA time zone; write one as in 'Asia/Tbilisi'") from error
    return name


def _has_text(value: str) -> str:
    if not value.strip():
        raise ValueError("is blank; it needs at least one visible character")
    return value


def _encodable(value: str) -> str:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError(f"has a lone surrogate at character {error.start}; send valid Unicode") from error
    return value


def _lower_language(value: object) -> object:
    """BCP 47 has no case, and `en_GB` is what many systems write; what was always taken stays as it was written."""
    if not isinstance(value, str):
        return value
    language, *rest = value.strip().replace("_", "-").split("-")
    return "-".join([language.lower(), *rest])


Text = Annotated[str, AfterValidator(_encodable)]
Line = Annotated[Text, StringConstraints(max_length=2_000)]


class Report(Model):
    """What a reporter posts. Spans of every later event count Unicode code points of `body` as received."""

    outlet: Annotated[Line, AfterValidator(_has_text)] = Field(description="Who publishes it, as in 'Reuters'.")
    url: Line | None = Field(default=None, description="Where it was published.")
    title: Line | None = None
    body: Annotated[Text, StringConstraints(max_length=REPORT_BODY_CHARS_MAX)]
    published_at: Instant = Field(description="RFC 3339 with offset.")
    external_id: Annotated[Line, StringConstraints(min_length=1, max_length=500)] | None = Field(
        default=None, description="The reporter's own id; comes back as `report_ref`."
    )
    language: (
        Annotated[str, BeforeValidator(_lower_language), StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
        | None
    ) = Field(default=None, description="BCP 47 hint, as in 'en'.")
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = Field(
        default=None, description="ISO 3166-1 alpha-2 hint of the theatre."
    )
    time_zone: Annotated[str, AfterValidator(_known_zone)] | None = Field(
        default=None, description="IANA hint of the theatre's zone."
    )
    supersedes: Annotated[str, StringConstraints(pattern=r"^r_[0-9a-f]{32}$")] | None = Field(
        default=None, description="The report id that this one replaces."
    )
    retracts: bool = Field(
        default=False, description="True: the report in `supersedes` is withdrawn and nothing takes its place."
    )

    def report_id(self) -> str:
        """The id, derived from all that the reporter wrote, so that posting the same again changes nothing."""
        return derive_id(
            "r",
            self.outlet,
            self.url or "",
            self.title or "",
            self.body,
            self.published_at.isoformat(),
            self.external_id or "",
            self.language or "",
            self.country or "",
            self.time_zone or "",
            self.supersedes or "",
            "retracts" if self.retracts else "",
        )


class RawReport(Report):
    """A report with its id and the moment of its receipt: the value of `reports.raw.v1`."""

    id: Annotated[str, StringConstraints(pattern=r"^r_[0-9a-f]{32}$")]
    received_at: Instant

    @classmethod
    def of(cls, report: Report, received_at: Instant) -> Self:
        return cls(**report.model_dump(exclude={"id", "received_at"}), id=report.report_id(), received_at=received_at)


NotCodedReason = Literal["language", "empty", "too_long", "timeout", "retraction"]
"""Why a valid report has no coding. Any other trouble is a dead letter."""


class CodedReceipt(Model):
    """One for every raw message that was read: the value of `reports.coded.v1`, key report id.

    `partition` and `offset` are those of the raw message on `reports.raw.v1`, so that a raw message
    without a receipt (or a dead letter) can be found and coded again.
    """

    report_id: str
    partition: int = Field(ge=0)
    offset: int = Field(ge=0)
    coder_version: str
    event_ids: tuple[str, ...] = ()
    not_coded: NotCodedReason | None = None
