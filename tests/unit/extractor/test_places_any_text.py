"""Places in arbitrary text: never a crash, and every mention cuts its own text."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.extractor.core.place_names import Place, TheatreWeights, fold
from services.extractor.core.places import find_places, infer_theatre, resolve
from services.extractor.gazetteer import load_place_words

WORDS = load_place_words()


class _Listed:
    """A gazetteer of a few names, for properties over arbitrary text."""

    version = "test"
    weights = TheatreWeights()

    def lookup(self, name: str) -> tuple[Place, ...]:
        key = fold(name)
        return (Place(name=name, country="GE", lat=42.0, lon=44.0, population=50_000),) if key in _NAMES else ()

    def lookup_spelling(self, name: str) -> tuple[Place, ...]:
        return ()


_NAMES = frozenset({"gori", "poti", "hit", "south ossetia", "al bab", "a", "ossetia", "ß"})
_PIECES = st.sampled_from(
    [
        "Gori",
        "Poti",
        "Hit",
        "South Ossetia",
        "al-Bab",
        "in",
        "near",
        "the",
        "village of",
        "'s",
        "’s",
        ", ",
        ". ",
        " ",
        "-",
        "between",
        "and",
        "President",
        "Ukraine",
        "\n",
        "ﬁ",
        "İ",
        "́",
        "🜚",
        "of",
        "to",
        "from",
        "north of",
        "A",
        "ß",
        "9",
    ]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.text(max_size=200), st.lists(_PIECES, max_size=25).map(" ".join)), st.data())
def test_any_text_gives_mentions_that_cut_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    mentions = find_places(text, start, end, _Listed(), WORDS)
    last = start
    for mention in mentions:
        assert last <= mention.start < mention.end <= end
        assert text[mention.start : mention.end] == mention.text
        last = mention.end
    theatre = infer_theatre(mentions, {"GE": 1.0}, TheatreWeights())
    for mention in mentions:
        place = resolve(mention, theatre)
        assert place is None or (0.0 <= place.confidence <= 1.0 and (place.lat is None) == (place.lon is None))
