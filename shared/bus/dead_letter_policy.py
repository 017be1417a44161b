"""When dead letters become a flood: then it is us, not the messages, and the consumer stops instead of going on."""

from collections import deque
from dataclasses import dataclass, field
from typing import Self

from shared.outcome import Halt


@dataclass(slots=True)
class DeadLetterLimit:
    """Counts dead letters among what was handled, and says when to halt. After arroyo's `DlqPolicy`.

    `consecutive_max` dead letters in a row are allowed, and a share of `ratio_max` (0 to 1) of the last `window`
    messages. The share counts from the first full window on: the first message being dead is no flood.
    The count is kept by one consumer in memory, so a restart begins anew and a person who mended the cause need
    reset nothing.
    """

    ratio_max: float
    consecutive_max: int
    window: int
    _dead: deque[bool] = field(init=False, repr=False)
    _dead_count: int = field(init=False, default=0, repr=False)
    _consecutive: int = field(init=False, default=0, repr=False)

    def __post_init__(self) -> None:
        if not 0 <= self.ratio_max <= 1:
            raise ValueError(f"ratio_max is a share from 0 to 1, not {self.ratio_max}")
        if self.consecutive_max < 0 or self.window < 1:
            raise ValueError("consecutive_max is 0 or more and window 1 or more")
        self._dead = deque()

    @classmethod
    def none(cls) -> Self:
        """For those who want every dead letter parked, however many."""
        return cls(ratio_max=1, consecutive_max=2**63, window=1)

    def alive(self) -> None:
        """A message was handled."""
        self._consecutive = 0
        self._count(dead=False)

    def dead(self) -> Halt | None:
        """A message is to become a dead letter; with `Halt`, stop before it is published, the position unmoved."""
        self._consecutive += 1
        self._count(dead=True)
        if self._consecutive > self.consecutive_max:
            return Halt(f"{self._consecutive} dead letters in a row, more than {self.consecutive_max}")
        if len(self._dead) == self.window and self._dead_count > self.ratio_max * self.window:
            share = f"{self._dead_count} of the last {self.window} messages"
            return Halt(f"{share} became dead letters, more than {self.ratio_max:g}")
        return None

    def _count(self, *, dead: bool) -> None:
        if len(self._dead) == self.window:
            self._dead_count -= self._dead.popleft()
        self._dead.append(dead)
        self._dead_count += dead
