"""Where a report happens: its theatre, and each mention's one place in it. Pure.

Finding the mentions is `place_finding`, their grammar `place_structure`; both are re-exported here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import log, log10

from services.extractor.core.place_finding import find_places
from services.extractor.core.place_names import (
    AREA_KINDS,
    Gazetteer,
    Place,
    TheatreWeights,
    distance_km,
    fold,
)
from services.extractor.core.place_structure import PlaceMention

__all__ = [
    "Gazetteer",
    "Place",
    "PlaceMention",
    "ResolvedPlace",
    "Theatre",
    "TheatreWeights",
    "find_places",
    "infer_theatre",
    "resolve",
]

DOMINANT_POPULATION_RATIO_MIN = 20.0  # Berlin in Germany against the Berlins of America
UNIQUE_POPULATION_MIN = 15_000  # smaller towns outside the theatre are chance namesakes
CAPITAL_RATIO_MIN = 10.0  # Tripoli in Libya is not ten times Tripoli in Lebanon
TWIN_POPULATION_RATIO_MIN = 5.0  # Avdiivka near Donetsk against the villages of that name
DOMINANT_POPULATION_MIN = 100_000
WORLD_CITY_POPULATION_MIN = 500_000  # named without its country all over the world
THEATRE_SHARE_MIN = 0.05  # of the weight of all countries; under it a country is merely mentioned
MAIN_SHARE_MIN = 0.25
NEAR_KM, SAME_AREA_KM, FAR_KM = 100.0, 300.0, 800.0
CONTAINER_SLACK = 1.4  # containers' radii are approximate and leave out their corners
CONTAINER_SLACK_KM = 25.0
TWIN_MARGIN = 0.4  # score within which two readings are as good as each other
TWIN_KM = 40.0  # readings nearer than this pin the same place


@dataclass(frozen=True, slots=True)
class Theatre:
    """Countries with their shares (they sum to 1; descending), and places that are sure (anchors)."""

    shares: Mapping[str, float] = field(default_factory=dict)
    anchors: tuple[Place, ...] = ()
    neighbours: Mapping[str, frozenset[str]] = field(default_factory=dict)
    zones: Mapping[str, str] = field(default_factory=dict)
    seats: frozenset[str] = frozenset()

    @property
    def country(self) -> str | None:
        """ISO 3166-1 alpha-2 of the country that most of the report is about."""
        return next(iter(self.shares), None)

    def share(self, place: Place) -> float:
        homes = (place.country,) if place.country else place.countries
        return max((self.shares.get(home, 0.0) for home in homes), default=0.0)

    def borders_main(self, place: Place) -> bool:
        main = [c for c, share in self.shares.items() if share >= MAIN_SHARE_MIN]
        return any(place.country in self.neighbours.get(c, frozenset()) for c in main)

    def timezone(self) -> str | None:
        """IANA zone of the theatre: that of most of its sure places, else its country's main one."""
        country = self.country
        if country is None:
            return None
        zones = Counter(a.timezone for a in self.anchors if a.timezone and a.lies_in(country) and a.kind != "country")
        return zones.most_common(1)[0][0] if zones else self.zones.get(country)


@dataclass(frozen=True, slots=True)
class ResolvedPlace:
    """A mention with its place. `lat`, `lon` are None where no reading is safe to pin; `country` may
    still be known from the sentence ("Zarbadan, Syria"). `confidence` is 0 to 1, `reasons` what made it."""

    name: str
    country: str | None
    lat: float | None
    lon: float | None
    geonames_id: int | None
    text: str
    start: int
    end: int
    relation: str | None
    confidence: float
    reasons: tuple[str, ...]
    kind: str | None = None
    radius_km: float | None = None
    timezone: str | None = None
    direction: str | None = None


