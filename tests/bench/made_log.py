"""A log of any size whose shapes are those of wire news: what the scale benchmark is measured on.

Crises lie in theatres with a few large and many small places; an occurrence is told by one to eight outlets within
hours, vaguely or by the clock, some under another kind, some copied from an agency; tolls differ; some is denied, some
corrected or retracted; bans come and are lifted. Everything is invented, and the same seed gives the same log. The
days grow with the number of events, so that a day holds as much in a large log as in a small one. A log of more than
`PATTERN_EVENTS` is that many events over and over, at later times and under other ids: making each anew would take
longer than all that is measured.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import Any, Final

from shared.bus.port import OutgoingMessage
from shared.codec import event_message, raw_message
from shared.events import CLASS_OF
from shared.events.base import BaseEvent, Evidence, Occurred, Participant, Place, Quantity, Source, event_id
from shared.reports import RawReport, Report

BEGIN: Final = datetime(2030, 1, 1, tzinfo=UTC)
VERSION: Final = "1.0.0"
EVENTS_A_DAY: Final = 1_500
"""What a desk that watches a dozen crises at once takes in."""
PATTERN_EVENTS: Final = 30_000
THEATRES: Final = 12
PLACES_A_THEATRE: Final = 240
OUTLETS: Final = 60
SOURCES_A_THEATRE: Final = 25
AGENCIES: Final = ("Reuters", "AFP", "AP", "Interfax")
OUTLETS_AN_INCIDENT: Final = (30, 22, 16, 12, 8, 6, 4, 2)
"""Weights of one outlet, two, ..."""
KINDS: Final = {
    "airstrike": 16, "shelling": 18, "ground_combat": 16, "bomb_attack": 6, "killing": 4, "detention": 5,
    "troop_movement": 6, "evacuation": 3, "displacement": 4, "damage": 5, "talks": 5, "humanitarian_appeal": 3,
    "flight_ban": 1, "broadcast_ban": 1, "border_closure": 2, "sanction": 2, "ceasefire": 2, "aircraft_downing": 1,
}  # fmt: skip
CONFUSED: Final = {"airstrike": "shelling", "shelling": "ground_combat", "ground_combat": "shelling"}
MEASURES: Final = frozenset({"flight_ban", "broadcast_ban", "border_closure", "sanction", "ceasefire"})
VERBS: Final = ("hit", "struck", "was reported in", "shook", "continued around", "was seen at", "came to")
THINGS: Final = ("a market", "the bridge", "two houses", "a convoy", "the station", "a depot", "the crossing")
ID: Final = re.compile(rb"\b([er])_([0-9a-f]{8})")
DATE: Final = re.compile(rb"20\d\d-\d\d-\d\d(?=T)")
CONSONANTS: Final = "bdfgklmnprstvz"
VOWELS: Final = "aeiou"


@dataclass(frozen=True, slots=True)
class Theatre:
    """One crisis: places with how often they are named (summed up, for drawing), sides and who speaks."""

    places: Sequence[Place]
    weights: Sequence[float]
    sides: Sequence[Participant]
    sources: Sequence[str]


@dataclass(slots=True)
class Told:
    """One outlet's report of one incident."""

    report: RawReport
    events: list[BaseEvent]


@dataclass(frozen=True, slots=True)
class Filed:
    """A report and its events as messages."""

    report_id: str
    event_ids: tuple[str, ...]
    raw: OutgoingMessage
    events: tuple[OutgoingMessage, ...]

    @classmethod
    def of(cls, told: Told) -> "Filed":
        ids = tuple(event.id for event in told.events)
        return cls(told.report.id, ids, raw_message(told.report), tuple(map(event_message, told.events)))


class Later:
    """The same so many days later, under other ids."""

    def __init__(self, days: int) -> None:
        self._days, self._dates = timedelta(days=days), dict[bytes, bytes]()
        self._mask = days * 0x9E3779B1 & 0xFFFFFFFF

    def filed(self, filed: Filed) -> Filed:
        return Filed(
            self._bytes(filed.report_id.encode()).decode(),
            tuple(self._bytes(event_id.encode()).decode() for event_id in filed.event_ids),
            self._message(filed.raw),
            tuple(map(self._message, filed.events)),
        )

    def _message(self, message: OutgoingMessage) -> OutgoingMessage:
        headers = tuple((name, self._bytes(value)) for name, value in message.headers)
        assert message.key is not None
        assert message.value is not None
        return replace(message, key=self._bytes(message.key), value=self._bytes(message.value), headers=headers)

    def _bytes(self, text: bytes) -> bytes:
        return DATE.sub(self._date, ID.sub(self._id, text))

    def _id(self, found: re.Match[bytes]) -> bytes:
        return b"%s_%08x" % (found[1], int(found[2], 16) ^ self._mask)

    def _date(self, found: re.Match[bytes]) -> bytes:
        if found[0] not in self._dates:
            self._dates[found[0]] = (date.fromisoformat(found[0].decode()) + self._days).isoformat().encode()
        return self._dates[found[0]]


