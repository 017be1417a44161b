import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.bus.dead_letter_policy import DeadLetterLimit
from shared.outcome import Halt


def verdicts(limit: DeadLetterLimit, letters: str) -> list[Halt | None]:
    """One verdict a message: "d" is a dead one, "." is not."""
    said: list[Halt | None] = []
    for letter in letters:
        if letter == "d":
            said.append(limit.dead())
        else:
            limit.alive()
            said.append(None)
    return said


def halts_at(limit: DeadLetterLimit, letters: str) -> list[int]:
    return [number for number, verdict in enumerate(verdicts(limit, letters)) if verdict is not None]


def test_one_more_in_a_row_than_allowed_halts() -> None:
    assert halts_at(DeadLetterLimit(1, 3, 100), "ddd.dddd") == [7]


def test_none_allowed_in_a_row_halts_at_the_first() -> None:
    assert verdicts(DeadLetterLimit(1, 0, 100), "..d")[-1] == Halt("1 dead letters in a row, more than 0")


def test_a_share_counts_only_over_a_full_window() -> None:
    assert halts_at(DeadLetterLimit(0.5, 99, 4), "dd") == []
    assert halts_at(DeadLetterLimit(0.5, 99, 4), "dd.d") == [3]


def test_a_share_that_is_just_reached_is_allowed() -> None:
    assert halts_at(DeadLetterLimit(0.5, 99, 4), "d.d.d.d.") == []


def test_the_window_moves_on() -> None:
    assert halts_at(DeadLetterLimit(0.25, 99, 4), "d...d...d.d") == [10]


def test_the_reason_says_how_many() -> None:
    last = verdicts(DeadLetterLimit(0.25, 99, 4), "d..d")[-1]
    assert last == Halt("2 of the last 4 messages became dead letters, more than 0.25")


def test_no_limit_never_halts() -> None:
    assert halts_at(DeadLetterLimit.none(), "d" * 10_000) == []


@pytest.mark.parametrize(("ratio", "consecutive", "window"), [(-0.1, 1, 1), (1.1, 1, 1), (0.5, -1, 1), (0.5, 1, 0)])
def test_limits_that_mean_nothing_are_refused(ratio: float, consecutive: int, window: int) -> None:
    with pytest.raises(ValueError, match=r"ratio_max|consecutive_max"):
        DeadLetterLimit(ratio, consecutive, window)


@given(st.text("d.", max_size=200), st.sampled_from([0.0, 0.1, 0.5, 1.0]), st.integers(0, 6), st.integers(1, 20))
def test_says_what_counting_anew_says(letters: str, ratio: float, consecutive: int, window: int) -> None:
    def is_flood(end: int) -> bool:
        seen = letters[:end]
        row = len(seen) - len(seen.rstrip("d"))
        last = seen[-window:]
        return row > consecutive or (len(last) == window and last.count("d") > ratio * window)

    expected = [number for number, letter in enumerate(letters) if letter == "d" and is_flood(number + 1)]
    assert halts_at(DeadLetterLimit(ratio, consecutive, window), letters) == expected
