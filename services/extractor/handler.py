"""A raw report in; its typed events and its receipt out, or why it can never have them."""

import traceback
from typing import Final, Protocol

from services.extractor.core.coder import Coding
from shared.bus.port import Message
from shared.codec import Rejected, decode, event_message, receipt_message
from shared.outcome import Dead, Done, Halt, Outcome
from shared.reports import CodedReceipt, RawReport
from shared.topics import RAW

HANDLER: Final = "extractor"
"""The name under which dead letters and bookmarks are kept."""


class Coder(Protocol):
    """A pure function of a report and its version, which is part of every event id."""

    @property
    def version(self) -> str: ...

    def code(self, report: RawReport) -> Coding: ...


def handle(message: Message, coder: Coder) -> Outcome[None]:
    """Code one message of `reports.raw.v1`.

    Done: the events in the order of their evidence, then the receipt, to be published together. Dead: the bytes are
    no report (the codec's reason), or the coder failed on it ('defect'). Halt: this process is out of memory.
    """
    report = decode(message)
    if isinstance(report, Rejected):
        return Dead(report.reason, report.detail)
    if not isinstance(report, RawReport):
        return Dead("wrong_topic", f"a {type(report).__name__} does not belong on {RAW.name}")
    # The one place where any exception is caught: the coder is pure, so what it raises on this report it would raise
    # for ever, and the reports behind it must not wait for the mend. The report is kept and can be replayed.
    try:
        coding = coder.code(report)
        receipt = CodedReceipt(
            report_id=report.id,
            partition=message.partition,
            offset=message.offset,
            coder_version=coder.version,
            event_ids=tuple(event.id for event in coding.events),
            not_coded=coding.not_coded,
        )
    except MemoryError:
        return Halt("out of memory")
    except Exception as error:
        return Dead("defect", _defect(report, error))
    trace = message.header("ce_traceparent")
    trace_parent = trace.decode("ascii", "replace") if trace else None
    events = tuple(event_message(event, trace_parent) for event in coding.events)
    return Done(None, (*events, receipt_message(receipt, trace_parent)))


def defect_of(message: Message, detail: str) -> Dead:
    """The dead letter of a message on which a coder did not even live to raise."""
    return Dead("defect", f"report {(message.key or b'?').decode('ascii', 'replace')}: {detail}; mend it, then replay")


def _defect(report: RawReport, error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{frame.filename.rpartition('/')[2]}:{frame.lineno} in {frame.name}"
    return f"report {report.id}: {type(error).__name__} at {where}: {error}; mend the coder, then replay"
