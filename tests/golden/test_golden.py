"""The reference set is sound, the scorer measures what it says, and the coder stays above its floors."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.extractor.core.coder import Coding
from services.extractor.knowledge import LoadedCoder
from shared.events import CLASS_OF, KINDS
from shared.events.base import BaseEvent, Evidence, Occurred, Participant, Place, Quantity, Source, event_id
from tests.golden.evaluate import DOCS, TABLES, markdown, tables, with_tables
from tests.golden.figures import Evaluation, evaluate, total
from tests.golden.floors import FLOORS, Floor, Floors, raised, read_floors
from tests.golden.reference import HALVES, ReferenceEvent, ReferenceReport, load_reports, of_half
from tests.golden.scoring import Judged, Tally, match, reliability, same_name, same_quantity, score_report, stems

REPORTS = load_reports()
EVENTS_OF_A_KIND_MIN = 4
WORDS_MIN, WORDS_MAX = 120, 350


def perfect(report: ReferenceReport, asked: ReferenceEvent) -> BaseEvent:
    """The event that says exactly what the reference asks."""
    at = report.body.index(asked.anchor)
    evidence = (Evidence(start=at, end=at + len(asked.anchor), quote=asked.anchor),)
    occurred = None
    if asked.time is not None:
        start = asked.time.start
        if not isinstance(start, datetime):
            start = datetime.combine(start, time(12), tzinfo=ZoneInfo(report.tz))
        occurred = Occurred(start=start, precision=asked.time.precision)
    roles = [("agent", n) for n in asked.agents] + [("target", n) for n in asked.targets]
    return CLASS_OF[asked.kind].of_slots(
        id=event_id(report.raw().id, "perfect", asked.kind, evidence),
        report_id=report.raw().id,
        report_ref=report.id,
        outlet=report.outlet,
        reported_at=report.published_at,
        coder_version="perfect",
        status=asked.status,
        occurred=occurred,
        places=tuple(Place(name=p.name[-1], role=p.role) for p in asked.places),
        participants=tuple(Participant.model_validate({"role": role, "name": names[0]}) for role, names in roles),
        quantities=tuple(
            Quantity(measure=q.measure, min=q.min, max=q.max, qualifier="exact") for q in asked.quantities
        ),
        sources=tuple(Source(name=names[0]) for names in asked.sources),
        evidence=evidence,
        confidence=0.9,
    )


def perfect_events(report: ReferenceReport) -> list[BaseEvent]:
    return [perfect(report, asked) for asked in report.events if not asked.optional]


a_report = st.sampled_from(REPORTS)


@st.composite
def reports_and_events(draw: st.DrawFn) -> tuple[ReferenceReport, list[BaseEvent]]:
    """A report and some of its perfect events, some of them told without their places and with another status."""
    report = draw(a_report)
    events = perfect_events(report)
    kept = draw(st.lists(st.sampled_from(events), unique_by=lambda e: e.evidence[0].start))
    damaged = [e.model_copy(update={"places": (), "status": "threatened"}) if draw(st.booleans()) else e for e in kept]
    return report, damaged


# The set.


def test_halves_are_thirteen_reports_each() -> None:
    assert [r.id for r in of_half(REPORTS, "tuning")] == [str(n) for n in range(701, 714)]
    assert [r.id for r in of_half(REPORTS, "kept_apart")] == [str(n) for n in range(714, 727)]


@pytest.mark.parametrize("report", REPORTS, ids=lambda r: r.id)
def test_report_is_sound(report: ReferenceReport) -> None:
    assert WORDS_MIN <= len(report.body.split()) <= WORDS_MAX
    ZoneInfo(report.tz)
    anchors = [e.anchor for e in report.events]
    assert all(report.body.count(anchor) == 1 for anchor in anchors)
    assert len({(e.kind, e.anchor) for e in report.events}) == len(anchors)
    assert [report.body.index(a) for a in anchors] == sorted(report.body.index(a) for a in anchors)


def test_every_kind_is_asked_for_often_enough() -> None:
    asked = Counter(e.kind for r in REPORTS for e in r.events if not e.optional)
    assert set(asked) == set(KINDS)
    assert min(asked.values()) >= EVENTS_OF_A_KIND_MIN
    for half in HALVES:
        assert {e.kind for r in of_half(REPORTS, half) for e in r.events if not e.optional} == set(KINDS)


def test_every_status_is_asked_for() -> None:
    asked = {e.status for r in REPORTS for e in r.events if not e.optional}
    assert asked == {"occurred", "ongoing", "announced", "called_for", "threatened", "ended"}


# The scorer.


@pytest.mark.parametrize("report", REPORTS, ids=lambda r: r.id)
def test_perfect_events_score_one(report: ReferenceReport) -> None:
    score = score_report(report, perfect_events(report))
    assert score.event.perfect
    assert score.fact.perfect
    assert score.strict.perfect
    assert score.misses == ()
    assert all(j.right for j in score.judged)


def test_no_events_score_nothing_and_miss_everything() -> None:
    score = score_report(REPORTS[0], [])
    required = [e for e in REPORTS[0].events if not e.optional]
    assert score.event == Tally(0, len(required), 0)
    assert score.event.f1 == 0.0
    assert {m.trouble for m in score.misses} == {"missed"}
    assert len(score.misses) == len(required)


def test_optional_events_are_neither_asked_for_nor_wrong() -> None:
    report = next(r for r in REPORTS if any(e.optional for e in r.events))
    everything = [perfect(report, asked) for asked in report.events]
    score = score_report(report, everything)
    assert score.event == score_report(report, perfect_events(report)).event
    assert len(score.judged) == len(everything)
    assert all(j.right for j in score.judged)


@pytest.mark.parametrize(
    ("slot", "change"),
    [
        ("status", {"status": "threatened"}),
        ("place", {"places": (Place(name="Nowhere-on-Sea"),)}),
        ("agent", {"participants": (Participant(role="agent", name="Ruritania"),)}),
        ("quantity", {"quantities": (Quantity(measure="killed", min=77_777, max=77_777, qualifier="exact"),)}),
        ("source", {"sources": (Source(name="Ruritania"),)}),
        ("time", {"occurred": Occurred(start=datetime(1901, 1, 1, tzinfo=UTC), precision="day")}),
    ],
)
def test_a_wrong_slot_costs_a_fact_and_no_event(slot: str, change: dict[str, object]) -> None:
    report = REPORTS[0]
    events = perfect_events(report)
    worse = [events[0].model_copy(update=change), *events[1:]]
    score = score_report(report, worse)
    assert score.event.perfect
    assert score.fact.f1 < 1.0
    assert slot in score.misses[0].trouble
    assert len(score.misses) == 1
    assert score.strict.perfect == (slot not in ("place", "time", "quantity"))


def test_a_wrong_kind_costs_the_event_twice() -> None:
    report = REPORTS[0]
    events = perfect_events(report)
    other = next(k for k in KINDS if k not in {e.kind for e in report.events})
    asked = next(e for e in report.events if not e.optional).model_copy(update={"kind": other})
    score = score_report(report, [perfect(report, asked), *events[1:]])
    assert score.event == Tally(len(events) - 1, len(events), len(events))
    assert [m.trouble for m in score.misses] == ["missed", "spurious"]


def test_an_event_two_sentences_away_does_not_match() -> None:
    report = REPORTS[0]
    first = perfect_events(report)[0]
    last = len(report.body) - 1
    far = first.model_copy(update={"evidence": (Evidence(start=last, end=last + 1, quote=report.body[last]),)})
    assert match(report, [first])
    assert not match(report, [far])


def test_an_inferred_time_is_no_fact() -> None:
    report = REPORTS[0]
    event = next(e for e in perfect_events(report) if e.occurred)
    assert event.occurred is not None
    inferred = event.model_copy(update={"occurred": event.occurred.model_copy(update={"inferred": True})})
    assert score_report(report, [inferred]).fact.given == score_report(report, [event]).fact.given - 1


@given(reports_and_events())
@settings(deadline=None, max_examples=60)
def test_no_score_beats_the_perfect_one_and_counts_add_up(case: tuple[ReferenceReport, list[BaseEvent]]) -> None:
    report, events = case
    score = score_report(report, events)
    assert score.event.given == len(score.judged) == len(events)
    assert score.event.asked == sum(not e.optional for e in report.events)
    assert score.strict.right <= score.event.right <= min(score.event.asked, score.event.given)
    assert score.fact.right <= min(score.fact.asked, score.fact.given)
    assert sum((t.asked for t in score.kinds.values()), 0) == score.event.asked


@given(reports_and_events())
@settings(deadline=None, max_examples=40)
def test_the_order_of_events_does_not_matter(case: tuple[ReferenceReport, list[BaseEvent]]) -> None:
    report, events = case
    by_id = sorted(events, key=lambda e: e.id)
    assert score_report(report, events).fact == score_report(report, by_id).fact


@given(reports_and_events())
@settings(deadline=None, max_examples=40)
def test_one_perfect_event_more_never_lowers_recall(case: tuple[ReferenceReport, list[BaseEvent]]) -> None:
    report, events = case
    told = {e.evidence[0].start for e in events}
    more = [e for e in perfect_events(report) if e.evidence[0].start not in told][:1]
    assert score_report(report, [*events, *more]).event.recall >= score_report(report, events).event.recall


def test_names_meet_by_stems() -> None:
    assert stems("the Armed Forces of Russia") == {"armed", "force", "russi"}
    assert same_name(("Sukhumi", "Sokhumi"), "Sokhumi")
    assert same_name(("Russian forces",), "Russia")
    assert same_name(("Gao",), "GÁO")
    assert not same_name(("Georgia",), "Germany")
    assert not same_name(("Georgia",), "")


def test_vague_numbers_are_right_within_a_factor_of_three() -> None:
    asked = next(q for r in REPORTS for e in r.events for q in e.quantities if q.min == 24 and q.max is None)
    for least, right in ((8, True), (72, True), (7, False), (73, False)):
        assert same_quantity(asked, Quantity(measure=asked.measure, min=least, qualifier="vague")) is right


def test_reliability_counts_by_confidence() -> None:
    bins = reliability(
        [Judged(0.95, True), Judged(1.0, False), Judged(0.9, True), Judged(0.55, True), Judged(0.1, False)]
    )
    assert [(b.events, b.right) for b in bins] == [(1, 0), (1, 1), (0, 0), (0, 0), (0, 0), (3, 2)]


# The coder.


@pytest.fixture(scope="module")
def evaluation(coder: LoadedCoder, golden: tuple[ReferenceReport, ...], codings: Mapping[str, Coding]) -> Evaluation:
    return evaluate(coder.version, golden, codings)


def test_every_reference_report_is_coded(codings: Mapping[str, Coding]) -> None:
    assert {name: c.not_coded for name, c in codings.items() if c.not_coded} == {}


def test_the_coder_stays_above_its_floors(evaluation: Evaluation) -> None:
    assert read_floors(FLOORS).broken_by(evaluation) == []


def test_a_fallen_figure_is_told(evaluation: Evaluation) -> None:
    too_high = Floors(halves={half: Floor(event=1.0, fact=1.0) for half in HALVES})
    assert len(too_high.broken_by(evaluation)) == 4


def test_floors_are_never_lowered(evaluation: Evaluation) -> None:
    before = read_floors(FLOORS)
    after = raised(before, evaluation)
    for half in HALVES:
        assert after.halves[half].event >= before.halves[half].event
        assert after.halves[half].fact >= before.halves[half].fact
    high = Floors(halves={half: Floor(event=0.99, fact=0.99) for half in HALVES})
    assert raised(high, evaluation) == high


def test_misses_kept_apart_can_be_withheld(evaluation: Evaluation) -> None:
    shown = evaluation.without_misses("kept_apart")
    assert shown.half("kept_apart").misses == ()
    assert shown.half("kept_apart").event == evaluation.half("kept_apart").event
    assert shown.half("tuning") == evaluation.half("tuning")


# The page.


def test_tables_name_every_kind_and_slot(evaluation: Evaluation) -> None:
    made = tables(evaluation)
    assert {row[0] for row in made["Kinds"][1]} == set(KINDS)
    assert all(len(row) == len(head) for head, rows in made.values() for row in rows)


def test_the_page_takes_fresh_tables_and_keeps_its_words(evaluation: Evaluation) -> None:
    page = DOCS.read_text(encoding="utf-8")
    fresh = markdown(evaluation, "2001-02-03")
    once = with_tables(page, fresh)
    assert "2001-02-03" in once
    assert evaluation.coder in once
    assert with_tables(once, fresh) == once
    assert TABLES.sub("", once) == TABLES.sub("", page)
    with pytest.raises(ValueError, match="has no"):
        with_tables("no marks here", fresh)


def test_total_is_the_sum_of_reports(golden: tuple[ReferenceReport, ...], codings: Mapping[str, Coding]) -> None:
    parts = [score_report(r, codings[r.id].events) for r in golden]
    assert total(golden, codings).event == sum((p.event for p in parts), Tally())
