"""What is kept of the map, counted by point; the points are counted from what is there. Going back drops them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "map_points",
        sa.Column("x", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("y", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("incidents", sa.Integer(), nullable=False),
        sa.Column("contested", sa.Integer(), nullable=False),
        sa.Column("corroborated_max", sa.Integer(), nullable=False),
        sa.Column("last_id", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("x", "y", "kind", name=op.f("pk_map_points")),
    )
    op.execute(
        "INSERT INTO map_points (x, y, kind, incidents, contested, corroborated_max, last_id) "
        "SELECT x, y, kind, count(*), sum(CASE WHEN contested THEN 1 ELSE 0 END), max(corroborated), max(id) "
        "FROM map_incidents WHERE x IS NOT NULL GROUP BY x, y, kind"
    )


def downgrade() -> None:
    op.drop_table("map_points")
