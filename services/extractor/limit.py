"""The extractor's own figures for the limit of dead letters that every consumer has."""

from typing import Final

from shared.bus import dead_letter_policy

CONSECUTIVE_MAX: Final = 100
"""A producer that is broken for a while sends dozens of bad messages in a row; a broken coder refuses them all."""
RATIO_MAX: Final = 0.5
WINDOW_MESSAGES: Final = 200
"""Of a smaller window a share says nothing: two of three is no flood."""


class DeadLetterLimit(dead_letter_policy.DeadLetterLimit):
    """Stops the extractor before it empties the log into the bin."""

    def __init__(self, consecutive_max: int = CONSECUTIVE_MAX) -> None:
        super().__init__(RATIO_MAX, consecutive_max, WINDOW_MESSAGES)