def infer_theatre(
    mentions: Iterable[PlaceMention], extra_countries: Mapping[str, float], weights: TheatreWeights
) -> Theatre:
    """Weigh countries by the places that can be in one only, by countries named, and by `extra_countries`
    (actors and demonyms, weighed by the caller on the scale where a country named once is 1)."""
    listed = list(mentions)
    totals: defaultdict[str, float] = defaultdict(float)
    for country, weight in sorted(extra_countries.items()):
        totals[country] += weight
    sure: dict[str, Place] = {}
    times: Counter[str] = Counter(fold(m.text) for m in listed)
    seen: set[str] = set()
    lone: defaultdict[str, list[tuple[str, Place, float]]] = defaultdict(list)
    for mention in sorted(listed, key=lambda m: (fold(m.text), not m.firm)):
        key = fold(mention.text)
        readings = _inside_container(mention) or mention.candidates
        place, certainty = _surest(readings, weights)
        if place is None or key in seen:
            continue
        seen.add(key)
        weight = certainty * (1.0 + log(times[key]))
        weight *= weights.country_named if place.kind == "country" else weights.narrow_place
        weight *= weights.located if mention.relation is not None else 1.0
        weight *= weights.seat if key in weights.seats or mention.dateline else 1.0
        if place.kind == "city" and place.country and place.population < UNIQUE_POPULATION_MIN:
            lone[place.country].append((key, place, weight))
            continue
        homes = (place.country,) if place.country else place.countries
        for home in homes:
            totals[home] += weight / len(homes)
        if certainty == 1.0 and place.kind not in ("country", "continent") and key not in weights.seats:
            sure[key] = place
    _admit_small_towns(lone, totals, sure)
    _admit_ambiguous(listed, totals, sure, weights)
    spread = dict(totals)
    for country, weight in totals.items():
        for neighbour in weights.neighbours.get(country, frozenset()):
            if neighbour in totals:
                spread[neighbour] += weight * weights.neighbour
    whole = sum(spread.values())
    ranked = sorted(spread, key=lambda c: (-spread[c], c))
    return Theatre(
        shares={c: spread[c] / whole for c in ranked} if whole > 0 else {},
        anchors=tuple(sorted(set(sure.values()), key=lambda p: (p.name, p.geonames_id or 0))),
        neighbours=weights.neighbours,
        zones=weights.zones,
        seats=weights.seats,
    )


def _surest(readings: tuple[Place, ...], weights: TheatreWeights) -> tuple[Place | None, float]:
    """The reading that a name has by itself, and how far it can be trusted (1: there is no other)."""
    if not readings:
        return None, 0.0
    best = readings[0]
    homes = {c.country for c in readings}
    if len(homes) == 1 and (best.primary or best.kind in AREA_KINDS):
        return best, 1.0
    if best.kind == "country":
        return best, 1.0 / (1 + _rival(best, readings))
    others = max((c.population for c in readings[1:] if c.country != best.country), default=0)
    if best.kind == "capital":
        return (best, weights.dominant_reading) if best.population >= CAPITAL_RATIO_MIN * others else (None, 0.0)
    if best.kind not in ("city", "admin1") and best.primary:
        return best, weights.dominant_reading
    if any(c.kind not in ("city", "admin1") and c.country != best.country for c in readings):
        return None, 0.0  # our own list has the name, too
    dominant = best.population >= max(DOMINANT_POPULATION_MIN, DOMINANT_POPULATION_RATIO_MIN * others)
    return (best, weights.dominant_reading) if best.primary and dominant else (None, 0.0)


def _rival(country: Place, readings: tuple[Place, ...]) -> int:
    """1 where another area has the country's name (Georgia, Luxembourg, Niger), else 0."""
    return int(any(c.kind in AREA_KINDS and c.primary and c.country != country.country for c in readings[1:]))


def _admit_small_towns(
    lone: Mapping[str, list[tuple[str, Place, float]]], totals: defaultdict[str, float], sure: dict[str, Place]
) -> None:
    """Count small towns only where something else speaks for their country: none may vouch for itself.

    (Muttur in Sri Lanka is not in the data, a village of that name in India is.)
    """
    known = set(totals)
    for country, towns in sorted(lone.items()):
        if country in known or not known or len(towns) > 1:
            for key, place, weight in towns:
                totals[country] += weight
                sure[key] = place


