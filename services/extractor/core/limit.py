"""When a flood of dead letters means that something is wrong with us and not with the messages. Pure."""

from collections import deque
from typing import Final

CONSECUTIVE_MAX: Final = 100
"""A producer that is broken for a while sends dozens of bad messages in a row; a broken extractor refuses them all."""
RATIO_MAX: Final = 0.5
WINDOW_MESSAGES: Final = 1_000
WINDOW_MESSAGES_MIN: Final = 200
"""Below this a ratio says nothing: two of three is no flood."""


class DeadLetterLimit:
    """Stops the consumer before it empties the log into the bin: too many in a row, or too many of the last ones."""

    def __init__(self, consecutive_max: int = CONSECUTIVE_MAX, ratio_max: float = RATIO_MAX) -> None:
        self._consecutive_max, self._ratio_max = consecutive_max, ratio_max
        self._in_a_row = 0
        self._last: deque[bool] = deque(maxlen=WINDOW_MESSAGES)

    def add(self, *, dead: bool) -> str | None:
        """Count one message; why to stop before this one is parked, or None to go on."""
        self._in_a_row = self._in_a_row + 1 if dead else 0
        self._last.append(dead)
        if self._in_a_row > self._consecutive_max:
            return f"{self._in_a_row} dead letters in a row (limit {self._consecutive_max}); {_MEND}"
        ratio = sum(self._last) / len(self._last)
        if dead and len(self._last) >= WINDOW_MESSAGES_MIN and ratio > self._ratio_max:
            return f"{ratio:.0%} of the last {len(self._last)} messages died (limit {self._ratio_max:.0%}); {_MEND}"
        return None


_MEND: Final = "see their reasons with `tocsin dead-letters list`, mend, and start again"
