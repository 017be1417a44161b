"""Attacks and what denies them: a morning of air strikes, and an autumn car bomb."""

from typing import Final

from shared.contracts.citing import Case, Citing, raw
from shared.events.aircraft_downing import AircraftDowning
from shared.events.airspace_violation import AirspaceViolation
from shared.events.airstrike import Airstrike
from shared.events.bomb_attack import BombAttack
from shared.events.denial import Denial
from shared.events.ground_combat import GroundCombat
from shared.events.killing import Killing
from shared.events.shelling import Shelling

MORNING: Final = raw(
    "2008-08-08T12:31:07+04:00",
    outlet="Tbilisi Evening Bulletin",
    url="https://bulletin.example/2008/08/08/kareli",
    title="Bombs fall near Kareli and Gori",
    body=(
        "Three Russian Su-24 bombers dropped bombs near Kareli at 10:00 a.m. on Friday, Georgia's Interior Ministry "
        "said; seven people were hurt. An hour later one bomb fell near Gori and harmed nobody. "
        "Russia's Defence Ministry called the report of raids an invention.\n\n"
        "Georgian officials claim that up to four Russian jets were shot down during the day. Reporters in "
        "Tskhinvali saw the wreck of one Su-25, whose operator nobody there would name.\n\n"
        "Two unidentified aircraft had crossed into Georgian airspace on Thursday evening, the ministry added. "
        "Tskhinvali lay under artillery and Grad rocket fire through the night. "
        "South Ossetian villages north of Gori had been shelled on Thursday, the separatist press office said, "
        "which Georgia's Reintegration Minister denied."
    ),
    published_at="2008-08-08T12:30:00+04:00",
    external_id="teb-20080808-014",
    language="en",
    country="GE",
    time_zone="Asia/Tbilisi",
)
GROUND: Final = raw(
    "2008-08-09T09:12:44+00:00",
    outlet="Northern News Service",
    title="Fighting for Tskhinvali",
    body=(
        "Georgian troops launched an assault on Tskhinvali late on 7 August. By Saturday morning Russian units "
        "had retaken most of the town, a peacekeepers' spokesman claimed; Tbilisi said that its forces still held "
        "the southern quarters. Residents said that militiamen had shot at least two captured men in the village of "
        "Eredvi; the report could not be checked. A pilot who had bailed out was killed after his capture, "
        "Vesti reported."
    ),
    published_at="2008-08-09T09:10:00Z",
    external_id="nns-0809-3",
    language="en",
)
AUTUMN: Final = raw(
    "2008-10-03T19:05:00+04:00",
    outlet="Caucasus Wire",
    title="Car bomb at peacekeepers' base",
    body=(
        "A car packed with explosives blew up on Friday beside the peacekeepers' base in Tskhinvali. "
        "Eleven people died, among them seven Russian soldiers. South Ossetia's leader blamed Georgian special "
        "services; an official in Tbilisi rejected this. In a separate incident a roadside mine was found and made "
        "safe near Zugdidi, where on 21 September another had wounded two policemen."
    ),
    published_at="2008-10-03T19:00:00+04:00",
    language="en",
    country="GE",
)

_m, _g, _a = Citing(MORNING), Citing(GROUND), Citing(AUTUMN)
_RUSSIA = ("Russia", "state", "RU")
_MINISTRY = _m.source("Georgia's Interior Ministry", "Ministry of Internal Affairs of Georgia", "GE")

KARELI: Final = _m.event(
    Airstrike,
    "Three Russian Su-24 bombers dropped bombs near Kareli at 10:00 a.m. on Friday",
    "seven people were hurt",
    occurred=_m.when("at 10:00 a.m. on Friday", "2008-08-08T10:00:00+04:00", "2008-08-08T10:01:00+04:00", "minute"),
    places=(_m.place("Kareli", relation="near"),),
    participants=(_m.who("agent", "Russian Su-24 bombers", *_RUSSIA),),
    quantities=(
        _m.count("aircraft", "Three", 3, 3, of="Su-24 bombers"),
        _m.count("injured", "seven", 7, 7, of="people"),
    ),
    sources=(_MINISTRY,),
    aircraft_types=("Su-24",),
    confidence=0.93,
    reasons=("place known to the gazetteer", "time in full", "one named source"),
)
GORI: Final = _m.event(
    Airstrike,
    "An hour later one bomb fell near Gori and harmed nobody",
    occurred=_m.when("An hour later", "2008-08-08T11:00:00+04:00", "2008-08-08T12:00:00+04:00", "hour"),
    places=(_m.place("Gori", relation="near"),),
    participants=(_m.who("agent", None, *_RUSSIA),),
    quantities=(
        _m.count("munitions", "one bomb", 1, 1, of="bomb"),
        _m.count("casualties", "nobody", 0, 0, of="people"),
    ),
    sources=(_MINISTRY,),
    confidence=0.78,
    reasons=("agent taken from the sentence before", "time counted from the strike before"),
)
_VILLAGES: Final = _m.event(
    Shelling,
    "South Ossetian villages north of Gori had been shelled on Thursday",
    occurred=_m.when("on Thursday", "2008-08-07T00:00:00+04:00", "2008-08-08T00:00:00+04:00", "day"),
    places=(_m.place("Gori", relation="north_of"),),
    participants=(_m.who("target", "South Ossetian villages", "South Ossetian villages", "people"),),
    sources=(_m.source("the separatist press office", "Press office of South Ossetia"),),
    confidence=0.62,
    reasons=("no attacker named", "denied in the same sentence"),
)

