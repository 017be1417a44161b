"""Drafts: events in the making, from frames to slots. The last step before the contract's models."""

from dataclasses import dataclass, field

from services.extractor.core.frame import Frame
from services.extractor.core.places import ResolvedPlace
from services.extractor.core.time_mentions import Resolved, TimeMention
from services.extractor.core.who import Who
from shared.events.base import PlaceRole, Quantity, Stance


@dataclass(slots=True)
class Told:
    """A source as found: who, in which stance, through which outlet."""

    who: Who
    stance: Stance
    via: str | None = None


@dataclass(slots=True)
class Pinned:
    """A place of an event with its role; `inferred` where the context gave it, not the event's own words."""

    place: ResolvedPlace
    role: PlaceRole
    inferred: bool = False


@dataclass(slots=True, eq=False)
class Draft:
    """An event in the making, equal to itself alone. `spans` are the stretches that show it, its own sentence first."""

    frame: Frame
    agents: list[Who] = field(default_factory=list)
    targets: list[Who] = field(default_factory=list)
    quantities: list[Quantity] = field(default_factory=list)
    places: list[Pinned] = field(default_factory=list)
    time: tuple[TimeMention, Resolved] | None = None
    sources: list[Told] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)
    denies: list["Draft"] = field(default_factory=list)
    same_as: list["Draft"] = field(default_factory=list)
    part_of: list["Draft"] = field(default_factory=list)
    hedged: bool = False
    notes: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return self.frame.kind

    @property
    def sentence(self) -> int:
        return self.frame.analysis.number

    def status_told(self) -> bool:
        """Whether it is told as having happened or going on."""
        return self.frame.status in ("occurred", "ongoing")
