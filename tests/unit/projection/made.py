"""Reports and events for tests, and logs of them by hypothesis."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from shared.bus.dead_letters import DeadLetter
from shared.bus.port import Message
from shared.codec import dead_letter_message, event_message, raw_message, receipt_message
from shared.events import CLASS_OF, KINDS
from shared.events.base import BaseEvent, Evidence, Occurred, Participant, Place, Quantity, Source, event_id
from shared.reports import CodedReceipt, RawReport, Report

NOON = datetime(2008, 8, 8, 12, tzinfo=UTC)
GORI = Place(name="Gori", country="GE", lat=41.98, lon=44.11, geonames_id=614455, radius_km=4)
KARELI = Place(name="Kareli", country="GE", lat=42.02, lon=43.90, geonames_id=613762, radius_km=3)
POTI = Place(name="Poti", country="GE", lat=42.15, lon=41.67, geonames_id=612287, radius_km=4)
RUSSIA = Participant(role="agent", name="Russia", kind="state", country="RU")
GEORGIA = Participant(role="agent", name="Georgia", kind="state", country="GE")


def report(number: int = 0, **fields: Any) -> RawReport:
    """A report; different numbers make different ids."""
    given = {"outlet": "Wire", "body": f"Report number {number}.", "published_at": NOON + timedelta(minutes=number)}
    received_at = fields.pop("received_at", NOON + timedelta(minutes=number, seconds=9))
    return RawReport.of(Report(**(given | fields)), received_at)


def event(kind: str = "airstrike", of: RawReport | None = None, **fields: Any) -> BaseEvent:
    """An event of a report; `ordinal` tells apart events of one report on the same span."""
    source = of or report()
    version, ordinal = fields.pop("coder_version", "1.0.0"), fields.pop("ordinal", 0)
    evidence = fields.pop("evidence", (Evidence(start=0, end=6, quote=source.body[:6]),))
    given: dict[str, Any] = {
        "id": event_id(source.id, version, kind, evidence, ordinal),
        "report_id": source.id,
        "report_ref": source.external_id,
        "outlet": source.outlet,
        "reported_at": source.published_at,
        "coder_version": version,
        "status": "occurred",
        "evidence": evidence,
        "confidence": 0.8,
    }
    return CLASS_OF[kind].of_slots(**(given | fields))


def strike(number: int, place: Place = GORI, hour: float = 6, precision: str = "hour", **fields: Any) -> BaseEvent:
    """An airstrike at a place, `hour` hours after midnight of 8 August 2008 UTC, told by report `number`."""
    start = datetime(2008, 8, 8, tzinfo=UTC) + timedelta(hours=hour)
    given: dict[str, Any] = {
        "of": report(number, outlet=fields.pop("outlet", f"Outlet {number}")),
        "places": (place,),
        "participants": (RUSSIA,),
        "occurred": Occurred(start=start, precision=precision),
        "evidence": (Evidence(start=0, end=9, quote=f"Report {number:02}"),),
    }
    return event("airstrike", **(given | fields))


def count(measure: str, least: int | None, most: int | None, qualifier: str = "exact", **fields: Any) -> Quantity:
    return Quantity(measure=measure, min=least, max=most, qualifier=qualifier, **fields)


def receipt(of: RawReport, events: Sequence[BaseEvent], offset: int, version: str = "1.0.0") -> CodedReceipt:
    ids = tuple(e.id for e in events if e.report_id == of.id)
    return CodedReceipt(report_id=of.id, partition=0, offset=offset, coder_version=version, event_ids=ids)


# Logs: few places, times, agents and reports, so that joins, supersessions and recodings happen often.

_places = st.sampled_from([GORI, KARELI, POTI, Place(name="Senaki"), GORI.model_copy(update={"relation": "near"})])
_agents = st.sampled_from([RUSSIA, GEORGIA, Participant(role="agent", name="militia")])
_targets = st.sampled_from(
    [Participant(role="target", name="Russian TV", country="RU"), Participant(role="target", name="civilians")]
)
_times = st.none() | st.builds(
    lambda hour, precision: Occurred(start=NOON + timedelta(hours=hour), precision=precision),
    st.sampled_from([-20, -3, -2, 0, 4, 20, 90]),
    st.sampled_from(["minute", "hour", "part_of_day", "day", "month"]),
)
_counts = st.sampled_from(
    [
        count("killed", 7, 7),
        count("killed", 20, None, "at_least"),
        count("injured", None, 3, "up_to"),
        count("killed", 10**30, None, "over", of="soldiers"),
    ]
)
_sources = st.sampled_from([Source(name="Reuters"), Source(name="the ministry", stance="denies"), Source(name="a\0b")])


@st.composite
def logs(draw: st.DrawFn, events_max: int = 14) -> list[Message]:
    """Messages as they lie on a log, with supersessions, recodings, denials, receipts and dead letters."""
    reports: list[RawReport] = []
    for number in range(draw(st.integers(1, 6))):
        supersedes = draw(st.sampled_from([None, None, *(r.id for r in reports)]))
        outlet = draw(st.sampled_from(["Wire", "Agency", "Daily"]))
        reports.append(report(number, outlet=outlet, supersedes=supersedes, retracts=bool(supersedes and number % 2)))
    events: list[BaseEvent] = []
    for ordinal in range(draw(st.integers(0, events_max))):
        kind = draw(st.sampled_from(["airstrike", "airstrike", "airstrike", "flight_ban", "casualty_report", *KINDS]))
        denied = draw(st.lists(st.sampled_from([e.id for e in events]), max_size=2)) if events else []
        events.append(
            event(
                kind,
                draw(st.sampled_from(reports)),
                ordinal=ordinal,
                coder_version=draw(st.sampled_from(["1.0.0", "1.0.0", "1.9.0", "1.10.0"])),
                status=draw(st.sampled_from(["occurred", "announced", "ended"])),
                places=tuple(draw(st.lists(_places, max_size=2))),
                participants=(*draw(st.lists(_agents, max_size=1)), *draw(st.lists(_targets, max_size=1))),
                quantities=tuple(draw(st.lists(_counts, max_size=2))),
                sources=tuple(draw(st.lists(_sources, max_size=2))),
                occurred=draw(_times),
                denies=tuple(dict.fromkeys(denied)) if kind == "denial" else (),
                same_as=tuple(dict.fromkeys(denied)) if kind == "airstrike" and draw(st.booleans()) else (),
            )
        )
    owed = draw(st.sets(st.integers(0, len(reports) - 1)))
    receipts = [receipt(r, events, offset) for offset, r in enumerate(reports) if offset not in owed]
    return lay(reports, events, receipts, bury=draw(st.booleans()))


def lay(
    reports: Sequence[RawReport], events: Sequence[BaseEvent], receipts: Sequence[CodedReceipt], bury: bool = False
) -> list[Message]:
    """Messages at offsets of one partition a topic; `bury` adds an unreadable raw message and its dead letter."""
    outgoing = [*map(raw_message, reports), *map(event_message, events), *map(receipt_message, receipts)]
    offsets: dict[str, int] = {}
    laid = []
    for message in outgoing:
        offset = offsets.get(message.topic, 0)
        offsets[message.topic] = offset + 1
        laid.append(Message(message.topic, 0, offset, 0, message.key, message.value, message.headers))
    if bury:
        broken = Message("reports.raw.v1", 0, len(reports), 0, None, b"{", ())
        letter = DeadLetter.of(broken, reason="not_json", detail="x", handler="extractor", died_at=NOON)
        parked = dead_letter_message(letter)
        laid += [broken, Message(parked.topic, 0, 0, 0, parked.key, parked.value, parked.headers)]
    return laid
