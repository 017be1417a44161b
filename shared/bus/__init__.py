"""The one port to the log, and its media: a SQLite file for one machine, Kafka beyond it."""
