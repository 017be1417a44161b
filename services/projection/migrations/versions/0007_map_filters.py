"""What the map is filtered by beside what is counted, so that no event has to be looked at. Going back drops it."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OLD = ["x", "y", "kind", "contested", "corroborated", "changed_us", "id", "cluster_id"]
PLACE = [*OLD[:2], "to_x", "to_y", *OLD[2:], "mixed", "from_us", "until_us"]
ROUTE = ["to_x", "to_y", "x", "y", "kind", "contested"]
ADDED = (("mixed", sa.Boolean()), ("from_us", sa.BigInteger()), ("until_us", sa.BigInteger()))

TOLD = """SELECT {} FROM map_members m JOIN events e ON e.id = m.event_id WHERE m.incident_id = map_incidents.id"""


def upgrade() -> None:
    for name in ("place", "route"):
        op.drop_index(f"ix_map_incidents_{name}", "map_incidents")
    for name, of in ADDED:
        op.add_column("map_incidents", sa.Column(name, of, nullable=True))
    op.execute(
        f"UPDATE map_incidents SET mixed = ({TOLD.format('count(DISTINCT e.kind) > 1')}), "
        f"from_us = ({TOLD.format('min(e.from_us)')}), until_us = ({TOLD.format('max(e.until_us)')})"
    )
    # Of clusters that are due, an event may be gone; they are worked out again.
    op.execute("DELETE FROM map_incidents WHERE from_us IS NULL")
    with op.batch_alter_table("map_incidents") as batch:
        for name, of in ADDED:
            batch.alter_column(name, existing_type=of, nullable=False)
    op.create_index("ix_map_incidents_place", "map_incidents", PLACE, unique=False)
    op.create_index("ix_map_incidents_route", "map_incidents", ROUTE, unique=False)


def downgrade() -> None:
    for name in ("place", "route"):
        op.drop_index(f"ix_map_incidents_{name}", "map_incidents")
    with op.batch_alter_table("map_incidents") as batch:
        for name, _ in ADDED:
            batch.drop_column(name)
    op.create_index("ix_map_incidents_place", "map_incidents", OLD, unique=False)
    op.create_index("ix_map_incidents_route", "map_incidents", ["to_x", "to_y", *OLD], unique=False)
