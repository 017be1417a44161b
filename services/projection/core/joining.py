"""Which two events of different reports may tell of one occurrence, and why: a pure relation of two events.

The rules, in the order in which an analyst would ask:
1. different reports (two events of one report are two because its author told them apart), one kind, or two that
   reports confuse (see `kinds`), with the same count or a clock time each to show for it;
2. times that overlap, each taken as wide as its precision; clock times with the slack of hurried reporting;
3. places that can be one: the same gazetteer entry or name, or points nearer than their radii allow;
4. agents that do not contradict: where both name one, one is in common. A clash may be told from either side, talks
   and truces from any; "gunmen" contradict nobody.

What contradicts nothing is `compatible`, which all events of an incident have to be with one another. A `match` says
more: it is why two of them were brought together.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from services.projection.core.kinds import Means, confused, family, means
from services.projection.core.times import DAY_US, HOUR_US, MINUTE_US, microseconds, window
from services.projection.core.words import key
from shared.events.base import BaseEvent, Participant, Place

JOINED_KINDS: Final = frozenset(
    {
        "airstrike", "shelling", "ground_combat", "bomb_attack", "killing", "detention", "aircraft_downing",
        "airspace_violation", "mobilization", "troop_movement", "evacuation", "displacement", "damage",
        "flight_ban", "broadcast_ban", "border_closure", "sanction", "ceasefire", "talks", "humanitarian_appeal",
    }
)  # fmt: skip
"""What happens at a time. A statement or denial is speech about it, and a toll counts over many occurrences."""

PLACELESS_KINDS: Final = frozenset(
    {"mobilization", "flight_ban", "broadcast_ban", "border_closure", "sanction", "ceasefire", "talks",
     "humanitarian_appeal", "airspace_violation", "aircraft_downing"}
)  # fmt: skip
"""Kinds that a report may tell well without a place; the same agent then has to carry the join."""

WINDOW_US_MAX: Final = 8 * DAY_US
"""A time vaguer than a week overlaps with everything and so says nothing about sameness."""
UNDATED_US: Final = DAY_US
"""A report without a time tells of the day before it, as wire reports do."""
SLACK_US: Final = {"minute": 45 * MINUTE_US, "hour": HOUR_US}
"""Clock times of one strike differ between agencies by this much; parts of days and days are wide already."""
RADIUS_KM_DEFAULT: Final = 3.0
"""A town, where the gazetteer gives no radius."""
NEAR_KM: Final = 8.0
"""How far "near" and its like may reach beyond the place itself."""
RADIUS_KM_MAX: Final = 30.0
"""A place wider than this (a region, a country) lies near everything in it, so only its own name matches it."""
CLOCK_US_MAX: Final = 12 * HOUR_US
"""A time this narrow (a clock time with its slack, a part of the day) tells two attacks of one day apart."""
CONFUSED_PENALTY: Final = 1.0
"""So that an event is joined to one of its own kind before one of another."""
CELL_DEGREES: Final = 0.5
"""Blocks for finding candidates. Each event lies in every cell that half of `REACH_KM_MAX` around it touches, so two
that are within reach share a cell. Cells of 55 km keep that to one to four."""
REACH_KM_MAX: Final = 25.0
"""No two points further apart are one place, whatever their radii."""
NEXT_TOWN: Final = 1.0
"""How strongly a place speaks that only carelessness would name for the other: within `NEAR_KM` of reaching it."""
WIDE_PLACE: Final = 1.5
"""How strongly the same region or country speaks for one occurrence."""
NARROW_PLACE: Final = 2.0
"""The least for points or names that can be one town."""
EARTH_KM: Final = 6371.0088

EXACT: Final = frozenset({"in"})
MUTUAL_KINDS: Final = frozenset({"talks", "ceasefire"})
"""Done by all their parties alike, whichever a report makes the subject."""
NOBODY: Final = frozenset(
    {"gunmen", "armed men", "unknown gunmen", "unidentified gunmen", "militants", "attackers", "unknown attackers",
     "assailants", "fighters", "troops", "soldiers", "forces", "security forces", "insurgents", "terrorists"}
)  # fmt: skip
"""Words for whoever did it. They name no side, so they are none."""
TOLLS_FACTOR: Final = 2
OPEN_TOLLS_FACTOR: Final = 4
TOLLS_DIFFERENCE: Final = 3
"""Tolls this many times (where one says "at least": the second) and this many people apart are of two occurrences,
unless a clock time says that they are one."""
NEAR_SHARE: Final = 0.2
NEAR_LEAST: Final = 5
"""Tolls that differ by less than this share are one toll counted twice; of smaller ones that says nothing."""
HARM_MEASURES: Final = frozenset({"killed", "injured", "missing", "casualties", "captured"})
TOLL_MEASURES: Final = HARM_MEASURES | {"displaced", "evacuated"}
OTHER_END: Final = 0.0
"""Two reports of people or forces on the way, one of whence and one of whither: no contradiction, and no evidence."""
MOVING_KINDS: Final = frozenset({"displacement", "evacuation", "troop_movement"})


@dataclass(frozen=True)
class Facts:
    """What joining looks at, taken from an event once. Times in microseconds, half-open."""

    event_id: str
    report_id: str
    kind: str
    from_us: int
    until_us: int
    precision: str | None
    places: tuple[Place, ...]
    participants: tuple[Participant, ...]
    counts: frozenset[tuple[str, int | None, int | None]]
    tolls: tuple[tuple[str, int, bool], ...]
    sources: frozenset[str]
    same_as: frozenset[str]
    reported_us: int
    means: Means | None

    @cached_property
    def family(self) -> str:
        return family(self.kind)

    @cached_property
    def agents(self) -> frozenset[str]:
        roles = ("agent", "target") if self.kind in MUTUAL_KINDS else ("agent",)
        return frozenset(s for p in self.participants if p.role in roles and (s := side(p)) not in NOBODY)

    @cached_property
    def targets(self) -> frozenset[str]:
        return frozenset(s for p in self.participants if p.role == "target" and (s := side(p)) not in NOBODY)

    @cached_property
    def by_the_clock(self) -> bool:
        return self.precision is not None and self.until_us - self.from_us <= CLOCK_US_MAX

    @cached_property
    def target_states(self) -> frozenset[str]:
        if self.kind in MUTUAL_KINDS:
            return frozenset()
        return frozenset(p.country for p in self.participants if p.role == "target" and p.country)


def side(participant: Participant) -> str:
    """Whom a participant counts as: its state where it has one, else its name."""
    return participant.country or key(participant.name)


def facts(event: BaseEvent) -> Facts | None:
    """The facts of an event, or None where it is never joined: not such a kind, or a time too vague."""
    if event.kind not in JOINED_KINDS:
        return None
    span = window(event)
    from_us, until_us, reported_us = span.from_us, span.until_us, microseconds(event.reported_at)
    if event.occurred is None:
        from_us, until_us = reported_us - UNDATED_US, reported_us + 1
    else:
        slack = SLACK_US.get(event.occurred.precision, 0)
        from_us, until_us = from_us - slack, until_us + slack
    if until_us - from_us > WINDOW_US_MAX:
        return None
    return Facts(
        event.id,
        event.report_id,
        event.kind,
        from_us,
        until_us,
        event.occurred.precision if event.occurred else None,
        event.places,
        event.participants,
        frozenset((q.measure, q.min, q.max) for q in event.quantities),
        tuple(
            (q.measure, q.max or q.min or 0, q.max is None)
            for q in event.quantities
            if q.measure in TOLL_MEASURES and q.qualifier not in ("vague", "up_to")
        ),
        frozenset(key(s.name) for s in event.sources),
        frozenset(event.same_as),
        reported_us,
        means(event),
    )


def distance_km(a: Place, b: Place) -> float | None:
    """The great-circle distance (haversine), or None where one has no point."""
    if a.lat is None or a.lon is None or b.lat is None or b.lon is None:
        return None
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    half_lat, half_lon = (lat_b - lat_a) / 2, math.radians(b.lon - a.lon) / 2
    h = math.sin(half_lat) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(half_lon) ** 2
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(h)))


def _radius_km(place: Place) -> float:
    return RADIUS_KM_DEFAULT if place.radius_km is None else place.radius_km


def same_place(a: Place, b: Place) -> tuple[float, str] | None:
    """How strongly (0 to 3) and why two places can be one, or None where they can't."""
    if a.geonames_id is not None and a.geonames_id == b.geonames_id:
        return (3.0 if _radius_km(a) <= RADIUS_KM_MAX else WIDE_PLACE), f"the same place, {a.name}"
    if key(a.name) == key(b.name) and (a.country is None or b.country is None or a.country == b.country):
        apart_km = distance_km(a, b)
        if apart_km is None or apart_km <= REACH_KM_MAX:
            return 2.5, f"the same place, {a.name}"
    apart_km = distance_km(a, b)
    if apart_km is None or max(_radius_km(a), _radius_km(b)) > RADIUS_KM_MAX:
        return None
    loose_km = sum(0.0 if p.relation in EXACT else NEAR_KM for p in (a, b))
    reach_km = _radius_km(a) + _radius_km(b) + loose_km
    if apart_km <= min(reach_km, REACH_KM_MAX):
        return NARROW_PLACE, f"{a.name} and {b.name} lie {apart_km:.0f} km apart, within what they may mean"
    if apart_km <= min(reach_km + NEAR_KM, REACH_KM_MAX):
        return NEXT_TOWN, f"{a.name} lies {apart_km:.0f} km from {b.name}"
    return None


