"""The 23 kinds of typed event, under one discriminated union."""

from typing import Annotated, Final

from pydantic import Field, TypeAdapter

from shared.events.aircraft_downing import AircraftDowning
from shared.events.airspace_violation import AirspaceViolation
from shared.events.airstrike import Airstrike
from shared.events.bomb_attack import BombAttack
from shared.events.border_closure import BorderClosure
from shared.events.broadcast_ban import BroadcastBan
from shared.events.casualty_report import CasualtyReport
from shared.events.ceasefire import Ceasefire
from shared.events.damage import Damage
from shared.events.denial import Denial
from shared.events.detention import Detention
from shared.events.displacement import Displacement
from shared.events.evacuation import Evacuation
from shared.events.flight_ban import FlightBan
from shared.events.ground_combat import GroundCombat
from shared.events.humanitarian_appeal import HumanitarianAppeal
from shared.events.killing import Killing
from shared.events.mobilization import Mobilization
from shared.events.sanction import Sanction
from shared.events.shelling import Shelling
from shared.events.statement import Statement
from shared.events.talks import Talks
from shared.events.troop_movement import TroopMovement

Event = Annotated[
    Airstrike
    | Shelling
    | GroundCombat
    | BombAttack
    | Killing
    | Detention
    | AircraftDowning
    | AirspaceViolation
    | Mobilization
    | TroopMovement
    | Evacuation
    | Displacement
    | CasualtyReport
    | Damage
    | HumanitarianAppeal
    | FlightBan
    | BroadcastBan
    | BorderClosure
    | Sanction
    | Ceasefire
    | Talks
    | Statement
    | Denial,
    Field(discriminator="kind"),
]
"""Any typed event; `kind` tells which."""

EVENT_CLASSES: Final = (
    Airstrike,
    Shelling,
    GroundCombat,
    BombAttack,
    Killing,
    Detention,
    AircraftDowning,
    AirspaceViolation,
    Mobilization,
    TroopMovement,
    Evacuation,
    Displacement,
    CasualtyReport,
    Damage,
    HumanitarianAppeal,
    FlightBan,
    BroadcastBan,
    BorderClosure,
    Sanction,
    Ceasefire,
    Talks,
    Statement,
    Denial,
)

KINDS: Final[tuple[str, ...]] = tuple(c.model_fields["kind"].default for c in EVENT_CLASSES)
"""The kinds in the order of the contract."""

CLASS_OF: Final = {c.model_fields["kind"].default: c for c in EVENT_CLASSES}

EVENT: Final[TypeAdapter[Event]] = TypeAdapter(Event)