CASES: Final[tuple[Case, ...]] = (
    Case("kareli-three-aircraft", KARELI),
    Case("gori-inferred-agent-no-harm", GORI),
    Case("villages-denied", _VILLAGES),
    Case(
        "tskhinvali-through-the-night",
        _m.event(
            Shelling,
            "Tskhinvali lay under artillery and Grad rocket fire through the night",
            occurred=_m.when(
                "through the night", "2008-08-07T21:00:00+04:00", "2008-08-08T06:00:00+04:00", "part_of_day"
            ),
            places=(_m.place("Tskhinvali", "Ts’khinvali"),),
            participants=(_m.who("target", "Tskhinvali", "Ts’khinvali", "settlement"),),
            weapons=("artillery", "Grad rocket"),
        ),
    ),
    Case(
        "up-to-four-claimed",
        _m.event(
            AircraftDowning,
            "up to four Russian jets were shot down during the day",
            occurred=_m.when("during the day", "2008-08-08T00:00:00+04:00", "2008-08-09T00:00:00+04:00", "day"),
            participants=(_m.who("target", "Russian jets", *_RUSSIA),),
            quantities=(_m.count("aircraft", "up to four", None, 4, "up_to", "jets"),),
            sources=(_m.source("Georgian officials", "Government of Georgia", "GE"),),
            confidence=0.7,
            reasons=("a claim by one side",),
        ),
    ),
    Case(
        "wreck-seen-operator-unknown",
        _m.event(
            AircraftDowning,
            "Reporters in Tskhinvali saw the wreck of one Su-25, whose operator nobody there would name",
            places=(_m.place("Tskhinvali", "Ts’khinvali"),),
            quantities=(_m.count("aircraft", "one Su-25", 1, 1, of="Su-25"),),
            sources=(_m.source("Reporters", "Reporters"),),
            aircraft_types=("Su-25",),
            confidence=0.6,
        ),
    ),
    Case(
        "two-unidentified-aircraft",
        _m.event(
            AirspaceViolation,
            "Two unidentified aircraft had crossed into Georgian airspace on Thursday evening",
            occurred=_m.when(
                "on Thursday evening", "2008-08-07T18:00:00+04:00", "2008-08-07T22:00:00+04:00", "part_of_day"
            ),
            places=(_m.country("Georgian airspace", "Georgia", "GE"),),
            participants=(_m.who("target", "Georgian", "Georgia", "state", "GE"),),
            quantities=(_m.count("aircraft", "Two", 2, 2, of="unidentified aircraft"),),
            sources=(_MINISTRY,),
        ),
    ),
    Case(
        "implied-by-a-strike",
        _m.event(
            AirspaceViolation,
            "Three Russian Su-24 bombers dropped bombs near Kareli",
            occurred=_m.when(
                "at 10:00 a.m. on Friday", "2008-08-08T10:00:00+04:00", "2008-08-08T10:01:00+04:00", "minute"
            ),
            places=(_m.country("Kareli", "Georgia", "GE"),),
            participants=(
                _m.who("agent", "Russian Su-24 bombers", *_RUSSIA),
                _m.who("target", None, "Georgia", "state", "GE"),
            ),
            quantities=(_m.count("aircraft", "Three", 3, 3, of="Su-24 bombers"),),
            sources=(_MINISTRY,),
            part_of=(KARELI.id,),
            confidence=0.4,
            reasons=("implied, not said",),
        ),
    ),
    Case(
        "raids-called-an-invention",
        _m.event(
            Denial,
            "Russia's Defence Ministry called the report of raids an invention",
            participants=(
                _m.who("agent", "Russia's Defence Ministry", "Ministry of Defence of Russia", "organisation", "RU"),
            ),
            claim="the report of raids",
            denies=(KARELI.id, GORI.id),
        ),
    ),
    Case(
        "shelling-denied-by-minister",
        _m.event(
            Denial,
            "which Georgia's Reintegration Minister denied",
            participants=(
                _m.who(
                    "agent", "Georgia's Reintegration Minister", "Minister for Reintegration of Georgia", "person", "GE"
                ),
                _m.who("target", "the separatist press office", "Press office of South Ossetia", "organisation"),
            ),
            denies=(_VILLAGES.id,),
        ),
    ),
    Case(
        "assault-on-a-town",
        _g.event(
            GroundCombat,
            "Georgian troops launched an assault on Tskhinvali late on 7 August",
            occurred=_g.when(
                "late on 7 August", "2008-08-07T20:00:00+04:00", "2008-08-08T00:00:00+04:00", "part_of_day"
            ),
            places=(_g.place("Tskhinvali", "Ts’khinvali"),),
            participants=(_g.who("agent", "Georgian troops", "Georgia", "state", "GE"),),
        ),
    ),
    Case(
        "town-retaken-contested",
        _g.event(
            GroundCombat,
            "By Saturday morning Russian units had retaken most of the town",
            status="ongoing",
            occurred=_g.when(
                "By Saturday morning", "2008-08-09T06:00:00+04:00", "2008-08-09T12:00:00+04:00", "part_of_day"
            ),
            places=(_g.place("Tskhinvali", "Ts’khinvali"),),
            participants=(
                _g.who("agent", "Russian units", *_RUSSIA),
                _g.who("target", "its forces", "Georgia", "state", "GE"),
            ),
            sources=(
                _g.source("a peacekeepers' spokesman", "Joint Peacekeeping Forces"),
                _g.source("Tbilisi", "Government of Georgia", "GE", "denies"),
            ),
            control="taken",
            confidence=0.66,
            reasons=("two sources disagree",),
        ),
    ),
    Case(
        "at-least-two-prisoners",
        _g.event(
            Killing,
            "militiamen had shot at least two captured men in the village of Eredvi",
            places=(_g.place("the village of Eredvi", "Eredvi"),),
            participants=(
                _g.who("agent", "militiamen", "militiamen", "armed_group"),
                _g.who("target", "captured men", "captured men", "people"),
            ),
            quantities=(_g.count("killed", "at least two", 2, None, "at_least", "captured men"),),
            sources=(_g.source("Residents", "Residents"),),
            confidence=0.55,
            reasons=("the report says that it could not be checked", "place not in the gazetteer"),
        ),
    ),
    Case(
        "pilot-by-another-outlet",
        _g.event(
            Killing,
            "A pilot who had bailed out was killed after his capture",
            participants=(_g.who("target", "A pilot", "a pilot", "person"),),
            quantities=(_g.count("killed", "A pilot", 1, 1, of="pilot"),),
            sources=(_g.source("Vesti", "Vesti", "RU", via="Vesti"),),
        ),
    ),
    Case(
        "car-bomb-with-toll",
        _a.event(
            BombAttack,
            "A car packed with explosives blew up on Friday beside the peacekeepers' base in Tskhinvali",
            "Eleven people died, among them seven Russian soldiers",
            occurred=_a.when("on Friday", "2008-10-03T00:00:00+04:00", "2008-10-04T00:00:00+04:00", "day"),
            places=(_a.place("Tskhinvali", "Ts’khinvali"),),
            participants=(_a.who("target", "the peacekeepers' base", "Joint Peacekeeping Forces", "force", "RU"),),
            quantities=(
                _a.count("killed", "Eleven people", 11, 11, of="people"),
                _a.count("killed", "seven Russian soldiers", 7, 7, of="Russian soldiers"),
            ),
            device="car packed with explosives",
        ),
    ),
    Case(
        "mine-weeks-ago",
        _a.event(
            BombAttack,
            "where on 21 September another had wounded two policemen",
            occurred=_a.when("on 21 September", "2008-09-21T00:00:00+04:00", "2008-09-22T00:00:00+04:00", "day"),
            places=(_a.place("Zugdidi", relation="near"),),
            participants=(_a.who("target", "two policemen", "policemen", "people", "GE"),),
            quantities=(_a.count("injured", "two policemen", 2, 2, of="policemen"),),
            device="roadside mine",
            suicide=False,
            confidence=0.75,
            reasons=("'another' stands for a roadside mine", "place taken from the sentence before"),
        ),
    ),
)