def _admit_ambiguous(
    mentions: list[PlaceMention], totals: defaultdict[str, float], sure: dict[str, Place], weights: TheatreWeights
) -> None:
    """Second pass: a name with several readings counts for the one country of those that others made likely."""
    likely = dict(totals)
    floor = THEATRE_SHARE_MIN * sum(likely.values())
    for mention in mentions:
        key = fold(mention.text)
        if key in sure or key in weights.seats:
            continue
        primary = [c.country for c in mention.candidates if c.country and c.primary]
        homes = {c for c in primary if likely.get(c, 0.0) > floor}
        ranked = sorted(homes, key=lambda c: (-likely[c], c))
        if not ranked or (len(ranked) > 1 and likely[ranked[1]] > 0.5 * likely[ranked[0]]):
            continue
        readings = [c for c in mention.candidates if c.country == ranked[0] and c.primary]
        if len(readings) == 1 and readings[0].kind not in ("country", "continent"):
            sure[key] = readings[0]
            totals[ranked[0]] += weights.narrow_place * weights.dominant_reading


def resolve(mention: PlaceMention, theatre: Theatre) -> ResolvedPlace | None:
    """Choose the mention's reading, or none: name and text alone rather than a wrong pin.

    Returns None where the mention is most likely no place at all (a chance hit of a rare name).
    """
    inside = _inside_container(mention)
    container = mention.part_of
    readings = inside or mention.candidates
    contradicted = bool(container is not None and container.candidates and mention.candidates and not inside)
    scored = sorted(
        ((_score(c, mention, theatre), n, c) for n, c in enumerate(readings)), key=lambda s: (-s[0][0], s[1])
    )
    if not scored:
        return _name_only(mention, theatre, "not in the gazetteer", 0.5)
    (score, reasons), _, best = scored[0]
    if contradicted and not _same_country(best, mention):
        return _name_only(mention, theatre, "no reading inside the place that the sentence names", 0.4)
    if inside:
        reasons = (*reasons, "inside the wider place named with it")
        score += 2.0
    if not inside and not _acceptable(best, mention, theatre):
        chance = not mention.firm and not mention.dateline and not best.primary
        return None if chance else _name_only(mention, theatre, "its readings lie outside the theatre", 0.3)
    twins = [s for s in scored[1:] if score - s[0][0] - (2.0 if inside else 0.0) < TWIN_MARGIN and _is_twin(best, s[2])]
    if twins and best.kind == "city":
        same = all(t[2].country == best.country for t in twins)
        where = best.country if same else None
        return _name_only(mention, theatre, "several readings are as likely", 0.4, country=where)
    confidence = max(0.3, min(0.98, 0.35 + 0.07 * score))
    return ResolvedPlace(
        name=best.name,
        country=best.country,
        lat=best.lat,
        lon=best.lon,
        geonames_id=best.geonames_id,
        text=mention.text,
        start=mention.start,
        end=mention.end,
        relation=mention.relation,
        confidence=round(confidence, 2),
        reasons=reasons,
        kind=best.kind,
        radius_km=best.radius_km,
        timezone=best.timezone,
        direction=mention.direction,
    )


def _is_dominant(place: Place, readings: tuple[Place, ...]) -> bool:
    """Whether a name without more means this town wherever it is read."""
    if place.kind not in ("city", "capital") or not place.primary:
        return False
    others = max((c.population for c in readings if c.country != place.country), default=0)
    return place.population >= max(WORLD_CITY_POPULATION_MIN, DOMINANT_POPULATION_RATIO_MIN * others)


def _score(place: Place, mention: PlaceMention, theatre: Theatre) -> tuple[float, tuple[str, ...]]:
    """Points for a reading, and the reasons in words."""
    points, reasons = 0.0, []
    if _is_dominant(place, mention.candidates):
        points += 3.0
        reasons.append("by far the best known of the name")
    if place.primary:
        points += 2.0
        reasons.append("its usual name")
    share = theatre.share(place)
    if share >= THEATRE_SHARE_MIN:
        points += 3.0 * min(1.0, share / MAIN_SHARE_MIN) + 2.0 * share
        reasons.append("in the report's theatre")
    elif theatre.borders_main(place):
        points += 1.0
        reasons.append("next to the report's theatre")
    if place.kind == "country":
        points += 3.0
        reasons.append("a country")
    elif place.kind == "capital":
        points += 2.0
        reasons.append("a capital")
    elif place.kind != "city" and (place.kind != "admin1" or share >= THEATRE_SHARE_MIN):
        points += 1.5
        reasons.append(f"a known {place.kind}")
    if place.kind == "admin1" and mention.descriptor is None and _has_town(place, mention.candidates):
        points -= 4.0  # "Idlib" alone is the town
    nearest = _nearest_anchor_km(place, mention, theatre)
    if nearest is not None and nearest <= FAR_KM:
        points += 2.0 if nearest <= NEAR_KM else 1.0 if nearest <= SAME_AREA_KM else 0.5
        reasons.append(f"{nearest:.0f} km from another place of the report")
    return points + min(1.5, 0.2 * log10(place.population + 1)), tuple(reasons)


