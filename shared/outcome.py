"""What a handler says of one message. Failure is a small named set, never a bare exception."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from shared.bus.port import OutgoingMessage

T = TypeVar("T", covariant=True)


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """Handled: `result` (rows, or nothing) is to be kept and `publish` is to be published, then the position moves."""

    result: T
    publish: tuple[OutgoingMessage, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Skip:
    """Nothing to do, for a reason worth counting. The position moves."""

    reason: str


@dataclass(frozen=True, slots=True)
class Retry:
    """The world is not ready (a broker away, a database locked). The position stays; try again later."""

    reason: str
    after_s: float


@dataclass(frozen=True, slots=True)
class Dead:
    """The message can never be handled. It becomes a dead letter with this reason, then the position moves."""

    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Halt:
    """Something is wrong with us, not with the message. The consumer stops with its position unmoved."""

    reason: str


Outcome = Done[T] | Skip | Retry | Dead | Halt
