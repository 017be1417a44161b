"""A frame: one event that a trigger word opens, with its logical arguments and status."""

from dataclasses import dataclass, field

from services.extractor.core.analysis import Analysis
from services.extractor.core.arguments import Arguments
from services.extractor.core.lexicon import Sense
from services.extractor.core.syntax import Token
from shared.events.base import Status


@dataclass(slots=True, eq=False)
class Frame:
    """A trigger with what hangs on it, equal to itself alone. Token numbers are those of its sentence's tree."""

    analysis: Analysis
    token: int
    sense: Sense
    kind: str
    args: Arguments
    status: Status
    status_reason: str
    agents: list[int] = field(default_factory=list)
    targets: list[int] = field(default_factory=list)
    triggers: list[tuple[int, int]] = field(default_factory=list)
    absorbed: list[int] = field(default_factory=list)
    measure: str | None = None
    apart: bool = False
    """A toll that is no attack's own: told over days, or of fighting told before."""

    @property
    def head(self) -> Token:
        return self.analysis.tree.tokens[self.token]

    @property
    def nodes(self) -> tuple[int, ...]:
        """The tokens that stand for this event in the tree."""
        light = () if self.args.light is None else (self.args.light,)
        return (self.token, *self.absorbed, *light)
