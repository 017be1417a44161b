"""Words: talks held and called for, and statements that report nothing else."""

from typing import Final

from shared.contracts.citing import Case, Citing, raw
from shared.events.statement import Statement
from shared.events.talks import Talks

WORDS: Final = raw(
    "2008-08-10T18:45:09+00:00",
    outlet="Northern News Service",
    url="https://news.example/0810/6",
    title="Diplomats meet, leaders trade words",
    body=(
        "The UN Security Council met for the third time in New York on Sunday and ended without a text. "
        "Finland's foreign minister proposed that Moscow and Tbilisi send envoys to Geneva in the autumn.\n\n"
        "“It is a pity that this began on the eve of the Olympic Games,” Vladimir Putin said of Georgia's leaders. "
        "Georgia's president demanded that Moscow stop bombing towns; in Vladikavkaz his opponent spoke of genocide."
    ),
    published_at="2008-08-10T18:40:00Z",
    external_id="nns-0810-6",
    language="en",
)
_w = Citing(WORDS)
_PUTIN: Final = _w.who("agent", "Vladimir Putin", "Vladimir Putin, Prime Minister of Russia", "person", "RU")

CASES: Final[tuple[Case, ...]] = (
    Case(
        "security-council",
        _w.event(
            Talks,
            "The UN Security Council met for the third time in New York on Sunday",
            occurred=_w.when("on Sunday", "2008-08-10T00:00:00-04:00", "2008-08-11T00:00:00-04:00", "day"),
            places=(_w.place("New York", "New York City"),),
            participants=(
                _w.who("agent", "The UN Security Council", "United Nations Security Council", "organisation"),
            ),
        ),
    ),
    Case(
        "envoys-proposed",
        _w.event(
            Talks,
            "Finland's foreign minister proposed that Moscow and Tbilisi send envoys to Geneva in the autumn",
            status="called_for",
            occurred=_w.when("in the autumn", "2008-09-01T00:00:00+02:00", "2008-12-01T00:00:00+01:00", "month"),
            places=(_w.place("Geneva"),),
            participants=(
                _w.who("agent", "Moscow", "Russia", "state", "RU"),
                _w.who("target", "Tbilisi", "Georgia", "state", "GE"),
            ),
            sources=(_w.source("Finland's foreign minister", "Minister for Foreign Affairs of Finland", "FI"),),
            confidence=0.71,
            reasons=("'autumn' read as September to November",),
        ),
    ),
    Case(
        "regret-in-quotation-marks",
        _w.event(
            Statement,
            "“It is a pity that this began on the eve of the Olympic Games,” Vladimir Putin said of Georgia's leaders",
            participants=(_PUTIN, _w.who("target", "Georgia's leaders", "Georgia", "state", "GE")),
            act="regret",
        ),
    ),
    Case(
        "demand-to-stop",
        _w.event(
            Statement,
            "Georgia's president demanded that Moscow stop bombing towns",
            participants=(
                _w.who("agent", "Georgia's president", "President of Georgia", "person", "GE"),
                _w.who("target", "Moscow", "Russia", "state", "RU"),
            ),
            act="demand",
        ),
    ),
    Case(
        "speaker-unclear",
        _w.event(
            Statement,
            "in Vladikavkaz his opponent spoke of genocide",
            places=(_w.place("Vladikavkaz"),),
            participants=(_w.who("agent", "his opponent", "his opponent", "person"),),
            act="accuse",
            confidence=0.35,
            reasons=("who 'his opponent' is can't be told from the text",),
        ),
    ),
)
