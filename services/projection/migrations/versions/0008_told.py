"""Names in the order of their events, and what each claim of a measure or a toll is about.

Filled by the code that fills them when an event comes: a rebuild has to find the same. Going back drops them.
"""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from services.projection.store.rows import Row, measure_rows, toll_rows
from shared.events import EVENT

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NAMED = ("event_places", "event_participants", "event_sources")
EVENTS_A_STEP = 1_000
KINDS = "'flight_ban', 'broadcast_ban', 'border_closure', 'sanction', 'ceasefire', 'casualty_report'"
EVENT_ID = ("event_id", sa.String(length=40))


def upgrade() -> None:
    op.drop_index("ix_events_from", "events")
    op.create_index("ix_events_from", "events", ["from_us", "id", "until_us", "reported_us", "report_id"])
    for table in NAMED:
        for column in ("reported_us", "from_us"):
            op.add_column(table, sa.Column(column, sa.BigInteger(), nullable=False, server_default="0"))
        op.execute(
            f"UPDATE {table} SET reported_us = (SELECT e.reported_us FROM events e WHERE e.id = event_id), "
            "from_us = (SELECT e.from_us FROM events e WHERE e.id = event_id)"
        )
        op.drop_index(f"ix_{table}_name", table)
        op.create_index(f"ix_{table}_name", table, ["name_key", "reported_us", "event_id"])
        op.create_index(f"ix_{table}_name_from", table, ["name_key", "from_us", "event_id"])
    op.drop_index("ix_event_places_country", "event_places")
    op.create_index("ix_event_places_country", "event_places", ["country", "reported_us", "event_id"])
    terms = op.create_table(
        "measure_terms",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("against", sa.Text(), nullable=False),
        sa.Column("first_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measure_terms")),
    )
    op.create_index("ix_measure_terms_first", "measure_terms", ["first_us", "id"])
    measures = op.create_table(
        "measure_claims",
        sa.Column(*EVENT_ID, nullable=False),
        sa.Column("terms_id", sa.String(length=40), nullable=False),
        sa.Column("effect", sa.String(length=9), nullable=False),
        sa.Column("from_us", sa.BigInteger(), nullable=False),
        sa.Column("until_us", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_measure_claims_event_id_events"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_measure_claims")),
    )
    op.create_index("ix_measure_claims_terms", "measure_claims", ["terms_id", "event_id"])
    tolls = op.create_table(
        "toll_claims",
        sa.Column(*EVENT_ID, nullable=False),
        sa.Column("voice_id", sa.String(length=40), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("claim", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_toll_claims_event_id_events"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", "voice_id", name=op.f("pk_toll_claims")),
    )
    first: dict[str, Row] = {}
    for payloads in _told():
        claims, counts = list[Row](), list[Row]()
        for event in map(EVENT.validate_json, payloads):
            counts += toll_rows(event)
            if (found := measure_rows(event)) is not None:
                held = first.setdefault(str(found[0]["id"]), found[0])
                held["first_us"] = min(int(held["first_us"] or 0), int(found[0]["first_us"] or 0))
                claims.append(found[1])
        op.bulk_insert(measures, claims)
        op.bulk_insert(tolls, counts)
    op.bulk_insert(terms, list(first.values()))


def _told() -> Iterator[list[str]]:
    """The events concerned, some at a time."""
    last = ""
    while True:
        query = (
            f"SELECT id, payload FROM events WHERE kind IN ({KINDS}) AND id > :last ORDER BY id LIMIT {EVENTS_A_STEP}"
        )
        rows = op.get_bind().execute(sa.text(query), {"last": last}).all()
        if not rows:
            return
        last = rows[-1].id
        yield [row.payload for row in rows]


def downgrade() -> None:
    for table in ("toll_claims", "measure_claims", "measure_terms"):
        op.drop_table(table)
    op.drop_index("ix_event_places_country", "event_places")
    op.create_index("ix_event_places_country", "event_places", ["country", "event_id"])
    for table in NAMED:
        op.drop_index(f"ix_{table}_name_from", table)
        op.drop_index(f"ix_{table}_name", table)
        op.create_index(f"ix_{table}_name", table, ["name_key", "event_id"])
        for column in ("from_us", "reported_us"):
            op.drop_column(table, column)
    op.drop_index("ix_events_from", "events")
    op.create_index("ix_events_from", "events", ["from_us", "id"])
