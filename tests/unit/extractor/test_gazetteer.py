"""The gazetteer's file: what a build gives, and how it is opened."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import zip_longest
from pathlib import Path

import pytest

from services.extractor.core.places import Place
from services.extractor.gazetteer import (
    GazetteerMissing,
    SqliteGazetteer,
    load_place_words,
    main,
)


@pytest.fixture(scope="module")
def path(gazetteer_path: Path) -> Path:
    return gazetteer_path


@pytest.fixture(scope="module")
def gazetteer(path: Path) -> SqliteGazetteer:
    return SqliteGazetteer(path)


def rows(path: Path, table: str) -> Iterator[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as db:
        yield from db.execute(f"SELECT * FROM {table}")


@pytest.mark.slow
def test_two_builds_are_the_same(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    again = tmp_path / "deep" / "gazetteer.sqlite"
    assert main([str(again)]) == 0
    for table in ("meta", "blob", "country", "place", "name", "spelling"):
        both = zip_longest(rows(again, table), rows(path, table))
        assert all(one == other for one, other in both), table
        assert next(rows(again, table), None)
    assert SqliteGazetteer(again).version == SqliteGazetteer(path).version
    assert [p.name for p in again.parent.iterdir()] == ["gazetteer.sqlite"]
    assert "places" in capsys.readouterr().out


def test_an_up_to_date_file_is_left_alone(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = path.stat().st_mtime_ns
    assert main([str(path)]) == 0
    assert path.stat().st_mtime_ns == before
    assert "up to date" in capsys.readouterr().out


def test_no_file_another_file_and_an_old_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(GazetteerMissing, match="python -m"):
        SqliteGazetteer(tmp_path / "none.sqlite")
    other = tmp_path / "other.sqlite"
    other.write_bytes(b"not a database, but long enough to look at" * 10)
    with pytest.raises(GazetteerMissing):
        SqliteGazetteer(other)
    old = tmp_path / "old.sqlite"
    db = sqlite3.connect(old)
    db.executescript("CREATE TABLE meta (key, value); INSERT INTO meta VALUES ('version', 'old');")
    db.close()
    with pytest.raises(GazetteerMissing):
        SqliteGazetteer(old)


def test_wrong_usage_and_a_path_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["a", "b"]) == 2
    assert main(["--help"]) == 2
    assert "usage" in capsys.readouterr().err


def test_lookup_ignores_case_diacritics_apostrophes_and_articles(gazetteer: SqliteGazetteer) -> None:
    for name in ("Damazin", "Ad-Damazin", "ad damazin", "Al Damazin"):
        assert any(p.country == "SD" and p.name == "Ad-Damazin" for p in gazetteer.lookup(name)), name
    assert gazetteer.lookup("Tall ‘Afar")[0] == gazetteer.lookup("Tall 'Afar")[0]
    assert gazetteer.lookup("Xyzzyplugh") == ()
    assert gazetteer.lookup("") == ()


def test_a_small_town_s_own_name_goes_before_a_metropolis_of_that_old_name(gazetteer: SqliteGazetteer) -> None:
    poti = gazetteer.lookup("Poti")
    assert (poti[0].country, poti[0].primary) == ("GE", True)
    assert any(p.country == "BR" and not p.primary for p in poti)


def test_a_country_a_state_and_a_region_are_what_they_are(gazetteer: SqliteGazetteer) -> None:
    georgia = gazetteer.lookup("Georgia")
    assert (georgia[0].country, georgia[0].kind) == ("GE", "country")
    assert any(p.country == "US" and p.kind == "admin1" for p in georgia)
    ossetia = gazetteer.lookup("South Ossetia")
    assert [(p.country, p.kind, p.timezone) for p in ossetia] == [("GE", "region", "Asia/Tbilisi")]
    assert gazetteer.lookup("Kyiv")[0].kind == "capital"


def test_a_levelled_spelling_is_never_primary(gazetteer: SqliteGazetteer) -> None:
    found = gazetteer.lookup_spelling("Slovianoserbsk")
    assert any(p.country == "UA" for p in found)
    assert not any(p.primary for p in found)
    assert gazetteer.lookup_spelling("Gori") == ()


def test_weights_know_neighbours_zones_and_seats(gazetteer: SqliteGazetteer) -> None:
    assert "RU" in gazetteer.weights.neighbours["GE"]
    assert gazetteer.weights.zones["UA"] == "Europe/Kyiv"
    assert "geneva" in gazetteer.weights.seats


def test_a_gazetteer_s_places_are_plain_values(gazetteer: SqliteGazetteer) -> None:
    gori = gazetteer.lookup("Gori")[0]
    assert isinstance(gori, Place)
    assert gori.geonames_id == 614455
    assert gori.lies_in("GE")


def test_the_word_lists_load() -> None:
    assert "police" in load_place_words().ordinary