def _acceptable(place: Place, mention: PlaceMention, theatre: Theatre) -> bool:
    """Whether a reading may be pinned with no container to vouch for it."""
    if theatre.share(place) >= THEATRE_SHARE_MIN or (place.kind == "capital" and place.primary):
        return True
    if place.kind == "admin1" and any(c.country != place.country for c in mention.candidates):
        return theatre.borders_main(place)
    unique = all(c.country == place.country for c in mention.candidates)
    if unique and not theatre.shares and mention.firm and place.population >= UNIQUE_POPULATION_MIN:
        return True
    if place.primary and theatre.borders_main(place) and place.population >= UNIQUE_POPULATION_MIN and mention.firm:
        return True
    if place.kind != "city":  # our own list of camps, bases, crossings: no chance namesakes
        return True
    return place.primary and (place.population >= WORLD_CITY_POPULATION_MIN or fold(mention.text) in theatre.seats)


def _inside_container(mention: PlaceMention) -> tuple[Place, ...]:
    """The readings that lie in some reading of the mention's container; () where there are none."""
    holders: tuple[Place, ...] = ()
    wider = mention.part_of
    while wider is not None and not wider.candidates:
        wider = wider.part_of
    if wider is not None:
        holders = _inside_container(wider) or wider.candidates
    return tuple(c for c in mention.candidates if any(_holds(h, c) for h in holders if h != c))


def _holds(container: Place, place: Place) -> bool:
    homes = (container.country,) if container.country else container.countries
    if container.kind == "country":
        return place.country == container.country or container.country in place.countries
    if place.country not in homes and not set(place.countries) & set(homes):
        return False
    if container.admin1 is not None and container.admin1 == place.admin1:
        return True
    apart = distance_km(container, place)
    if apart is None:
        return container.lat is None and place.admin1 is not None and container.kind == "admin1"
    return apart <= CONTAINER_SLACK * (container.radius_km or 0.0) + CONTAINER_SLACK_KM


def _same_country(place: Place, mention: PlaceMention) -> bool:
    """A container that is merely too small or misplaced still names the right country."""
    wider = mention.part_of
    return wider is not None and any(
        place.country is not None and c.lies_in(place.country) and c.kind != "country" for c in wider.candidates
    )


def _others(mention: PlaceMention, theatre: Theatre) -> list[Place]:
    own = {(c.geonames_id, c.name) for c in mention.candidates}
    return [a for a in theatre.anchors if (a.geonames_id, a.name) not in own]


def _nearest_anchor_km(place: Place, mention: PlaceMention, theatre: Theatre) -> float | None:
    distances = (distance_km(place, a) for a in _others(mention, theatre) if a.kind not in ("sea", "continent"))
    return min((d for d in distances if d is not None), default=None)


def _has_town(division: Place, readings: tuple[Place, ...]) -> bool:
    return any(c.kind in ("city", "capital") and c.primary and c.country == division.country for c in readings)


def _is_twin(best: Place, other: Place) -> bool:
    """Whether another reading as likely as the best lies elsewhere and is not much smaller."""
    if other.kind != "city" or best.population >= TWIN_POPULATION_RATIO_MIN * max(1, other.population):
        return False
    apart = distance_km(best, other)
    return apart is None or apart > TWIN_KM


def _name_only(
    mention: PlaceMention, theatre: Theatre, reason: str, confidence: float, *, country: str | None = None
) -> ResolvedPlace:
    wider = resolve(mention.part_of, theatre) if mention.part_of is not None else None
    known = country or (wider.country if wider is not None else None)
    return ResolvedPlace(
        name=mention.text,
        country=known,
        lat=None,
        lon=None,
        geonames_id=None,
        text=mention.text,
        start=mention.start,
        end=mention.end,
        relation=mention.relation,
        confidence=confidence,
        reasons=(reason,),
        direction=mention.direction,
    )
