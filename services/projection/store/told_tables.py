"""The tables of measures and tolls: what each claim of them is about, so that a page is found without reading claims.

Rows of `measure_claims` and `toll_claims` are each a pure function of one event. `measure_terms` holds what some claim
was ever about; nothing is taken out of it, and a measure that no claim tells of which counts is not shown.
"""

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.projection.store.tables import Base, Id


class MeasureTermsRow(Base):
    """Whom a measure binds: `by` and `against` are JSON lists. `first_us` is the earliest that it was ever told of."""

    __tablename__ = "measure_terms"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(Text)
    against: Mapped[str] = mapped_column(Text)
    first_us: Mapped[int] = mapped_column(BigInteger)
    __table_args__ = (Index("ix_measure_terms_first", "first_us", "id"),)


class MeasureClaimRow(Base):
    """One event of a measure: what it does to it, and from when until when."""

    __tablename__ = "measure_claims"
    event_id: Mapped[str] = mapped_column(Id, ForeignKey("events.id", ondelete="CASCADE"), primary_key=True)
    terms_id: Mapped[str] = mapped_column(Id)
    effect: Mapped[str] = mapped_column(String(9))
    from_us: Mapped[int] = mapped_column(BigInteger)
    until_us: Mapped[int | None] = mapped_column(BigInteger)
    __table_args__ = (Index("ix_measure_claims_terms", "terms_id", "event_id"),)


class TollClaimRow(Base):
    """One count of a cumulative toll; `voice_id` is who counts what of whom, of which the latest claim counts.

    `side` is a JSON list of names as they are compared, `shown` as the report has them; no group is empty text.
    """

    __tablename__ = "toll_claims"
    event_id: Mapped[str] = mapped_column(Id, ForeignKey("events.id", ondelete="CASCADE"), primary_key=True)
    voice_id: Mapped[str] = mapped_column(Id, primary_key=True)
    side: Mapped[str] = mapped_column(Text)
    group: Mapped[str] = mapped_column(Text)
    measure: Mapped[str] = mapped_column(Text)
    shown: Mapped[str] = mapped_column(Text)
    claim: Mapped[str] = mapped_column(Text)
