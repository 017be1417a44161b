"""What every typed event says: the slots of the event contract."""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from shared.model import Instant, Model, derive_id

Status = Literal["occurred", "ongoing", "announced", "called_for", "threatened", "ended"]
Precision = Literal["minute", "hour", "part_of_day", "day", "week", "month", "year"]
PlaceRelation = Literal[
    "in", "near", "between", "towards", "from", "outside", "along", "across", "around", "over", "off",
    "north_of", "south_of", "east_of", "west_of",
]  # fmt: skip
PlaceRole = Literal["location", "origin", "destination", "scope"]
ParticipantRole = Literal["agent", "target"]
Measure = Literal[
    "killed", "injured", "missing", "casualties", "captured", "displaced", "evacuated",
    "personnel", "aircraft", "vehicles", "munitions", "buildings", "people",
]  # fmt: skip
Qualifier = Literal["exact", "at_least", "over", "up_to", "about", "vague"]
Stance = Literal["asserts", "denies", "confirms"]
EventId = Annotated[str, StringConstraints(pattern=r"^e_[0-9a-f]{32}$")]
ReportId = Annotated[str, StringConstraints(pattern=r"^r_[0-9a-f]{32}$")]


class Span(Model):
    """A half-open range of Unicode code points of the report's body as it was received."""

    start: int = Field(ge=0)
    end: int = Field(ge=0)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.end < self.start:
            raise ValueError(f"a span ends ({self.end}) before it starts ({self.start})")
        return self


class Evidence(Span):
    """A span and the words that it cuts out of the body."""

    quote: str


class Mention(Model):
    """A slot's own words: `text` is the body cut at `span`. Both are absent where the slot was inferred."""

    text: str | None = None
    span: Span | None = None

    @model_validator(mode="after")
    def _text_has_span(self) -> Self:
        if (self.text is None) != (self.span is None):
            raise ValueError("text and span come together")
        if self.text is not None and self.span is not None and len(self.text) != self.span.end - self.span.start:
            raise ValueError(f"text has {len(self.text)} code points, its span {self.span.end - self.span.start}")
        return self


class Occurred(Mention):
    """When it happened, or for an announced measure when it takes effect. `end` is exclusive."""

    start: Instant
    end: Instant | None = None
    precision: Precision
    inferred: bool = False

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.end is not None and self.end < self.start:
            raise ValueError("ends before it starts")
        return self


class Place(Mention):
    """A place. Coordinates (WGS 84 degrees) only where the gazetteer knows it; never a guessed pin."""

    name: str
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None
    lat: float | None = Field(default=None, ge=-90, le=90)
    lon: float | None = Field(default=None, ge=-180, le=180)
    geonames_id: int | None = None
    radius_km: float | None = Field(default=None, ge=0, description="How far from the point the place may reach.")
    relation: PlaceRelation = "in"
    role: PlaceRole = "location"
    inferred: bool = False

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if (self.lat is None) != (self.lon is None):
            raise ValueError("lat and lon come together")
        return self


class Participant(Mention):
    """Who does it, or to whom it is done. `country` is the state of its side, where there is one."""

    role: ParticipantRole
    name: str
    kind: str | None = Field(default=None, description="state, force, armed_group, organisation, person, people, ...")
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None
    inferred: bool = False


class Quantity(Mention):
    """How many. At least one of `min` and `max` is given; `of` says of whom or what, in the report's words."""

    measure: Measure
    min: int | None = Field(default=None, ge=0)
    max: int | None = Field(default=None, ge=0)
    qualifier: Qualifier
    of: str | None = None

    @model_validator(mode="after")
    def _a_number(self) -> Self:
        if self.min is None and self.max is None:
            raise ValueError("a quantity needs min or max")
        if self.min is not None and self.max is not None and self.max < self.min:
            raise ValueError(f"max {self.max} is below min {self.min}")
        return self


class Source(Mention):
    """Who says so. `via` is the outlet that carries the words, where it is not the report's own."""

    name: str
    stance: Stance = "asserts"
    via: str | None = None
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None