def _word(chance: random.Random, syllables: int) -> str:
    return "".join(chance.choice(CONSONANTS) + chance.choice(VOWELS) for _ in range(syllables)).capitalize()


def _theatre(chance: random.Random, number: int) -> Theatre:
    lat, lon = chance.uniform(-30, 55), chance.uniform(-100, 140)
    country = "X" + chr(ord("A") + number)
    places = [
        Place(
            name=_word(chance, chance.choice((2, 3, 3, 4))),
            country=country,
            lat=round(lat + chance.gauss(0, 1.2), 4),
            lon=round(lon + chance.gauss(0, 1.5), 4),
            geonames_id=1_000_000 * number + n,
            radius_km=chance.choice((2.0, 3.0, 4.0, 6.0)),
        )
        for n in range(1, PLACES_A_THEATRE)
    ]
    region = Place(name=_word(chance, 4), country=country, lat=lat, lon=lon, geonames_id=1_000_000 * number)
    places.insert(3, region.model_copy(update={"radius_km": 90.0}))
    state, other = (Participant(role="agent", name=_word(chance, 3), country=c) for c in (country, "Y" + country[1]))
    militia = Participant(role="agent", name=f"{_word(chance, 2)} militia")
    return Theatre(
        places,
        list(accumulate(1 / (rank + 2) for rank in range(len(places)))),
        (state, other, militia),
        [f"{_word(chance, 2)} {office}" for office in ("ministry", "hospital", "governor", "police", "mayor") * 5],
    )


