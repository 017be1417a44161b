"""What becomes of people and things: flight, tolls, ruins, relief."""

from typing import Final

from shared.contracts.citing import Case, Citing, raw
from shared.events.casualty_report import CasualtyReport
from shared.events.damage import Damage
from shared.events.displacement import Displacement
from shared.events.evacuation import Evacuation
from shared.events.humanitarian_appeal import HumanitarianAppeal

CIVILIANS: Final = raw(
    "2008-08-09T20:02:30+00:00",
    outlet="Relief Monitor",
    url="https://relief.example/situation/3",
    title="Situation report no. 3",
    body=(
        "South Ossetia's authorities will bus children from the danger zones to Russia, they announced on Saturday. "
        "Georgia had moved some 300 people from villages north of Gori to Tbilisi by noon.\n\n"
        "Thousands of refugees are leaving South Ossetia, mostly for North Ossetia, the UN refugee agency says. "
        "More than 2,400 people from the Gori area have reached Tbilisi.\n\n"
        "Eduard Kokoity put the number of victims at 1,400, a figure that no one else has confirmed. As of 10:51 p.m. "
        "on Friday 12 Russian peacekeepers were reported dead and 150 wounded; Georgia's Health Ministry counts "
        "between 30 and 40 dead and at least two missing on its own side.\n\n"
        "The main hospital in Tskhinvali is out of service. A raid destroyed or damaged over 20 apartment blocks in "
        "Gori, local officials say.\n\n"
        "The Red Cross urged both sides to open a corridor for the wounded. France is sending two planes with tents "
        "and medicine to Tbilisi on Sunday."
    ),
    published_at="2008-08-09T20:00:00Z",
    external_id="rm-sitrep-3",
    language="en",
    country="GE",
)
_c = Citing(CIVILIANS)
_TSKHINVALI: Final = _c.place("Tskhinvali", "Ts’khinvali")

