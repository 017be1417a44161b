"""The map's own tables; all clusters there are due. Going back drops them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

PLACE = ["x", "y", "kind", "contested", "corroborated", "changed_us", "id", "cluster_id"]
ROUTE = ["to_x", "to_y", *PLACE]


def upgrade() -> None:
    op.create_table(
        "map_due",
        sa.Column("cluster_id", sa.String(length=40), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("cluster_id", name=op.f("pk_map_due")),
    )
    op.create_table(
        "map_clusters",
        sa.Column("cluster_id", sa.String(length=40), nullable=False),
        sa.Column("first_us", sa.BigInteger(), nullable=False),
        sa.Column("changed_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("cluster_id", name=op.f("pk_map_clusters")),
    )
    op.create_index("ix_map_clusters_changed", "map_clusters", ["changed_us", "first_us"], unique=False)
    op.create_table(
        "map_incidents",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("cluster_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("contested", sa.Boolean(), nullable=False),
        sa.Column("corroborated", sa.Integer(), nullable=False),
        sa.Column("x", sa.Integer(), nullable=True),
        sa.Column("y", sa.Integer(), nullable=True),
        sa.Column("to_x", sa.Integer(), nullable=True),
        sa.Column("to_y", sa.Integer(), nullable=True),
        sa.Column("changed_us", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_map_incidents")),
    )
    op.create_index("ix_map_incidents_cluster", "map_incidents", ["cluster_id"], unique=False)
    op.create_index("ix_map_incidents_place", "map_incidents", PLACE, unique=False)
    op.create_index("ix_map_incidents_route", "map_incidents", ROUTE, unique=False)
    op.create_table(
        "map_members",
        sa.Column("event_id", sa.String(length=40), nullable=False),
        sa.Column("incident_id", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_map_members")),
    )
    op.create_index("ix_map_members_incident", "map_members", ["incident_id"], unique=False)
    op.execute("INSERT INTO map_due (cluster_id, turn) SELECT id, 1 FROM clusters")


def downgrade() -> None:
    for name in ("map_members", "map_incidents", "map_clusters", "map_due"):
        op.drop_table(name)
