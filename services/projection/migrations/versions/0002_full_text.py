"""Full text: `words` become single words with a space between, and are indexed.

Going back leaves the words cut as they are: the older code finds parts of words in them all the same.
"""

import sqlalchemy as sa
from alembic import op

from services.projection.core.words import searchable

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INDEXED = (("events", "event_words"), ("reports", "report_words"))
ROWS_A_STEP = 2_000


def _cut_words(name: str) -> None:
    table = sa.table(name, sa.column("id", sa.String), sa.column("words", sa.Text))
    connection, last = op.get_bind(), ""
    statement = table.update().where(table.c.id == sa.bindparam("of")).values(words=sa.bindparam("cut"))
    while True:
        rows = connection.execute(
            sa.select(table.c.id, table.c.words).where(table.c.id > last).order_by(table.c.id).limit(ROWS_A_STEP)
        ).all()
        if not rows:
            return
        connection.execute(statement, [{"of": row.id, "cut": searchable((row.words,))} for row in rows])
        last = rows[-1].id


def upgrade() -> None:
    for table, index in INDEXED:
        _cut_words(table)
        if op.get_bind().dialect.name == "postgresql":
            op.execute(
                f"CREATE INDEX ix_{table}_words ON {table} USING gin (array_to_tsvector(string_to_array(words, ' ')))"
            )
            continue
        # The words are cut already: the tokenizer `ascii` splits at the spaces and leaves every other script whole.
        op.execute(
            f"CREATE VIRTUAL TABLE {index} USING fts5(words, content='{table}', content_rowid='rowid', "
            "tokenize='ascii', detail='none', columnsize=0)"
        )
        op.execute(f"INSERT INTO {index}({index}) VALUES ('rebuild')")
        add = f"INSERT INTO {index}(rowid, words) VALUES (new.rowid, new.words);"
        remove = f"INSERT INTO {index}({index}, rowid, words) VALUES ('delete', old.rowid, old.words);"
        op.execute(f"CREATE TRIGGER {index}_added AFTER INSERT ON {table} BEGIN {add} END")
        op.execute(f"CREATE TRIGGER {index}_removed AFTER DELETE ON {table} BEGIN {remove} END")
        op.execute(f"CREATE TRIGGER {index}_changed AFTER UPDATE OF words ON {table} BEGIN {remove} {add} END")


def downgrade() -> None:
    for table, index in INDEXED:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"DROP INDEX ix_{table}_words")
            continue
        for when in ("added", "removed", "changed"):
            op.execute(f"DROP TRIGGER {index}_{when}")
        op.execute(f"DROP TABLE {index}")
