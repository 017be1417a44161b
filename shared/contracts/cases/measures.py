"""Measures, imposed, announced and lifted; and a truce in four phases."""

from typing import Final

from shared.contracts.citing import Case, Citing, raw
from shared.events.border_closure import BorderClosure
from shared.events.broadcast_ban import BroadcastBan
from shared.events.ceasefire import Ceasefire
from shared.events.flight_ban import FlightBan
from shared.events.sanction import Sanction

BANS: Final = raw(
    "2008-08-08T23:15:00+04:00",
    outlet="Caucasus Wire",
    title="Flights stop, channels go dark",
    body=(
        "Russia will halt all civilian flights to Georgia from midnight on August 9, its Transport Ministry said. "
        "In return Georgia is set to take Russian television channels off the air from the 9th. "
        "Georgia has closed the Larsi crossing until further notice, and Gori is under curfew from 9 p.m. to 6 a.m. "
        "Two opposition sites were blocked in Tskhinvali for a day, their editors complain. "
        "Kyiv warned that ships of the Black Sea Fleet sent to blockade Poti might be refused their way home."
    ),
    published_at="2008-08-08T23:10:00+04:00",
    external_id="cw-81",
    language="en",
    country="GE",
    time_zone="Asia/Tbilisi",
)
AFTER: Final = raw(
    "2008-09-02T15:30:00+00:00",
    outlet="Northern News Service",
    title="Ties cut, some flights back",
    body=(
        "Georgia broke off diplomatic relations with Russia on Tuesday and gave its diplomats until 29 September "
        "to leave. Senators in Washington urged a ban on arms sales to Russia.\n\n"
        "Charter flights between Moscow and Tbilisi, stopped on 9 August, have resumed, an airport official said. "
        "The truce signed on 12 August under French mediation holds, monitors say, though both armies accuse each "
        "other of breaking it near Zugdidi on Monday."
    ),
    published_at="2008-09-02T15:20:00Z",
    external_id="nns-0902-9",
    language="en",
)
_b, _a = Citing(BANS), Citing(AFTER)
_GEORGIA = ("Georgia", "state", "GE")

