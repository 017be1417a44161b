"""Runs the migrations on the connection that `store.migrate` hands over; there is no other way in."""

from alembic import context

from services.projection.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
