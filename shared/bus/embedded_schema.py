"""The file of the embedded log: its tables, how a row's number is made, how a connection is opened."""

import sqlite3
import struct
import time
from pathlib import Path
from typing import Final

from shared.bus.port import BusUnavailable, Headers

APPLICATION_ID: Final = 0x544F4331
"""Marks the file as ours ("TOC1"), so that no other database is written to by mistake."""

OFFSET_BITS: Final = 40
"""A row's number is its partition's number followed by its offset: one tree, every partition a run of its own.
2^40 messages a partition outlast any one machine; 2^23 partitions are left."""

BASE_STEP: Final = 1 << OFFSET_BITS
WAL_BYTES_KEPT_MAX: Final = 64 * 1024 * 1024
"""A write-ahead log that grew under load is cut back to this once its content is in the file."""

RETRY_S: Final = 0.01
"""Making the file takes another process a few milliseconds."""

SCHEMA: Final = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS topic (
    name TEXT PRIMARY KEY, partitions INTEGER NOT NULL, first_partition INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY, timestamp_ms INTEGER NOT NULL, key BLOB, value BLOB, headers BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS bookmark (
    reader TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, next INTEGER NOT NULL,
    PRIMARY KEY (reader, topic, partition)
) WITHOUT ROWID;
PRAGMA application_id = {APPLICATION_ID};
COMMIT;
"""


def connect(path: Path, busy_ms_max: int) -> sqlite3.Connection:
    """A connection in autocommit mode, every commit synced to the disk. Raises `sqlite3.Error`."""
    connection = sqlite3.connect(path, timeout=busy_ms_max / 1000, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA journal_size_limit = {WAL_BYTES_KEPT_MAX}")
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()  # a broken file shows here
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def prepare(path: Path, busy_ms_max: int) -> None:
    """Make the file and its tables where they are not there. Raises `BusUnavailable`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = connect(path, busy_ms_max)
        try:
            # Tables first, owner second: another process may make both, in one transaction, in between.
            (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            (owner,) = connection.execute("PRAGMA application_id").fetchone()
            if owner == APPLICATION_ID:
                return
            if owner != 0 or tables:
                raise BusUnavailable(f"{path} is a database of something else; name another file for the log")
            _use_write_ahead_log(connection, path, busy_ms_max)
            connection.executescript(SCHEMA)
        finally:
            connection.close()
    except (sqlite3.Error, OSError) as error:
        raise unavailable(path, error) from error


def _use_write_ahead_log(connection: sqlite3.Connection, path: Path, busy_ms_max: int) -> None:
    deadline = time.monotonic() + busy_ms_max / 1000
    while True:  # SQLite's own busy wait does not cover the change of mode
        try:
            (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(RETRY_S)
            continue
        if mode != "wal":
            raise BusUnavailable(f"the file system of {path} can't hold a write-ahead log (journal mode {mode})")
        return


def unavailable(path: Path, error: Exception) -> BusUnavailable:
    """The same failure in words that say what to do."""
    text = str(error)
    if "locked" in text or "busy" in text:
        hint = "another process holds it for too long; look for one that hangs"
    elif "full" in text:
        hint = "free space on its disk"
    elif "malformed" in text or "not a database" in text:
        hint = "the file is damaged; restore it from a copy, or move it away to start an empty log"
    elif "unable to open" in text or isinstance(error, OSError):
        hint = "check that its folder exists and can be written"
    else:
        hint = "check its disk"
    return BusUnavailable(f"the log {path} can't be used: {text}; {hint}")


_COUNT: Final = struct.Struct("<II")


def pack_headers(headers: Headers) -> bytes:
    """Name length, value length, name, value, for each."""
    parts: list[bytes] = []
    for name, value in headers:
        raw = name.encode()
        parts += (_COUNT.pack(len(raw), len(value)), raw, value)
    return b"".join(parts)


def unpack_headers(packed: bytes) -> Headers:
    headers: list[tuple[str, bytes]] = []
    at = 0
    while at < len(packed):
        names, values = _COUNT.unpack_from(packed, at)
        middle = at + _COUNT.size + names
        headers.append((packed[at + _COUNT.size : middle].decode(), packed[middle : middle + values]))
        at = middle + values
    return tuple(headers)
