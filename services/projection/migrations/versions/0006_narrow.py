"""Indexes by which rare and long events, announced ones, places by number and coder versions are found.

Clusters of several families of kinds say so, in place of naming one of them; going back leaves that as it is.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

LONG = sa.text("until_us - from_us > 691200000000")
AHEAD = sa.text("from_us - reported_us > 172800000000")


FAMILY = """CASE WHEN kind IN ('ground_combat', 'airstrike', 'shelling', 'bomb_attack', 'killing') THEN 'attack'
ELSE kind END"""


def upgrade() -> None:
    op.execute(
        "UPDATE clusters SET kind = '' WHERE id IN (SELECT cluster_id FROM events WHERE cluster_id IS NOT NULL "
        f"GROUP BY cluster_id HAVING count(DISTINCT {FAMILY}) > 1)"
    )
    op.create_index("ix_codings_version", "codings", ["version_key"])
    op.create_index("ix_events_status", "events", ["status", "reported_us", "id"])
    op.create_index("ix_events_long", "events", ["until_us", "from_us"], sqlite_where=LONG, postgresql_where=LONG)
    op.create_index("ix_events_ahead", "events", ["from_us", "reported_us"], sqlite_where=AHEAD, postgresql_where=AHEAD)
    op.create_index("ix_event_places_geonames", "event_places", ["geonames_id", "event_id"])


def downgrade() -> None:
    op.drop_index("ix_event_places_geonames", "event_places")
    for name in ("ahead", "long", "status"):
        op.drop_index(f"ix_events_{name}", "events")
    op.drop_index("ix_codings_version", "codings")