def _places_match(a: Facts, b: Facts) -> tuple[float, str] | None:
    if not a.places or not b.places:
        both_placeless = a.kind in PLACELESS_KINDS and bool(a.agents & b.agents)
        return (0.5, "no place told, but the same agent") if both_placeless else None
    best: tuple[float, str] | None = None
    for role in ("location", "origin", "destination", "scope"):
        ours, theirs = [p for p in a.places if p.role == role], [p for p in b.places if p.role == role]
        if not ours or not theirs:
            continue
        matches = [m for p in ours for q in theirs if (m := same_place(p, q)) is not None]
        if not matches:
            return None  # both tell this role, and tell it differently
        best = max([*matches, best] if best else matches)
    if best is None and a.kind in MOVING_KINDS:
        return OTHER_END, "one tells whence, the other whither"
    return best


def _hours(us: int) -> str:
    return f"{us / HOUR_US:.0f} h" if us >= HOUR_US else f"{us / MINUTE_US:.0f} min"


@dataclass(frozen=True, slots=True)
class Match:
    """How well two events fit (a score to order by, no probability) and the reasons, for people."""

    score: float
    reasons: tuple[str, ...]


def _from_either_side(a: Facts, b: Facts) -> bool:
    """Whether two reports tell of one clash from its two sides: one's agent is the other's target, and as far as both
    say whom they fought, that fits too."""
    if not a.kind == b.kind == "ground_combat":
        return False
    ours, theirs = a.agents & b.targets, b.agents & a.targets
    return bool(ours or theirs) and bool(ours or not b.targets) and bool(theirs or not a.targets)


