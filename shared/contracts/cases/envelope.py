"""The raw reports that the events cite, more difficult ones, their receipts, and dead letters."""

from datetime import datetime
from typing import Final

from shared.bus.dead_letters import DeadLetter
from shared.bus.port import Message
from shared.codec import raw_message
from shared.contracts.cases import attacks, measures, movements, people, words
from shared.contracts.citing import CODER_VERSION, Case, raw
from shared.events.base import BaseEvent
from shared.reports import CodedReceipt, RawReport
from shared.topics import RAW

CITED: Final[dict[str, RawReport]] = {
    "morning-of-raids": attacks.MORNING,
    "ground-fighting": attacks.GROUND,
    "car-bomb": attacks.AUTUMN,
    "forces": movements.FORCES,
    "civilians": people.CIVILIANS,
    "bans": measures.BANS,
    "aftermath": measures.AFTER,
    "diplomacy": words.WORDS,
}
CORRECTION: Final = raw(
    "2008-08-08T13:05:00+04:00",
    outlet="Tbilisi Evening Bulletin",
    title="CORRECTION: Bombs fall near Kareli",
    body="Corrects the number of the injured. Four people, not seven, were hurt near Kareli, the ministry said.",
    published_at="2008-08-08T13:00:00+04:00",
    external_id="teb-20080808-014-c1",
    language="en",
    supersedes=attacks.MORNING.id,
)
WITHDRAWAL: Final = raw(
    "2008-10-04T09:00:00+04:00",
    outlet="Caucasus Wire",
    body="",
    published_at="2008-10-04T08:59:59.250000+04:00",
    supersedes=attacks.AUTUMN.id,
    retracts=True,
)
GEORGIAN: Final = raw(
    "2008-08-08T09:00:01+00:00",
    outlet="ღამის გაზეთი",
    body="დილის ათ საათზე ქარელთან ბომბები ჩამოაგდეს. ✈️ 3 თვითმფრინავი.\r\nდაშავდა 7 ადამიანი.",
    published_at="2008-08-08T11:59:00+03:00",
    language="ka",
)

_CASES_OF_EVENTS: Final = (attacks.CASES, movements.CASES, people.CASES, measures.CASES, words.CASES)


def _event_ids(report: RawReport) -> tuple[str, ...]:
    events = (case.payload for cases in _CASES_OF_EVENTS for case in cases)
    return tuple(event.id for event in events if isinstance(event, BaseEvent) and event.report_id == report.id)


def _dead(value: bytes | None, reason: str, detail: str, offset: int) -> DeadLetter:
    sent = raw_message(attacks.MORNING)
    message = Message(RAW.name, 3, offset, 1218183067000, sent.key, value, sent.headers)
    died_at = datetime.fromisoformat("2008-08-08T12:31:08+04:00")
    return DeadLetter.of(message, reason=reason, detail=detail, handler="extractor", died_at=died_at)


CASES: Final[tuple[Case, ...]] = (
    *(Case(name, report) for name, report in CITED.items()),
    Case("correction", CORRECTION),
    Case("withdrawal", WITHDRAWAL),
    Case("georgian-script-and-line-ends", GEORGIAN),
    Case(
        "with-events",
        CodedReceipt(
            report_id=attacks.MORNING.id,
            partition=3,
            offset=41,
            coder_version=CODER_VERSION,
            event_ids=_event_ids(attacks.MORNING),
        ),
    ),
    Case(
        "not-coded-language",
        CodedReceipt(report_id=GEORGIAN.id, partition=0, offset=0, coder_version=CODER_VERSION, not_coded="language"),
    ),
    Case(
        "not-coded-retraction",
        CodedReceipt(
            report_id=WITHDRAWAL.id, partition=5, offset=7, coder_version=CODER_VERSION, not_coded="retraction"
        ),
    ),
    Case("not-json", _dead(b'{"outlet": "Caucasus Wire", "body": ', "not_json", "message: EOF while parsing", 17)),
    Case("no-value", _dead(None, "no_value", "the message has no value", 18)),
)
