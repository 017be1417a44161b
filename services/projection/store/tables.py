"""The tables. Times are microseconds since 1970 UTC; `*_key` columns hold names as they are compared.

Every row is a pure function of one message, or of the set of all (clusters, counters of raw offsets), and is keyed by
ids that are in the messages, so the same log gives the same rows in any order. `feed` alone tells of arrival.
"""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Float, ForeignKey, Index, Integer, MetaData, String, Text, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMING: Final = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

LONG: Final = text("until_us - from_us > 691200000000")
"""An event that may have happened within more than 8 days: told by the month or year, or lasting."""
AHEAD: Final = text("from_us - reported_us > 172800000000")
"""An event more than 2 days after its report: announced."""

MIXED: Final = ""
"""Of a cluster whose events are of several families, because a report says that they are the same."""

Id = String(40)
"""Every id of ours is a letter, an underscore and 32 digits."""


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


class PositionRow(Base):
    """The offset of the next message of each partition."""

    __tablename__ = "positions"
    topic: Mapped[str] = mapped_column(Text, primary_key=True)
    partition: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    next_offset: Mapped[int] = mapped_column(BigInteger)


class ReportRow(Base):
    """Reports; of several receipts of one report the first counts."""

    __tablename__ = "reports"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    outlet_key: Mapped[str] = mapped_column(Text)
    external_id: Mapped[str | None] = mapped_column(Text)
    published_us: Mapped[int] = mapped_column(BigInteger)
    received_us: Mapped[int] = mapped_column(BigInteger)
    supersedes: Mapped[str | None] = mapped_column(Id)
    words: Mapped[str] = mapped_column(Text)
    payload: Mapped[str] = mapped_column(Text)
    __table_args__ = (Index("ix_reports_published", "published_us", "id"),)


class WithdrawalRow(Base):
    """A report is withdrawn by another that supersedes or retracts it, from that one's publication on."""

    __tablename__ = "withdrawals"
    report_id: Mapped[str] = mapped_column(Id, primary_key=True)
    by_report_id: Mapped[str] = mapped_column(Id, primary_key=True)
    at_us: Mapped[int] = mapped_column(BigInteger)
    retracts: Mapped[bool] = mapped_column(Boolean)


class CodingRow(Base):
    """Which coder versions coded a report; the events of the highest one count."""

    __tablename__ = "codings"
    report_id: Mapped[str] = mapped_column(Id, primary_key=True)
    version_key: Mapped[str] = mapped_column(Text, primary_key=True)
    coder_version: Mapped[str] = mapped_column(Text)
    __table_args__ = (Index("ix_codings_version", "version_key"),)


class EventRow(Base):
    """Events, whole in `payload`. `from_us` to `until_us` is when it may have happened (its report where not said)."""

    __tablename__ = "events"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    report_id: Mapped[str] = mapped_column(Id)
    outlet_key: Mapped[str] = mapped_column(Text)
    reported_us: Mapped[int] = mapped_column(BigInteger)
    occurred_start_us: Mapped[int | None] = mapped_column(BigInteger)
    occurred_end_us: Mapped[int | None] = mapped_column(BigInteger)
    precision: Mapped[str | None] = mapped_column(Text)
    from_us: Mapped[int] = mapped_column(BigInteger)
    until_us: Mapped[int] = mapped_column(BigInteger)
    confidence: Mapped[float] = mapped_column(Float)
    coder_version: Mapped[str] = mapped_column(Text)
    version_key: Mapped[str] = mapped_column(Text)
    cluster_id: Mapped[str | None] = mapped_column(Id)
    words: Mapped[str] = mapped_column(Text)
    payload: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        Index("ix_events_reported", "reported_us", "id"),
        Index("ix_events_from", "from_us", "id", "until_us", "reported_us", "report_id"),
        Index("ix_events_kind_reported", "kind", "reported_us", "id"),
        Index("ix_events_kind_from", "kind", "from_us", "id"),
        Index("ix_events_report", "report_id"),
        Index("ix_events_cluster", "cluster_id", "reported_us"),
        Index("ix_events_outlet", "outlet_key", "reported_us"),
        Index("ix_events_status", "status", "reported_us", "id"),
        Index("ix_events_long", "until_us", "from_us", sqlite_where=LONG, postgresql_where=LONG),
        Index("ix_events_ahead", "from_us", "reported_us", sqlite_where=AHEAD, postgresql_where=AHEAD),
    )


