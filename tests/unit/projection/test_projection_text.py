"""Words, snippets and circles."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.projection.core.geo import EARTH_KM, Circle
from services.projection.core.snippets import SNIPPET_CHARS_MAX, snippet
from services.projection.core.words import WORDS_BYTES_MAX, searchable, tokens


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Su-24s over Gori!", ("su", "24s", "over", "gori")),
        ("Überfall, ÜBERFALL, uberfall", ("uberfall",)),
        ("Цхинвали_Гори", ("цхинвали", "гори")),
        ("5\u2009000 ﬁghters", ("5", "000", "fighters")),
        ("İstanbul", ("istanbul",)),
        ("%_-", ()),
    ],
)
def test_words_are_cut_and_folded(text: str, found: tuple[str, ...]) -> None:
    assert tokens(text) == found


@given(st.text())
def test_cutting_again_changes_nothing_and_leaves_what_both_databases_take(text: str) -> None:
    once = searchable((text,))
    assert searchable((once,)) == once
    assert "\0" not in once
    assert all(word.isalnum() for word in once.split(" ") if word)


def test_a_text_of_too_many_words_is_cut() -> None:
    assert len(searchable(f"word{n}" for n in range(200_000)).encode()) <= WORDS_BYTES_MAX


@given(st.text(), st.text(min_size=1))
def test_hits_lie_within_the_snippet(text: str, q: str) -> None:
    found = snippet([text], q)
    assert len(found.text) <= SNIPPET_CHARS_MAX
    assert all(0 <= start < end <= len(found.text) for start, end in found.hits)


def test_a_snippet_is_around_the_hit_and_prefers_the_first_text_that_has_one() -> None:
    long = "far away " * 50 + "bombs fell near Kareli at ten " + "and so on " * 50
    found = snippet(["nothing here", long], "karel BOMB")
    assert [found.text[start:end] for start, end in found.hits] == ["bombs", "Kareli"]
    assert not found.text.startswith("way")
    assert snippet(["nothing here", "nor here"], "kareli").text == "nothing here"


def distance_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    (lat, lon), (lat2, lon2) = (tuple(map(math.radians, point)) for point in (a, b))
    half = math.sin((lat2 - lat) / 2) ** 2 + math.cos(lat) * math.cos(lat2) * math.sin((lon2 - lon) / 2) ** 2
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


LAT, LON = st.floats(-90, 90), st.floats(-180, 180)


@given(LAT, LON, st.floats(0.1, 20_038), LAT, LON)
def test_a_circle_lies_within_its_boxes(lat: float, lon: float, radius_km: float, lat2: float, lon2: float) -> None:
    circle = Circle(lat, lon, radius_km)
    if distance_km((lat, lon), (lat2, lon2)) < radius_km * 0.999:
        slack = 1e-6
        assert any(
            south - slack <= lat2 <= north + slack and west - slack <= lon2 <= east + slack
            for west, south, east, north in circle.boxes()
        )
