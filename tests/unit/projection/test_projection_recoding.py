"""The difference between what two coder versions make of a report."""

from typing import Any

from services.projection.core.recoding import Tally, pairs, sort_of
from shared.events.base import BaseEvent, Evidence
from tests.unit.projection.made import GORI, KARELI, event, report

OF = report(1, body="Bombs fell on Gori; shells hit Kareli; talks were held.")
AT = {"bombs": (0, 18), "shells": (20, 37), "talks": (39, 54)}


def told(kind: str, where: str, version: str, **fields: Any) -> BaseEvent:
    start, end = AT[where]
    evidence = (Evidence(start=start, end=end, quote=OF.body[start:end]),)
    return event(kind, OF, evidence=evidence, coder_version=version, **fields)


def test_events_are_paired_by_content_then_by_evidence() -> None:
    old = [
        told("airstrike", "bombs", "1", places=(GORI,)),
        told("shelling", "shells", "1"),
        told("talks", "talks", "1"),
    ]
    new = [
        told("airstrike", "bombs", "2", places=(KARELI,)),
        told("shelling", "shells", "2"),
        told("statement", "talks", "2"),
    ]
    found = sorted((sort_of(p), (p.after or p.before).kind) for p in pairs(old, new))  # type: ignore[union-attr]
    assert found == [("changed", "airstrike"), ("gained", "statement"), ("lost", "talks"), ("same", "shelling")]
    tally = Tally(examples_max=1)
    tally.add(old, new)
    tally.add(old[:1], [])
    assert (tally.reports, tally.counts["airstrike"]["lost"], tally.counts["airstrike"]["changed"]) == (2, 1, 1)
    [(kind, sort, example), *_] = tally.examples()
    assert (kind, sort, [name for name, _, _ in example.fields]) == ("airstrike", "changed", ["places"])
    assert example.quote == "Bombs fell on Gori"


def test_doubles_on_one_span_are_paired_one_to_one() -> None:
    old = [told("airstrike", "bombs", "1", ordinal=n) for n in range(3)]
    new = [told("airstrike", "bombs", "2", ordinal=n) for n in range(2)]
    assert sorted(sort_of(p) for p in pairs(old, new)) == ["lost", "same", "same"]