CASES: Final[tuple[Case, ...]] = (
    Case(
        "civil-flights-from-midnight",
        _b.event(
            FlightBan,
            "Russia will halt all civilian flights to Georgia from midnight on August 9",
            status="announced",
            occurred=_b.when("from midnight on August 9", "2008-08-09T00:00:00+04:00", None, "minute"),
            places=(_b.country("Georgia", "Georgia", "GE", "scope", "towards"),),
            participants=(
                _b.who("agent", "Russia", "Russia", "state", "RU"),
                _b.who("target", "all civilian flights to Georgia", "civilian flights to Georgia", "thing"),
            ),
            sources=(_b.source("its Transport Ministry", "Ministry of Transport of Russia", "RU"),),
            confidence=0.88,
            reasons=("which midnight is meant is not certain",),
        ),
    ),
    Case(
        "charter-flights-resumed",
        _a.event(
            FlightBan,
            "Charter flights between Moscow and Tbilisi, stopped on 9 August, have resumed",
            status="ended",
            occurred=_a.when("on 9 August", "2008-08-09T00:00:00+04:00", "2008-09-02T00:00:00+04:00", "day"),
            places=(
                _a.place("Moscow", relation="between", role="scope"),
                _a.place("Tbilisi", relation="between", role="scope"),
            ),
            participants=(_a.who("target", "Charter flights", "charter flights", "thing"),),
            sources=(_a.source("an airport official", "An airport official"),),
        ),
    ),
    Case(
        "channels-in-retaliation",
        _b.event(
            BroadcastBan,
            "Georgia is set to take Russian television channels off the air from the 9th",
            status="announced",
            occurred=_b.when("from the 9th", "2008-08-09T00:00:00+04:00", None, "day"),
            places=(_b.country("Georgia", "Georgia", "GE", "scope"),),
            participants=(
                _b.who("agent", "Georgia", *_GEORGIA),
                _b.who("target", "Russian television channels", "Russian television channels", "thing", "RU"),
            ),
        ),
    ),
    Case(
        "two-sites-for-a-day",
        _b.event(
            BroadcastBan,
            "Two opposition sites were blocked in Tskhinvali for a day",
            places=(_b.place("Tskhinvali", "Ts’khinvali", role="scope"),),
            participants=(_b.who("target", "Two opposition sites", "opposition sites", "thing"),),
            sources=(_b.source("their editors", "Editors of the opposition sites"),),
            confidence=0.6,
            reasons=("neither who blocked them nor the day is said",),
        ),
    ),
    Case(
        "crossing-until-further-notice",
        _b.event(
            BorderClosure,
            "Georgia has closed the Larsi crossing until further notice",
            status="ongoing",
            places=(_b.place("the Larsi crossing", "Larsi", role="scope"),),
            participants=(_b.who("agent", "Georgia", *_GEORGIA),),
            form="closure",
        ),
    ),
    Case(
        "curfew",
        _b.event(
            BorderClosure,
            "Gori is under curfew from 9 p.m. to 6 a.m.",
            status="ongoing",
            occurred=_b.when("from 9 p.m. to 6 a.m.", "2008-08-08T21:00:00+04:00", "2008-08-09T06:00:00+04:00", "hour"),
            places=(_b.place("Gori", role="scope"),),
            form="curfew",
        ),
    ),
    Case(
        "blockade-threatened-consequence",
        _b.event(
            BorderClosure,
            "ships of the Black Sea Fleet sent to blockade Poti",
            places=(_b.place("Poti", relation="off", role="scope"),),
            participants=(_b.who("agent", "ships of the Black Sea Fleet", "Russia", "state", "RU"),),
            sources=(_b.source("Kyiv", "Government of Ukraine", "UA"),),
            form="blockade",
            confidence=0.58,
            reasons=("said in passing",),
        ),
    ),
    Case(
        "ties-cut-with-a-date",
        _a.event(
            Sanction,
            "Georgia broke off diplomatic relations with Russia on Tuesday",
            "gave its diplomats until 29 September to leave",
            occurred=_a.when("on Tuesday", "2008-09-02T00:00:00+04:00", "2008-09-03T00:00:00+04:00", "day"),
            participants=(
                _a.who("agent", "Georgia", *_GEORGIA),
                _a.who("target", "Russia", "Russia", "state", "RU"),
            ),
        ),
    ),
    Case(
        "arms-embargo-called-for",
        _a.event(
            Sanction,
            "Senators in Washington urged a ban on arms sales to Russia",
            status="called_for",
            participants=(
                _a.who("agent", "Senators in Washington", "United States senators", "people", "US"),
                _a.who("target", "Russia", "Russia", "state", "RU"),
            ),
        ),
    ),
    Case(
        "truce-signed",
        _a.event(
            Ceasefire,
            "The truce signed on 12 August under French mediation holds",
            status="ongoing",
            occurred=_a.when("on 12 August", "2008-08-12T00:00:00+04:00", None, "day"),
            sources=(_a.source("monitors", "Monitors"),),
            phase="agreed",
        ),
    ),
    Case(
        "breach-each-blames-the-other",
        _a.event(
            Ceasefire,
            "both armies accuse each other of breaking it near Zugdidi on Monday",
            occurred=_a.when("on Monday", "2008-09-01T00:00:00+04:00", "2008-09-02T00:00:00+04:00", "day"),
            places=(_a.place("Zugdidi", relation="near"),),
            participants=(
                _a.who("agent", "both armies", "Georgia", "state", "GE"),
                _a.who("agent", "both armies", "Russia", "state", "RU"),
            ),
            sources=(
                _a.source("both armies", "Armed Forces of Georgia", "GE"),
                _a.source("both armies", "Armed Forces of Russia", "RU"),
            ),
            phase="broken",
            confidence=0.64,
            reasons=("each side names the other",),
        ),
    ),
)
