"""Building: drafts become the contract's events, with inferred scope, confidence and ids."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, cast

from services.extractor.core.drafts import Draft, Pinned
from services.extractor.core.kinds import SPEECH
from services.extractor.core.setting import Setting
from shared.events import CLASS_OF
from shared.events.base import (
    BaseEvent,
    Evidence,
    Occurred,
    Place,
    PlaceRelation,
    Source,
    Span,
    event_id,
)  # fmt: skip
from shared.reports import RawReport

SCOPE_OF_IMPOSER: Final = frozenset({"mobilization", "broadcast_ban", "flight_ban", "border_closure"})
"""A state that mobilizes or bans does so at home unless the text says otherwise; the place is marked as inferred."""
CLOCKED: Final = frozenset({"minute", "hour"})
"""A clock time is said, though its day may be the report's own; "overnight" and a day taken up are context alone."""
RELATIONS: Final = frozenset(
    {"in", "near", "between", "towards", "from", "outside", "along", "across", "around", "over", "off",
     "north_of", "south_of", "east_of", "west_of"}
)  # fmt: skip


def in_order(drafts: Sequence[Draft]) -> list[Draft]:
    """The drafts in the order of their evidence, which is that of the events."""
    return sorted(drafts, key=lambda d: (min(d.spans), d.kind))


def build(report: RawReport, version: str, setting: Setting, drafts: Sequence[Draft]) -> tuple[BaseEvent, ...]:
    """The events of a report in the order of their evidence."""
    ordered = in_order(drafts)
    seen: Counter[tuple[str, tuple[Evidence, ...]]] = Counter()
    ids: dict[int, str] = {}
    evidence_of: dict[int, tuple[Evidence, ...]] = {}
    for draft in ordered:
        spans = sorted(set(draft.spans), key=lambda s: (s != draft.spans[0], s))
        evidence = tuple(Evidence(start=a, end=b, quote=setting.text[a:b]) for a, b in spans)
        ids[id(draft)] = event_id(report.id, version, draft.kind, evidence, seen[draft.kind, evidence])
        seen[draft.kind, evidence] += 1
        evidence_of[id(draft)] = evidence
    return tuple(_event(report, version, setting, d, ids, evidence_of[id(d)]) for d in ordered)


def _event(
    report: RawReport, version: str, setting: Setting, draft: Draft, ids: dict[int, str], evidence: tuple[Evidence, ...]
) -> BaseEvent:
    text = setting.text
    _infer_scope(setting, draft)
    _infer_side(draft)
    setting.watch("home", [draft])
    confidence, reasons = _confidence(draft)
    participants = tuple(w.participant(text, "agent") for w in draft.agents) + tuple(
        w.participant(text, "target") for w in draft.targets
    )
    fields: dict[str, Any] = {
        "id": ids[id(draft)],
        "report_id": report.id,
        "report_ref": report.external_id,
        "outlet": report.outlet,
        "reported_at": report.published_at,
        "coder_version": version,
        "status": draft.frame.status,
        "occurred": _occurred(text, draft),
        "places": tuple(_place(text, p) for p in draft.places),
        "participants": participants,
        "quantities": tuple(draft.quantities),
        "sources": tuple(
            Source(
                name=t.who.source_name,
                stance=t.stance,
                via=t.via,
                country=t.who.country,
                text=text[t.who.start : t.who.end],
                span=Span(start=t.who.start, end=t.who.end),
            )
            for t in draft.sources
        ),
        "evidence": evidence,
        "confidence": confidence,
        "confidence_reasons": reasons,
        "denies": tuple(ids[id(d)] for d in draft.denies if id(d) in ids),
        "same_as": tuple(ids[id(d)] for d in draft.same_as if id(d) in ids),
        "part_of": tuple(ids[id(d)] for d in draft.part_of if id(d) in ids),
    }
    return cast(BaseEvent, CLASS_OF[draft.kind].of_slots(**fields))


def _occurred(text: str, draft: Draft) -> Occurred | None:
    if draft.time is None:
        return None
    mention, resolved = draft.time
    return Occurred(
        start=resolved.start,
        end=resolved.end,
        precision=resolved.precision,
        inferred=resolved.inferred and resolved.precision not in CLOCKED,
        text=text[mention.start : mention.end],
        span=Span(start=mention.start, end=mention.end),
    )


def _place(text: str, pinned: Pinned) -> Place:
    place = pinned.place
    relation = place.relation if place.relation in RELATIONS else "in"
    words = place.start < place.end
    return Place(
        name=place.name,
        country=place.country,
        lat=place.lat,
        lon=place.lon,
        geonames_id=place.geonames_id,
        radius_km=place.radius_km,
        relation=cast(PlaceRelation, relation),
        role=pinned.role,
        inferred=pinned.inferred,
        text=text[place.start : place.end] if words else None,
        span=Span(start=place.start, end=place.end) if words else None,
    )


def _infer_scope(setting: Setting, draft: Draft) -> None:
    """A mobilization or ban without a place takes the imposer's country, said to be inferred."""
    if draft.places or draft.kind not in SCOPE_OF_IMPOSER:
        return
    country = next((w.country for w in (*draft.agents, *draft.targets) if w.country), None)
    if country is None:
        return
    home = setting.country_place(country)
    if home is not None:
        draft.places.append(Pinned(home, "scope", inferred=True))


def _infer_side(draft: Draft) -> None:
    """ "The army was put on alert": its state did that; said to be inferred."""
    if draft.kind == "mobilization" and not draft.agents:
        side = next((w for w in draft.targets if w.country), None)
        if side is not None:
            draft.agents = [replace(side, inferred=True)]


def _confidence(draft: Draft) -> tuple[float, tuple[str, ...]]:
    """How likely the event is right, from what stands for it and against it; calibrated in docs/quality.md."""
    value, reasons = 0.72, [f"trigger {draft.frame.sense.id}", draft.frame.status_reason]
    if draft.frame.sense.weak:
        value -= 0.12
        reasons.append("a weak trigger word")
    filled = sum(map(bool, (draft.agents, draft.targets, draft.places, draft.quantities, draft.time)))
    value += 0.05 * min(filled, 4)
    reasons.append(f"{filled} of 5 slots filled")
    if draft.hedged:
        value -= 0.1
        reasons.append("hedged in the text")
    if draft.kind in SPEECH and not draft.targets:
        value -= 0.05
    return round(min(max(value, 0.05), 0.98), 2), tuple(reasons)