class MadeLog:
    """A log of about `events` events; `filed` gives it in the order in which it would have been filed."""

    def __init__(self, events: int, seed: int = 4) -> None:
        self.events_wanted = events
        self.begin = BEGIN
        self._chance = random.Random(seed)
        self.theatres = [_theatre(self._chance, number) for number in range(THEATRES)]
        self._outlets = [f"{_word(self._chance, 3)} {self._chance.choice(('Wire', 'Daily', 'Radio'))}"
                         for _ in range(OUTLETS)]  # fmt: skip
        self.end = BEGIN + timedelta(days=events / EVENTS_A_DAY)
        self._serial = 0

    def filed(self) -> Iterator[Filed]:
        """Reports with their events, in about the order in which they were filed."""
        pattern: list[Filed] = []
        for told in self._told(min(self.events_wanted, PATTERN_EVENTS)):
            pattern.append(Filed.of(told))
            yield pattern[-1]
        made = sum(len(filed.event_ids) for filed in pattern)
        for turn in range(1, -(-self.events_wanted // made)):
            later = Later(turn * made // EVENTS_A_DAY)
            yield from map(later.filed, pattern)

    def _told(self, events: int) -> Iterator[Told]:
        made = 0
        while made < events:
            for told in self._incident(BEGIN + timedelta(days=made / EVENTS_A_DAY)):
                made += len(told.events)
                yield told

    def _incident(self, began: datetime) -> Iterator[Told]:
        chance = self._chance
        theatre = chance.choices(self.theatres, range(THEATRES, 0, -1))[0]
        [kind] = chance.choices(list(KINDS), list(KINDS.values()))
        [place] = chance.choices(theatre.places, cum_weights=theatre.weights)
        agent, target = chance.sample(theatre.sides, 2)
        toll = int(chance.paretovariate(1.1)) if chance.random() < 0.6 else 0
        [outlets] = chance.choices(range(1, 9), OUTLETS_AN_INCIDENT)
        agency = chance.choice(AGENCIES) if chance.random() < 0.4 else None
        lead: BaseEvent | None = None
        filed = began
        for outlet in chance.sample(self._outlets, outlets):
            filed += timedelta(minutes=chance.expovariate(1 / 50))
            told = self._report(theatre, kind, place, agent, target, toll, began, filed, outlet, agency, lead)
            lead = lead or told.events[0]
            yield told
            draw = chance.random()
            if draw < 0.02:
                yield self._correction(told, retracts=draw < 0.004)

    def _report(
        self, theatre: Theatre, kind: str, place: Place, agent: Participant, target: Participant, toll: int,
        began: datetime, filed: datetime, outlet: str, agency: str | None, lead: BaseEvent | None,
    ) -> Told:  # fmt: skip
        chance = self._chance
        source = Source(name=chance.choice(theatre.sources)) if chance.random() < 0.7 else None
        if agency and chance.random() < 0.5:
            source = Source(name=agency)
        own = CONFUSED.get(kind, kind) if chance.random() < 0.15 else kind
        said = f"{own.replace('_', ' ')} {chance.choice(VERBS)} {place.name}"
        sentence = f"A {said} and {chance.choice(THINGS)}, {source.name if source else outlet} said on {filed:%A}."
        self._serial += 1
        denial = f"{target.name} called the report of {place.name} an invention."
        body = f"{sentence} At least {toll} people died, most of them civilians. {denial} ({self._serial})"
        report = RawReport.of(Report(outlet=outlet, body=body, published_at=filed), filed + timedelta(seconds=5))
        clock = chance.random()
        occurred = (
            None
            if clock < 0.2
            else Occurred(start=began.replace(minute=0, second=0, microsecond=0), precision="hour")
            if clock < 0.6
            else Occurred(start=began.replace(hour=0, minute=0, second=0, microsecond=0), precision="day")
        )
        killed = max(0, toll + chance.choice((0, 0, 0, -1, 1, 3)))
        counts = (
            [Quantity(measure="killed", min=killed, max=killed, qualifier="exact")]
            if chance.random() < 0.7
            else [Quantity(measure="killed", min=killed, qualifier="at_least")]
        )
        if chance.random() < 0.3:
            counts.append(Quantity(measure="injured", min=3 * killed, max=3 * killed, qualifier="about"))
        measure = own in MEASURES
        where = place.model_copy(update={"role": "scope" if measure else "location"})
        aimed = target.model_copy(update={"role": "target"})
        status = chance.choice(("announced", "occurred", "ended")) if measure else "occurred"
        told = Told(report, [])

        def add(of_kind: str, quote: str, **slots: Any) -> None:
            start = body.index(quote)
            evidence = (Evidence(start=start, end=start + len(quote), quote=quote),)
            told.events.append(
                CLASS_OF[of_kind].of_slots(
                    id=event_id(report.id, VERSION, of_kind, evidence, 0),
                    report_id=report.id,
                    outlet=outlet,
                    reported_at=filed,
                    coder_version=VERSION,
                    evidence=evidence,
                    confidence=round(chance.uniform(0.5, 0.99), 2),
                    **slots,
                )
            )

        add(
            own, sentence, status=status, occurred=occurred, places=(where,), participants=(agent, aimed),
            quantities=tuple(counts) if toll and not measure else (), sources=(source,) if source else (),
        )  # fmt: skip
        if chance.random() < 0.4:
            add("casualty_report", body[len(sentence) + 1 : body.index(denial) - 1], status="occurred",
                participants=(aimed,), quantities=tuple(counts), places=(place,))  # fmt: skip
        if chance.random() < 0.7:
            add("statement", denial[: len(denial) // 2], status="occurred", participants=(target,))
        if lead is not None and chance.random() < 0.08:
            add("denial", denial, status="occurred", participants=(target,), denies=(lead.id,))
        return told

    def _correction(self, told: Told, *, retracts: bool) -> Told:
        """A report that takes the place of another, or only withdraws it."""
        old, filed = told.report, told.report.published_at + timedelta(hours=2)
        self._serial += 1
        body = old.body + f" Corrected. ({self._serial})"
        report = RawReport.of(
            Report(outlet=old.outlet, body=body, published_at=filed, supersedes=old.id, retracts=retracts), filed
        )
        if retracts:
            return Told(report, [])
        events = [
            event.model_copy(
                update={
                    "id": event_id(report.id, VERSION, event.kind, event.evidence, 0),
                    "report_id": report.id,
                    "reported_at": filed,
                }
            )
            for event in told.events
        ]
        return Told(report, events)
