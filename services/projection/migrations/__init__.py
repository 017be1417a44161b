"""Alembic's migrations of the read models, forward and back."""
