"""The tables that the map is drawn from: what incidents come to, worked out once and kept until something changes.

They follow from the others and can be emptied at any time (see `keep_map`); no digest needs them.
"""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.projection.store.tables import Base, Id

COUNTED: Final = ("kind", "contested", "corroborated", "changed_us", "id", "cluster_id", "mixed", "from_us", "until_us")
"""With the places, everything that cells are counted from and chosen by, so that the rows themselves are not read."""


class MapDueRow(Base):
    """Clusters that have changed since their incidents were last worked out. `turn` grows with every change."""

    __tablename__ = "map_due"
    cluster_id: Mapped[str] = mapped_column(Id, primary_key=True)
    turn: Mapped[int] = mapped_column(Integer)


class MapStampRow(Base):
    """One row: a random stamp of the state of these tables, another after each change; what was counted goes by it."""

    __tablename__ = "map_stamp"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    stamp: Mapped[str] = mapped_column(Id)


class MapClusterRow(Base):
    """From when on there was something of a cluster, and since when it is as it is now.

    Asked about an instant in between, its incidents have to be worked out as of then.
    """

    __tablename__ = "map_clusters"
    cluster_id: Mapped[str] = mapped_column(Id, primary_key=True)
    first_us: Mapped[int] = mapped_column(BigInteger)
    changed_us: Mapped[int] = mapped_column(BigInteger)
    __table_args__ = (Index("ix_map_clusters_changed", "changed_us", "first_us"),)


class MapIncidentRow(Base):
    """Incidents as they are now. `x` and `y` are their first place told (see `core.cells`), None where none is known.

    `to_x` and `to_y` are where people or forces go; `payload` is the marks, as of /v1/map.geojson. `mixed` says that
    its events are of several kinds, `from_us` is where the first of them begins, `until_us` where the last ends.
    """

    __tablename__ = "map_incidents"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    cluster_id: Mapped[str] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(Text)
    contested: Mapped[bool] = mapped_column(Boolean)
    corroborated: Mapped[int] = mapped_column(Integer)
    x: Mapped[int | None] = mapped_column(Integer)
    y: Mapped[int | None] = mapped_column(Integer)
    to_x: Mapped[int | None] = mapped_column(Integer)
    to_y: Mapped[int | None] = mapped_column(Integer)
    changed_us: Mapped[int] = mapped_column(BigInteger)
    mixed: Mapped[bool] = mapped_column(Boolean)
    from_us: Mapped[int] = mapped_column(BigInteger)
    until_us: Mapped[int] = mapped_column(BigInteger)
    payload: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        Index("ix_map_incidents_cluster", "cluster_id"),
        Index("ix_map_incidents_place", "x", "y", "to_x", "to_y", *COUNTED),
        Index("ix_map_incidents_route", "to_x", "to_y", "x", "y", "kind", "contested"),
    )


class MapPointRow(Base):
    """The kept incidents of one kind at one point, counted: places are far fewer than what happens there."""

    __tablename__ = "map_points"
    x: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    y: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    incidents: Mapped[int] = mapped_column(Integer)
    contested: Mapped[int] = mapped_column(Integer)
    corroborated_max: Mapped[int] = mapped_column(Integer)
    last_id: Mapped[str] = mapped_column(Id)


class MapMemberRow(Base):
    """Which incident an event that counts belongs to."""

    __tablename__ = "map_members"
    event_id: Mapped[str] = mapped_column(Id, primary_key=True)
    incident_id: Mapped[str] = mapped_column(Id)
    __table_args__ = (Index("ix_map_members_incident", "incident_id"),)
