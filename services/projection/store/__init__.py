"""The one place that touches SQLAlchemy: tables, engine, writing and reading."""
