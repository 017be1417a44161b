"""The read models."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clusters",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("first_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clusters")),
    )
    op.create_index("ix_clusters_first", "clusters", ["first_us", "id"], unique=False)
    op.create_index("ix_clusters_kind_first", "clusters", ["kind", "first_us", "id"], unique=False)
    op.create_table(
        "codings",
        sa.Column("report_id", sa.String(length=40), nullable=False),
        sa.Column("version_key", sa.Text(), nullable=False),
        sa.Column("coder_version", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("report_id", "version_key", name=op.f("pk_codings")),
    )
    op.create_table(
        "dead_letters",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("partition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("offset", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("handler", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("died_us", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "partition", "offset", "handler", name=op.f("pk_dead_letters")),
    )
    op.create_index("ix_dead_letters_died", "dead_letters", ["died_us"], unique=False)
    op.create_table(
        "events",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("report_id", sa.String(length=40), nullable=False),
        sa.Column("outlet_key", sa.Text(), nullable=False),
        sa.Column("reported_us", sa.BigInteger(), nullable=False),
        sa.Column("occurred_start_us", sa.BigInteger(), nullable=True),
        sa.Column("occurred_end_us", sa.BigInteger(), nullable=True),
        sa.Column("precision", sa.Text(), nullable=True),
        sa.Column("from_us", sa.BigInteger(), nullable=False),
        sa.Column("until_us", sa.BigInteger(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("coder_version", sa.Text(), nullable=False),
        sa.Column("version_key", sa.Text(), nullable=False),
        sa.Column("cluster_id", sa.String(length=40), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index("ix_events_cluster", "events", ["cluster_id", "reported_us"], unique=False)
    op.create_index("ix_events_from", "events", ["from_us", "id"], unique=False)
    op.create_index("ix_events_kind_from", "events", ["kind", "from_us", "id"], unique=False)
    op.create_index("ix_events_kind_reported", "events", ["kind", "reported_us", "id"], unique=False)
    op.create_index("ix_events_outlet", "events", ["outlet_key", "reported_us"], unique=False)
    op.create_index("ix_events_report", "events", ["report_id"], unique=False)
    op.create_index("ix_events_reported", "events", ["reported_us", "id"], unique=False)
    op.create_table(
        "feed",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_feed")),
        sa.UniqueConstraint("event_id", name=op.f("uq_feed_event_id")),
    )
    op.create_table(
        "positions",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("partition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("next_offset", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "partition", name=op.f("pk_positions")),
    )
    op.create_table(
        "raw_offsets",
        sa.Column("partition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("offset", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("report_id", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("partition", "offset", name=op.f("pk_raw_offsets")),
    )
    op.create_table(
        "raw_settled",
        sa.Column("partition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("below_offset", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("partition", name=op.f("pk_raw_settled")),
    )
    op.create_table(
        "receipts",
        sa.Column("partition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("offset", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("coder_version", sa.Text(), nullable=False),
        sa.Column("report_id", sa.String(length=40), nullable=False),
        sa.Column("not_coded", sa.Text(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("partition", "offset", "coder_version", name=op.f("pk_receipts")),
    )
    op.create_index("ix_receipts_report", "receipts", ["report_id"], unique=False)
    op.create_table(
        "reports",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("outlet_key", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("published_us", sa.BigInteger(), nullable=False),
        sa.Column("received_us", sa.BigInteger(), nullable=False),
        sa.Column("supersedes", sa.String(length=40), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
    )
    op.create_index("ix_reports_published", "reports", ["published_us", "id"], unique=False)
    op.create_table(
        "withdrawals",
        sa.Column("report_id", sa.String(length=40), nullable=False),
        sa.Column("by_report_id", sa.String(length=40), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("retracts", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("report_id", "by_report_id", name=op.f("pk_withdrawals")),
    )
    op.create_table(
        "event_blocks",
        sa.Column("block", sa.Text(), nullable=False),
        sa.Column("event_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_event_blocks_event_id_events"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("block", "event_id", name=op.f("pk_event_blocks")),
    )
    op.create_index("ix_event_blocks_event", "event_blocks", ["event_id"], unique=False)
    op.create_table(
        "event_links",
        sa.Column("event_id", sa.String(length=40), nullable=False),
        sa.Column("link", sa.String(length=8), nullable=False),
        sa.Column("to_event_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_event_links_event_id_events"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", "link", "to_event_id", name=op.f("pk_event_links")),
    )
    op.create_index("ix_event_links_to", "event_links", ["to_event_id", "link"], unique=False)
    op.create_table(
        "event_participants",
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("event_id", sa.String(length=40), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_event_participants_event_id_events"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", "ordinal", name=op.f("pk_event_participants")),
    )
    op.create_index("ix_event_participants_name", "event_participants", ["name_key", "event_id"], unique=False)
    op.create_table(
        "event_places",
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("geonames_id", sa.BigInteger(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("radius_km", sa.Float(), nullable=True),
        sa.Column("event_id", sa.String(length=40), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_event_places_event_id_events"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", "ordinal", name=op.f("pk_event_places")),
    )
    op.create_index("ix_event_places_country", "event_places", ["country", "event_id"], unique=False)
    op.create_index("ix_event_places_name", "event_places", ["name_key", "event_id"], unique=False)
    op.create_index("ix_event_places_point", "event_places", ["lat", "lon", "event_id"], unique=False)
    op.create_table(
        "event_quantities",
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("min", sa.BigInteger(), nullable=True),
        sa.Column("max", sa.BigInteger(), nullable=True),
        sa.Column("qualifier", sa.Text(), nullable=False),
        sa.Column("event_id", sa.String(length=40), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_event_quantities_event_id_events"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", "ordinal", name=op.f("pk_event_quantities")),
    )
    op.create_index("ix_event_quantities_measure", "event_quantities", ["measure", "event_id"], unique=False)
    op.create_table(
        "event_sources",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("stance", sa.Text(), nullable=False),
        sa.Column("event_id", sa.String(length=40), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_event_sources_event_id_events"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", "ordinal", name=op.f("pk_event_sources")),
    )
    op.create_index("ix_event_sources_name", "event_sources", ["name_key", "event_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_event_sources_name", table_name="event_sources")
    op.drop_table("event_sources")
    op.drop_index("ix_event_quantities_measure", table_name="event_quantities")
    op.drop_table("event_quantities")
    op.drop_index("ix_event_places_point", table_name="event_places")
    op.drop_index("ix_event_places_name", table_name="event_places")
    op.drop_index("ix_event_places_country", table_name="event_places")
    op.drop_table("event_places")
    op.drop_index("ix_event_participants_name", table_name="event_participants")
    op.drop_table("event_participants")
    op.drop_index("ix_event_links_to", table_name="event_links")
    op.drop_table("event_links")
    op.drop_index("ix_event_blocks_event", table_name="event_blocks")
    op.drop_table("event_blocks")
    op.drop_table("withdrawals")
    op.drop_index("ix_reports_published", table_name="reports")
    op.drop_table("reports")
    op.drop_index("ix_receipts_report", table_name="receipts")
    op.drop_table("receipts")
    op.drop_table("raw_settled")
    op.drop_table("raw_offsets")
    op.drop_table("positions")
    op.drop_table("feed")
    op.drop_index("ix_events_reported", table_name="events")
    op.drop_index("ix_events_report", table_name="events")
    op.drop_index("ix_events_outlet", table_name="events")
    op.drop_index("ix_events_kind_reported", table_name="events")
    op.drop_index("ix_events_kind_from", table_name="events")
    op.drop_index("ix_events_from", table_name="events")
    op.drop_index("ix_events_cluster", table_name="events")
    op.drop_table("events")
    op.drop_index("ix_dead_letters_died", table_name="dead_letters")
    op.drop_table("dead_letters")
    op.drop_table("codings")
    op.drop_index("ix_clusters_kind_first", table_name="clusters")
    op.drop_index("ix_clusters_first", table_name="clusters")
    op.drop_table("clusters")
