"""A real, tiny coder for tests of the extractor's plumbing: one air strike for every "bomb" in the body.

It stands in for the knowledge that the extractor's own coder needs seconds to load; what it codes goes through
the real handler, codec and bus. Words in the body make it fail: DEFECT raises, DEADLY ends its process.
"""

import os
import re
import time

from services.extractor.core.coder import Coding
from services.extractor.handler import Coder
from shared.events.airstrike import Airstrike
from shared.events.base import Evidence, event_id
from shared.reports import RawReport


class TinyCoder:
    """`pause_s` makes a report cost something, so that a kill finds it in the middle."""

    version = "tiny-1"

    def __init__(self, pause_s: float = 0.0) -> None:
        self._pause_s = pause_s

    def code(self, report: RawReport) -> Coding:
        time.sleep(self._pause_s)
        if "DEFECT" in report.body:
            raise ZeroDivisionError("the body asked for it")
        if "DEADLY" in report.body:
            os._exit(9)
        if not report.body.strip():
            return Coding(not_coded="empty")
        evidence = [
            (Evidence(start=m.start(), end=m.end(), quote=m.group()),) for m in re.finditer("bomb", report.body)
        ]
        return Coding(
            tuple(
                Airstrike.of_slots(
                    id=event_id(report.id, self.version, "airstrike", spans),
                    report_id=report.id,
                    report_ref=report.external_id,
                    outlet=report.outlet,
                    reported_at=report.published_at,
                    coder_version=self.version,
                    status="occurred",
                    evidence=spans,
                    confidence=0.5,
                )
                for spans in evidence
            )
        )


def load() -> Coder:
    return TinyCoder()


def load_slow() -> Coder:
    return TinyCoder(pause_s=0.02)


def load_broken() -> Coder:
    raise FileNotFoundError("no knowledge here")
