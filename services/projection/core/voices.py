"""Who reports what: for each source how often it was first, who agrees with it and whom it contradicts."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from pydantic import Field

from services.projection.core.counts import contradict
from services.projection.core.incidents import Claim, Incident
from services.projection.core.words import key
from shared.model import Model


class VoiceRelation(Model):
    name: str
    incidents: int


class Voice(Model):
    """A source, or an outlet where it speaks for itself. Only incidents told by more than one voice compare any."""

    name: str
    incidents: int = Field(description="Incidents that it tells of.")
    shared: int = Field(description="Of these, told by others too.")
    first: int = Field(description="Of the shared ones, those that it told first.")
    agrees_with: tuple[VoiceRelation, ...] = Field(description="Told the same incident with no count against it.")
    contradicts: tuple[VoiceRelation, ...] = Field(description="Told a count that excludes the other's.")
    denies: tuple[VoiceRelation, ...] = Field(description="Denied what the other told.")


def names(claim: Claim) -> tuple[str, ...]:
    """The voices of a claim: its sources that assert it, else the outlet."""
    return tuple(dict.fromkeys(s.name for s in claim.sources if s.stance != "denies")) or (claim.outlet,)


def voices_of(incidents: Iterable[Incident]) -> tuple[Voice, ...]:
    """All voices of these incidents, the most heard first. Pure in the set of incidents."""
    shown: dict[str, str] = {}
    told: Counter[str] = Counter()
    shared: Counter[str] = Counter()
    first: Counter[str] = Counter()
    relations: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for incident in sorted(incidents, key=lambda i: i.id):
        by_voice: dict[str, list[Claim]] = defaultdict(list)
        for claim in incident.claims:
            for name in names(claim):
                shown[key(name)] = min(name, shown.get(key(name), name))
                by_voice[key(name)].append(claim)
        told.update(by_voice.keys())
        if len(by_voice) > 1:
            shared.update(by_voice.keys())
            first[min(by_voice, key=lambda v: (by_voice[v][0].reported_at, v))] += 1
        for voice, claims in by_voice.items():
            for other, theirs in by_voice.items():
                if voice != other:
                    relations[voice]["contradicts" if _at_odds(claims, theirs) else "agrees"][other] += 1
        for contest in incident.contests:
            if contest.how != "counts":
                for name in contest.by:
                    shown[key(name)] = min(name, shown.get(key(name), name))
                    relations[key(name)]["denies"].update(v for v in by_voice if v != key(name))
                    told.setdefault(key(name), 0)

    def related(voice: str, how: str) -> tuple[VoiceRelation, ...]:
        counted = sorted(relations[voice][how].items(), key=lambda item: (-item[1], item[0]))
        return tuple(VoiceRelation(name=shown[other], incidents=n) for other, n in counted)

    return tuple(
        Voice(
            name=shown[voice],
            incidents=told[voice],
            shared=shared[voice],
            first=first[voice],
            agrees_with=related(voice, "agrees"),
            contradicts=related(voice, "contradicts"),
            denies=related(voice, "denies"),
        )
        for voice in sorted(told, key=lambda v: (-told[v], v))
    )


def _at_odds(ours: Iterable[Claim], theirs: Iterable[Claim]) -> bool:
    mine = [count for claim in ours for count in claim.counts]
    others = [count for claim in theirs for count in claim.counts]
    return any(a.measure == b.measure and contradict(a, b) for a in mine for b in others)