class _OfEvent(Base):
    __abstract__ = True
    event_id: Mapped[str] = mapped_column(Id, ForeignKey("events.id", ondelete="CASCADE"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)


class _Named(_OfEvent):
    """`reported_us` and `from_us` are the event's, so that the events of a name are found in their order."""

    __abstract__ = True
    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(Text)
    reported_us: Mapped[int] = mapped_column(BigInteger)
    from_us: Mapped[int] = mapped_column(BigInteger)


class EventPlaceRow(_Named):
    __tablename__ = "event_places"
    role: Mapped[str] = mapped_column(Text)
    country: Mapped[str | None] = mapped_column(String(2))
    geonames_id: Mapped[int | None] = mapped_column(BigInteger)
    lat: Mapped[float | None] = mapped_column(Float)
    lon: Mapped[float | None] = mapped_column(Float)
    radius_km: Mapped[float | None] = mapped_column(Float)
    __table_args__ = (
        Index("ix_event_places_name", "name_key", "reported_us", "event_id"),
        Index("ix_event_places_name_from", "name_key", "from_us", "event_id"),
        Index("ix_event_places_geonames", "geonames_id", "event_id"),
        Index("ix_event_places_country", "country", "reported_us", "event_id"),
        Index("ix_event_places_point", "lat", "lon", "event_id"),
    )


class EventParticipantRow(_Named):
    __tablename__ = "event_participants"
    role: Mapped[str] = mapped_column(Text)
    country: Mapped[str | None] = mapped_column(String(2))
    __table_args__ = (
        Index("ix_event_participants_name", "name_key", "reported_us", "event_id"),
        Index("ix_event_participants_name_from", "name_key", "from_us", "event_id"),
    )


class EventQuantityRow(_OfEvent):
    __tablename__ = "event_quantities"
    measure: Mapped[str] = mapped_column(Text)
    min: Mapped[int | None] = mapped_column(BigInteger)
    max: Mapped[int | None] = mapped_column(BigInteger)
    qualifier: Mapped[str] = mapped_column(Text)
    __table_args__ = (Index("ix_event_quantities_measure", "measure", "event_id"),)


class EventSourceRow(_Named):
    __tablename__ = "event_sources"
    stance: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        Index("ix_event_sources_name", "name_key", "reported_us", "event_id"),
        Index("ix_event_sources_name_from", "name_key", "from_us", "event_id"),
    )


class EventLinkRow(Base):
    """`denies`, `same_as`, `part_of`. The event at the other end may come later, or never."""

    __tablename__ = "event_links"
    event_id: Mapped[str] = mapped_column(Id, ForeignKey("events.id", ondelete="CASCADE"), primary_key=True)
    link: Mapped[str] = mapped_column(String(8), primary_key=True)
    to_event_id: Mapped[str] = mapped_column(Id, primary_key=True)
    __table_args__ = (Index("ix_event_links_to", "to_event_id", "link"),)


class EventBlockRow(Base):
    """The blocks in which joining looks for an event's like."""

    __tablename__ = "event_blocks"
    block: Mapped[str] = mapped_column(Text, primary_key=True)
    event_id: Mapped[str] = mapped_column(Id, ForeignKey("events.id", ondelete="CASCADE"), primary_key=True)
    __table_args__ = (Index("ix_event_blocks_event", "event_id"),)


class ClusterRow(Base):
    """Events linked by matches, over all events that ever came: what incidents are cut from at query time.

    Clusters only ever merge, and the id is the smallest event id within, so they do not depend on order. `kind` is the
    family of their kinds, or `MIXED`.
    """

    __tablename__ = "clusters"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    first_us: Mapped[int] = mapped_column(BigInteger)
    __table_args__ = (
        Index("ix_clusters_first", "first_us", "id"),
        Index("ix_clusters_kind_first", "kind", "first_us", "id"),
    )


class RawOffsetRow(Base):
    """Where each raw message lies. Those with neither receipt nor dead letter are owed one."""

    __tablename__ = "raw_offsets"
    partition: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    offset: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    report_id: Mapped[str | None] = mapped_column(Id)


class RawSettledRow(Base):
    """Per partition: below this offset no raw message that was seen is owed anything. Saves looking again."""

    __tablename__ = "raw_settled"
    partition: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    below_offset: Mapped[int] = mapped_column(BigInteger)


class ReceiptRow(Base):
    __tablename__ = "receipts"
    partition: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    offset: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    coder_version: Mapped[str] = mapped_column(Text, primary_key=True)
    report_id: Mapped[str] = mapped_column(Id)
    not_coded: Mapped[str | None] = mapped_column(Text)
    payload: Mapped[str] = mapped_column(Text)
    __table_args__ = (Index("ix_receipts_report", "report_id"),)


class DeadLetterRow(Base):
    """Dead letters by where their original lies and who gave up; of several the first counts."""

    __tablename__ = "dead_letters"
    topic: Mapped[str] = mapped_column(Text, primary_key=True)
    partition: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    offset: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    handler: Mapped[str] = mapped_column(Text, primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    died_us: Mapped[int] = mapped_column(BigInteger)
    payload: Mapped[str] = mapped_column(Text)
    __table_args__ = (Index("ix_dead_letters_died", "died_us"),)


class FeedRow(Base):
    """The order in which events first came to this database: the numbers of the live feed, without a gap."""

    __tablename__ = "feed"
    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    event_id: Mapped[str] = mapped_column(Id, unique=True)


class CoderPinRow(Base):
    """Coder versions in the order in which they count, 0 first; those that are not here come after them."""

    __tablename__ = "coder_pins"
    version_key: Mapped[str] = mapped_column(Text, primary_key=True)
    coder_version: Mapped[str] = mapped_column(Text)
    rank: Mapped[int] = mapped_column(Integer)


class WebhookRow(Base):
    """Who is told of new events. `next_seq` is the first number of the feed not looked at yet."""

    __tablename__ = "webhooks"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    secret: Mapped[str] = mapped_column(Text)
    filters: Mapped[str] = mapped_column(Text)
    created_us: Mapped[int] = mapped_column(BigInteger)
    next_seq: Mapped[int] = mapped_column(BigInteger)


class DeliveryRow(Base):
    """One event for one webhook, and how its delivery goes. `due_us` is None where it is over."""

    __tablename__ = "deliveries"
    webhook_id: Mapped[str] = mapped_column(Id, primary_key=True)
    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    event_id: Mapped[str] = mapped_column(Id)
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(Integer)
    due_us: Mapped[int | None] = mapped_column(BigInteger)
    attempted_us: Mapped[int | None] = mapped_column(BigInteger)
    http_status: Mapped[int | None] = mapped_column(Integer)
    trouble: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (Index("ix_deliveries_due", "due_us"),)
