"""From typed messages to rows: pure, and safe for what any database can hold."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from services.projection.core.casualties import told_tolls
from services.projection.core.joining import Facts, blocks, facts
from services.projection.core.measures import MEASURE_KINDS, told_of
from services.projection.core.times import microseconds, window
from services.projection.core.versions import version_key
from services.projection.core.words import KEY_CHARS_MAX, key, searchable, texts_of
from services.projection.groups import read_groups
from shared.bus.dead_letters import DeadLetter
from shared.codec import encode
from shared.events.base import BaseEvent
from shared.reports import CodedReceipt, RawReport

Row = dict[str, str | int | float | bool | None]

BIG_MAX: Final = 2**63 - 1
"""The largest integer that both databases hold. A larger count is kept whole in the event's own JSON."""
SMALL_MAX: Final = 2**31 - 1


def _big(value: int | None) -> int | None:
    return None if value is None else max(min(value, BIG_MAX), -BIG_MAX)


def _small(value: int) -> int:
    return min(value, SMALL_MAX)


def short(text: str) -> str:
    """A code or name as a column holds it: no NUL, no longer than an index takes."""
    return text.replace("\0", " ")[:KEY_CHARS_MAX]


@dataclass(frozen=True, slots=True)
class EventRows:
    """The rows of one event; `facts` is None and `blocks` empty where it is never joined."""

    event: Row
    places: list[Row]
    participants: list[Row]
    quantities: list[Row]
    sources: list[Row]
    links: list[Row]
    measure: tuple[Row, Row] | None
    tolls: list[Row]
    blocks: tuple[str, ...]
    facts: Facts | None


def event_rows(event: BaseEvent) -> EventRows:
    """All rows of an event. `cluster_id` is left for the writer."""
    span, occurred, of = window(event), event.occurred, event.id
    reported_us = microseconds(event.reported_at)
    known = facts(event)
    links = [("denies", event.denies), ("same_as", event.same_as), ("part_of", event.part_of)]
    return EventRows(
        event={
            "id": of,
            "kind": event.kind,
            "status": event.status,
            "report_id": event.report_id,
            "outlet_key": key(event.outlet),
            "reported_us": reported_us,
            "occurred_start_us": span.from_us if occurred else None,
            "occurred_end_us": span.until_us if occurred else None,
            "precision": occurred.precision if occurred else None,
            "from_us": span.from_us,
            "until_us": span.until_us,
            "confidence": event.confidence,
            "coder_version": short(event.coder_version),
            "version_key": version_key(short(event.coder_version)),
            "cluster_id": None,
            "words": searchable(texts_of(event)),
            "payload": encode(event).decode(),
        },
        places=[
            {
                "event_id": of,
                "ordinal": i,
                "role": p.role,
                "name": short(p.name),
                "name_key": key(p.name),
                "reported_us": reported_us,
                "from_us": span.from_us,
                "country": p.country,
                "geonames_id": _big(p.geonames_id),
                "lat": p.lat,
                "lon": p.lon,
                "radius_km": p.radius_km,
            }
            for i, p in enumerate(event.places)
        ],
        participants=[
            {
                "event_id": of,
                "ordinal": i,
                "role": p.role,
                "name": short(p.name),
                "name_key": key(p.name),
                "reported_us": reported_us,
                "from_us": span.from_us,
                "country": p.country,
            }
            for i, p in enumerate(event.participants)
        ],
        quantities=[
            {
                "event_id": of,
                "ordinal": i,
                "measure": q.measure,
                "min": _big(q.min),
                "max": _big(q.max),
                "qualifier": q.qualifier,
            }
            for i, q in enumerate(event.quantities)
        ],
        sources=[
            {
                "event_id": of,
                "ordinal": i,
                "name": short(s.name),
                "name_key": key(s.name),
                "reported_us": reported_us,
                "from_us": span.from_us,
                "stance": s.stance,
            }
            for i, s in enumerate(event.sources)
        ],
        links=[{"event_id": of, "link": link, "to_event_id": to} for link, ids in links for to in sorted(set(ids))],
        measure=measure_rows(event),
        tolls=toll_rows(event),
        blocks=tuple(sorted(blocks(known))) if known else (),
        facts=known,
    )


def measure_rows(event: BaseEvent) -> tuple[Row, Row] | None:
    """Whom a claim of a measure binds, and what it does; None for other events."""
    if event.kind not in MEASURE_KINDS:
        return None
    told = told_of(event)
    terms: Row = {
        "id": told.terms.id,
        "kind": told.terms.kind,
        "by": _names(told.terms.by),
        "against": _names(told.terms.against),
        "first_us": told.from_us,
    }
    claim: Row = {
        "event_id": event.id,
        "terms_id": told.terms.id,
        "effect": told.effect,
        "from_us": told.from_us,
        "until_us": told.until_us,
    }
    return terms, claim


def toll_rows(event: BaseEvent) -> list[Row]:
    """The counts of a cumulative toll; of two of one voice the last, as told later."""
    return [
        {
            "event_id": event.id,
            "voice_id": told.voice_id,
            "side": _names(told.side),
            "group": told.group or "",
            "measure": told.claim.measure,
            "shown": json.dumps(told.shown, ensure_ascii=False),
            "claim": told.claim.model_dump_json(exclude_none=True),
        }
        for told in {told.voice_id: told for told in told_tolls(event, read_groups())}.values()
    ]


def _names(names: Iterable[str]) -> str:
    return json.dumps(sorted(names), ensure_ascii=False)


def coding_row(report_id: str, coder_version: str) -> Row:
    version = short(coder_version)
    return {"report_id": short(report_id)[:40], "version_key": version_key(version), "coder_version": version}


def report_row(report: RawReport) -> Row:
    return {
        "id": report.id,
        "outlet_key": key(report.outlet),
        "external_id": short(report.external_id) if report.external_id else None,
        "published_us": microseconds(report.published_at),
        "received_us": microseconds(report.received_at),
        "supersedes": report.supersedes,
        "words": searchable((report.title or "", report.body)),
        "payload": encode(report).decode(),
    }


def withdrawal_row(report: RawReport) -> Row | None:
    """The withdrawal that a report brings, or None."""
    if report.supersedes is None:
        return None
    return {
        "report_id": report.supersedes,
        "by_report_id": report.id,
        "at_us": microseconds(report.published_at),
        "retracts": report.retracts,
    }


def receipt_row(receipt: CodedReceipt) -> Row:
    return {
        "partition": _small(receipt.partition),
        "offset": _big(receipt.offset),
        "coder_version": short(receipt.coder_version),
        "report_id": short(receipt.report_id)[:40],
        "not_coded": receipt.not_coded,
        "payload": encode(receipt).decode(),
    }


def dead_letter_row(letter: DeadLetter) -> Row:
    return {
        "topic": short(letter.topic),
        "partition": _small(letter.partition),
        "offset": _big(letter.offset),
        "handler": short(letter.handler),
        "reason": short(letter.reason),
        "died_us": microseconds(letter.died_at),
        "payload": encode(letter).decode(),
    }