def _who_contradicts(a: Facts, b: Facts) -> bool:
    """Whether who did it, or to whom, excludes that the two are one."""
    if _from_either_side(a, b):
        return False
    if a.agents and b.agents and not a.agents & b.agents:
        return True
    return bool(a.target_states and b.target_states and not a.target_states & b.target_states)


def _tolls_differ(a: Facts, b: Facts) -> bool:
    """Whether the two tell of tolls so far apart that only their time could make them one occurrence."""
    for measure, number, is_open in a.tolls:
        for other, theirs, their_open in b.tolls:
            low, high = min(number, theirs), max(number, theirs)
            factor = OPEN_TOLLS_FACTOR if is_open or their_open else TOLLS_FACTOR
            if measure == other and high >= factor * low and high - low >= TOLLS_DIFFERENCE:
                return True
    return False


def _same_toll(a: Facts, b: Facts) -> bool:
    """Whether both count the same harm, and more than one person, or nearly the same and more than a few."""
    for measure, number, _ in a.tolls:
        for other, theirs, _ in b.tolls:
            if measure == other and measure in HARM_MEASURES:
                low, high = min(number, theirs), max(number, theirs)
                if low == high > 1 or (high >= NEAR_LEAST and high - low <= NEAR_SHARE * high):
                    return True
    return False


def _said_same(a: Facts, b: Facts) -> bool:
    return b.event_id in a.same_as or a.event_id in b.same_as


def _fit(a: Facts, b: Facts) -> tuple[float, str] | None:
    """How strongly and why the places fit, or None where anything contradicts that the two are one occurrence."""
    if a.report_id == b.report_id or (a.kind != b.kind and not confused(a.kind, b.kind)):
        return None
    if min(a.until_us, b.until_us) <= max(a.from_us, b.from_us) or _who_contradicts(a, b):
        return None
    if a.kind != b.kind and a.means and b.means and a.means != b.means:
        return None
    return _places_match(a, b)