CASES: Final[tuple[Case, ...]] = (
    Case(
        "children-announced",
        _c.event(
            Evacuation,
            "South Ossetia's authorities will bus children from the danger zones to Russia",
            status="announced",
            places=(
                _c.place("the danger zones", "South Ossetia", "from", "origin"),
                _c.country("Russia", "Russia", "RU", "destination", "towards"),
            ),
            participants=(
                _c.who("agent", "South Ossetia's authorities", "South Ossetia", "armed_group"),
                _c.who("target", "children", "children", "people"),
            ),
            sources=(_c.source("they", "South Ossetia"),),
            confidence=0.85,
        ),
    ),
    Case(
        "about-three-hundred-by-noon",
        _c.event(
            Evacuation,
            "Georgia had moved some 300 people from villages north of Gori to Tbilisi by noon",
            occurred=_c.when("by noon", "2008-08-09T00:00:00+04:00", "2008-08-09T12:00:00+04:00", "part_of_day"),
            places=(
                _c.place("Gori", relation="north_of", role="origin"),
                _c.place("Tbilisi", relation="towards", role="destination"),
            ),
            participants=(
                _c.who("agent", "Georgia", "Georgia", "state", "GE"),
                _c.who("target", "300 people from villages north of Gori", "people", "people"),
            ),
            quantities=(_c.count("evacuated", "some 300", 300, 300, "about", "people"),),
        ),
    ),
    Case(
        "thousands-leaving",
        _c.event(
            Displacement,
            "Thousands of refugees are leaving South Ossetia, mostly for North Ossetia",
            status="ongoing",
            places=(
                _c.country("South Ossetia", "South Ossetia", "GE", "origin", "from"),
                _c.country("North Ossetia", "North Ossetia", "RU", "destination", "towards"),
            ),
            participants=(_c.who("target", "refugees", "refugees", "people"),),
            quantities=(_c.count("displaced", "Thousands", 2000, None, "vague", "refugees"),),
            sources=(_c.source("the UN refugee agency", "UNHCR"),),
        ),
    ),
    Case(
        "over-2400-arrived",
        _c.event(
            Displacement,
            "More than 2,400 people from the Gori area have reached Tbilisi",
            places=(
                _c.place("the Gori area", "Gori", "from", "origin"),
                _c.place("Tbilisi", relation="in", role="destination"),
            ),
            participants=(_c.who("target", "people from the Gori area", "people", "people", "GE"),),
            quantities=(_c.count("displaced", "More than 2,400", 2400, None, "over", "people"),),
            confidence=0.74,
            reasons=("nobody is named as the source",),
        ),
    ),
    Case(
        "cumulative-unconfirmed",
        _c.event(
            CasualtyReport,
            "Eduard Kokoity put the number of victims at 1,400",
            quantities=(_c.count("casualties", "1,400", 1400, 1400, of="victims"),),
            sources=(_c.source("Eduard Kokoity", "Eduard Kokoity, President of South Ossetia"),),
            confidence=0.5,
            reasons=("'victims' may be dead or hurt", "the report says that it is unconfirmed"),
        ),
    ),
    Case(
        "peacekeepers-two-measures",
        _c.event(
            CasualtyReport,
            "As of 10:51 p.m. on Friday 12 Russian peacekeepers were reported dead and 150 wounded",
            occurred=_c.when(
                "As of 10:51 p.m. on Friday", "2008-08-08T22:51:00+04:00", "2008-08-08T22:52:00+04:00", "minute"
            ),
            participants=(_c.who("target", "Russian peacekeepers", "Russian peacekeepers", "force", "RU"),),
            quantities=(
                _c.count("killed", "12", 12, 12, of="Russian peacekeepers"),
                _c.count("injured", "150", 150, 150, of="Russian peacekeepers"),
            ),
        ),
    ),
    Case(
        "range-and-missing",
        _c.event(
            CasualtyReport,
            "Georgia's Health Ministry counts between 30 and 40 dead and at least two missing on its own side",
            participants=(_c.who("target", "its own side", "Georgia", "state", "GE"),),
            quantities=(
                _c.count("killed", "between 30 and 40", 30, 40, "exact", "dead"),
                _c.count("missing", "at least two", 2, None, "at_least", "missing"),
            ),
            sources=(_c.source("Georgia's Health Ministry", "Ministry of Health of Georgia", "GE"),),
        ),
    ),
    Case(
        "hospital-out-of-service",
        _c.event(
            Damage,
            "The main hospital in Tskhinvali is out of service",
            status="ongoing",
            places=(_TSKHINVALI,),
            participants=(_c.who("target", "The main hospital", "main hospital", "building"),),
        ),
    ),
    Case(
        "apartment-blocks-over-twenty",
        _c.event(
            Damage,
            "A raid destroyed or damaged over 20 apartment blocks in Gori",
            places=(_c.place("Gori"),),
            participants=(_c.who("target", "apartment blocks", "apartment blocks", "building"),),
            quantities=(_c.count("buildings", "over 20", 20, None, "over", "apartment blocks"),),
            sources=(_c.source("local officials", "Local officials", "GE"),),
            confidence=0.82,
            reasons=("no side named for the raid",),
        ),
    ),
    Case(
        "corridor-called-for",
        _c.event(
            HumanitarianAppeal,
            "The Red Cross urged both sides to open a corridor for the wounded",
            status="called_for",
            participants=(
                _c.who("agent", "The Red Cross", "International Committee of the Red Cross", "organisation"),
                _c.who("target", "both sides", "both sides", "group"),
            ),
        ),
    ),
    Case(
        "aid-flights-announced",
        _c.event(
            HumanitarianAppeal,
            "France is sending two planes with tents and medicine to Tbilisi on Sunday",
            status="announced",
            occurred=_c.when("on Sunday", "2008-08-10T00:00:00+04:00", "2008-08-11T00:00:00+04:00", "day"),
            places=(_c.place("Tbilisi", relation="towards", role="destination"),),
            participants=(_c.who("agent", "France", "France", "state", "FR"),),
            quantities=(_c.count("aircraft", "two planes", 2, 2, of="planes"),),
        ),
    ),
)
