"""The index of ids: bounded, first place stays."""

from services.ingest.core.seen import Lies, SeenIds


def report_id(number: int) -> str:
    return f"r_{number:032x}"


def test_the_first_place_stays() -> None:
    seen = SeenIds(10)
    seen.add(report_id(1), Lies(0, 5))
    seen.add(report_id(1), Lies(0, 9))
    assert seen.find(report_id(1)) == Lies(0, 5)
    assert seen.find(report_id(2)) is None


def test_the_oldest_leave_when_it_is_full() -> None:
    seen = SeenIds(3)
    for number in range(5):
        seen.add(report_id(number), Lies(0, number))
    assert len(seen) == 3
    assert seen.find(report_id(1)) is None
    assert seen.find(report_id(2)) == Lies(0, 2)