def compatible(a: Facts, b: Facts) -> bool:
    """Whether nothing in two events contradicts that they are one occurrence, either way round."""
    return _said_same(a, b) or _fit(a, b) is not None


def _why_despite_kinds(a: Facts, b: Facts, place: float) -> str | None:
    """Why two events of kinds that reports confuse may be one attack, or None: a place alone is not enough."""
    told = f"{a.kind.replace('_', ' ')} and {b.kind.replace('_', ' ')} may be told of one attack"
    if _same_toll(a, b):
        return f"{told}: the same harm is counted"
    if a.by_the_clock and b.by_the_clock and place >= NARROW_PLACE and "taken" not in (a.means, b.means):
        return f"{told}: at one time of day"
    return None


def match(a: Facts, b: Facts) -> Match | None:
    """Whether and why two events may be told of one occurrence, either way round. None where anything contradicts,
    and where too little speaks for it."""
    if b.event_id < a.event_id:
        a, b = b, a
    if _said_same(a, b):
        return Match(100.0, ("a report says that they are the same",))
    place = _fit(a, b)
    if place is None or place[0] == OTHER_END:
        return None
    agent, harm = bool(a.agents & b.agents), _same_toll(a, b)
    if place[0] == NEXT_TOWN and not harm:
        return None
    if place[0] == WIDE_PLACE and not agent and not harm:
        return None  # "in the region" and nothing else in common
    if _tolls_differ(a, b) and not (a.by_the_clock and b.by_the_clock):
        return None
    despite = None
    if a.kind != b.kind and (despite := _why_despite_kinds(a, b, place[0])) is None:
        return None
    common_us = min(a.until_us, b.until_us) - max(a.from_us, b.from_us)
    overlap = common_us / min(a.until_us - a.from_us, b.until_us - b.from_us)
    soon = max(0.0, 1 - abs(a.reported_us - b.reported_us) / DAY_US)
    counts, sources = a.counts & b.counts, a.sources & b.sources
    score = place[0] + overlap + 0.5 * soon + (1.5 if agent else 0.0) + 0.5 * len(counts) + (0.5 if sources else 0.0)
    score += (1.0 if harm else 0.0) - (CONFUSED_PENALTY if despite else 0.0)
    reasons = [*([despite] if despite else []), place[1], f"times overlap by {_hours(common_us)}"]
    if agent:
        reasons.append(f"the same agent, {next(p.name for p in a.participants if side(p) in b.agents)}")
    elif _from_either_side(a, b):
        reasons.append("one clash, told from both sides")
    elif not a.agents or not b.agents:
        reasons.append("one names no agent")
    if counts:
        reasons.append("the same count of " + ", ".join(sorted({m for m, _, _ in counts})))
    if sources:
        reasons.append("a source in common")
    return Match(round(score, 6), tuple(reasons))


def blocks(f: Facts) -> frozenset[str]:
    """Keys such that two events that match share one."""
    days = range(f.from_us // DAY_US, (f.until_us - 1) // DAY_US + 1)
    wheres: set[str] = set()
    for place in f.places:
        wheres.add(f"n:{key(place.name)}")
        if place.geonames_id is not None:
            wheres.add(f"g:{place.geonames_id}")
        if place.lat is not None and place.lon is not None and _radius_km(place) <= RADIUS_KM_MAX:
            wheres |= _cells(place.lat, place.lon)
    if f.kind in PLACELESS_KINDS:
        wheres |= {f"a:{agent}" for agent in f.agents}
    by_id = {f"id:{event_id}" for event_id in (f.event_id, *f.same_as)}
    return frozenset(f"{f.family}|{where}|{day}" for where in wheres for day in days) | by_id


def _cells(lat: float, lon: float) -> set[str]:
    """The cells that a square of `REACH_KM_MAX` to each side touches, half of it from each of two events."""
    half_lat = math.degrees(REACH_KM_MAX / EARTH_KM) / 2
    half_lon = min(half_lat / max(math.cos(math.radians(min(abs(lat) + half_lat, 89.0))), 0.01), 180.0)
    rows = {math.floor((lat + d) / CELL_DEGREES) for d in (-half_lat, half_lat)}
    first, last = math.floor((lon - half_lon) / CELL_DEGREES), math.floor((lon + half_lon) / CELL_DEGREES)
    around = round(360 / CELL_DEGREES)
    return {f"c:{row}:{column % around}" for row in rows for column in range(first, last + 1)}