class Codes(Model):
    """The kind in the field's other schemes: PLOVER event type, CAMEO code, ACLED sub-event type; or None.

    Sources of the tables: the PLOVER manual (2022), the CAMEO codebook 1.1b3, the ACLED codebook (2023).
    """

    plover: str | None = None
    cameo: str | None = None
    acled: str | None = None


def _slot(
    path: str,
    *,
    participants: tuple[Participant, ...],
    places: tuple[Place, ...],
    quantities: tuple[Quantity, ...],
    occurred: Occurred | None,
) -> object:
    """The value that a typed field with this `FROM_SLOTS` path must have."""
    if path == "agent" or path == "target":
        return tuple(dict.fromkeys(p.name for p in participants if p.role == path))
    if path in ("location", "origin", "destination", "scope"):
        return tuple(dict.fromkeys(p.name for p in places if p.role == path))
    if path == "occurred.start":
        return occurred.start if occurred else None
    if path == "occurred.end":
        return occurred.end if occurred else None
    return next((q for q in quantities if q.measure == path), None)


class BaseEvent(Model):
    """The general slots. A kind adds its typed fields and says in `FROM_SLOTS` which slot each one repeats.

    `FROM_SLOTS` maps a field to `agent`, `target`, a place role, `occurred.start` or `occurred.end`, or a measure.
    Fields so named are filled by `of_slots` and checked against the slots on every construction, so a typed
    field can't disagree with the general slots.
    """

    CODES: ClassVar[Codes]
    FROM_SLOTS: ClassVar[dict[str, str]] = {}

    id: EventId
    kind: str
    report_id: ReportId
    report_ref: str | None = Field(default=None, description="The report's `external_id`.")
    outlet: str
    reported_at: Instant = Field(description="When the report was published.")
    coder_version: str
    status: Status
    occurred: Occurred | None = None
    places: tuple[Place, ...] = ()
    participants: tuple[Participant, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    sources: tuple[Source, ...] = ()
    evidence: tuple[Evidence, ...] = Field(min_length=1)
    confidence: float = Field(ge=0, le=1)
    confidence_reasons: tuple[str, ...] = ()
    denies: tuple[EventId, ...] = ()
    same_as: tuple[EventId, ...] = ()
    part_of: tuple[EventId, ...] = ()
    codes: Codes

    @model_validator(mode="after")
    def _typed_fields_agree(self) -> Self:
        if self.codes != self.CODES:
            raise ValueError(f"codes of {self.kind} are {self.CODES}, not {self.codes}")
        for name, path in self.FROM_SLOTS.items():
            value, slot = (
                getattr(self, name),
                _slot(
                    path,
                    participants=self.participants,
                    places=self.places,
                    quantities=self.quantities,
                    occurred=self.occurred,
                ),
            )
            if value != slot:
                raise ValueError(f"{name} is {value!r}, but the slots say {slot!r}")
        return self

    @classmethod
    def of_slots(cls, **fields: Any) -> Self:
        """Build an event from its general slots; typed fields that repeat a slot are filled from it.

        `kind` and `codes` need not be given. Raises pydantic's ValidationError for a slot that breaks the contract.
        """
        fields.setdefault("kind", cls.model_fields["kind"].default)
        fields["codes"] = cls.CODES
        for name, path in cls.FROM_SLOTS.items():
            fields[name] = _slot(
                path,
                participants=fields.get("participants", ()),
                places=fields.get("places", ()),
                quantities=fields.get("quantities", ()),
                occurred=fields.get("occurred"),
            )
        return cls(**fields)


def event_id(report_id: str, coder_version: str, kind: str, evidence: tuple[Evidence, ...], ordinal: int = 0) -> str:
    """The id of an event, from report, coder version, kind and evidence spans.

    `ordinal` tells apart two events of one kind on the very same spans ("bombed Gori and Poti").
    """
    spans = ";".join(f"{e.start}-{e.end}" for e in evidence)
    return derive_id("e", report_id, coder_version, kind, spans, str(ordinal))
