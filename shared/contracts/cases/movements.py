"""Forces on the move: reserves, convoys, prisoners."""

from typing import Final

from shared.contracts.citing import Case, Citing, raw
from shared.events.detention import Detention
from shared.events.mobilization import Mobilization
from shared.events.troop_movement import TroopMovement

FORCES: Final = raw(
    "2008-08-08T21:40:12+04:00",
    outlet="Caucasus Wire",
    url="https://wire.example/2008/08/08/77",
    title="Reserves called up, volunteers cross",
    body=(
        "President Mikheil Saakashvili announced at 11:38 a.m. on Friday that reserve troops were being mobilized "
        "against what he called Russian aggression. Russia's North Caucasus district put about 5,000 men on alert, "
        "RIA Novosti reported.\n\n"
        "A convoy of 20 vans with up to 400 volunteers crossed from North Ossetia into South Ossetia at 9:21 p.m. "
        "Washington will fly home Georgia's 2,000 soldiers from Iraq within days, a Pentagon official said.\n\n"
        "Georgian forces have captured several Russian servicemen near Gori, Tbilisi says; Moscow confirms one. "
        "Dozens of Georgian civilians are being held in Tskhinvali, according to relatives."
    ),
    published_at="2008-08-08T21:30:00+04:00",
    external_id="cw-77",
    language="en",
    country="GE",
    time_zone="Asia/Tbilisi",
)
_f = Citing(FORCES)

CASES: Final[tuple[Case, ...]] = (
    Case(
        "president-calls-up-reserves",
        _f.event(
            Mobilization,
            "President Mikheil Saakashvili announced at 11:38 a.m. on Friday that reserve troops were being mobilized",
            status="announced",
            occurred=_f.when(
                "at 11:38 a.m. on Friday", "2008-08-08T11:38:00+04:00", "2008-08-08T11:39:00+04:00", "minute"
            ),
            places=(_f.country("President Mikheil Saakashvili", "Georgia", "GE", "scope"),),
            participants=(
                _f.who(
                    "agent",
                    "President Mikheil Saakashvili",
                    "Mikheil Saakashvili, President of Georgia",
                    "person",
                    "GE",
                ),
                _f.who("target", "Russian aggression", "Russia", "state", "RU"),
            ),
            sources=(_f.source("President Mikheil Saakashvili", "Mikheil Saakashvili, President of Georgia", "GE"),),
            force="reserve troops",
        ),
    ),
    Case(
        "alert-about-five-thousand",
        _f.event(
            Mobilization,
            "Russia's North Caucasus district put about 5,000 men on alert",
            participants=(
                _f.who("agent", "Russia's North Caucasus district", "North Caucasus Military District", "force", "RU"),
            ),
            quantities=(_f.count("personnel", "about 5,000", 5000, 5000, "about", "men"),),
            sources=(_f.source("RIA Novosti", "RIA Novosti", "RU", via="RIA Novosti"),),
            confidence=0.8,
        ),
    ),
    Case(
        "volunteers-convoy",
        _f.event(
            TroopMovement,
            "A convoy of 20 vans with up to 400 volunteers crossed from North Ossetia into South Ossetia at 9:21 p.m.",
            occurred=_f.when("at 9:21 p.m.", "2008-08-08T21:21:00+04:00", "2008-08-08T21:22:00+04:00", "minute"),
            places=(
                _f.country("North Ossetia", "North Ossetia", "RU", "origin", "from"),
                _f.country("South Ossetia", "South Ossetia", "GE", "destination", "towards"),
            ),
            participants=(_f.who("agent", "volunteers", "Russian volunteers", "armed_group", "RU"),),
            quantities=(
                _f.count("vehicles", "20", 20, 20, of="vans"),
                _f.count("personnel", "up to 400", None, 400, "up_to", "volunteers"),
            ),
        ),
    ),
    Case(
        "flown-home-announced",
        _f.event(
            TroopMovement,
            "Washington will fly home Georgia's 2,000 soldiers from Iraq within days",
            status="announced",
            occurred=_f.when("within days", "2008-08-09T00:00:00+04:00", "2008-08-16T00:00:00+04:00", "week"),
            places=(
                _f.country("Iraq", "Iraq", "IQ", "origin", "from"),
                _f.country("Georgia", "Georgia", "GE", "destination", "towards"),
            ),
            participants=(_f.who("agent", "Georgia's 2,000 soldiers", "Georgia", "state", "GE"),),
            quantities=(_f.count("personnel", "2,000", 2000, 2000, of="soldiers"),),
            sources=(_f.source("a Pentagon official", "United States Department of Defense", "US"),),
            confidence=0.72,
            reasons=("'within days' read as a week",),
        ),
    ),
    Case(
        "several-captured-partly-confirmed",
        _f.event(
            Detention,
            "Georgian forces have captured several Russian servicemen near Gori",
            places=(_f.place("Gori", relation="near"),),
            participants=(
                _f.who("agent", "Georgian forces", "Georgia", "state", "GE"),
                _f.who("target", "Russian servicemen", "Russia", "state", "RU"),
            ),
            quantities=(
                _f.count("captured", "several", 3, None, "vague", "servicemen"),
                _f.count("captured", "one", 1, 1, of="servicemen"),
            ),
            sources=(
                _f.source("Tbilisi says", "Government of Georgia", "GE"),
                _f.source("Moscow", "Government of Russia", "RU", "confirms"),
            ),
            confidence=0.7,
            reasons=("confirmed for one only",),
        ),
    ),
    Case(
        "civilians-held",
        _f.event(
            Detention,
            "Dozens of Georgian civilians are being held in Tskhinvali",
            status="ongoing",
            places=(_f.place("Tskhinvali", "Ts’khinvali"),),
            participants=(_f.who("target", "Georgian civilians", "Georgian civilians", "people", "GE"),),
            quantities=(_f.count("captured", "Dozens", 24, None, "vague", "civilians"),),
            sources=(_f.source("relatives", "Relatives"),),
        ),
    ),
)
