"""How far the projection has come: shared by the stream that moves it and the endpoints that tell of it."""

import asyncio
import time
from collections import defaultdict
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge

from services.projection.settings import ProjectionSettings
from shared.bus.port import TopicPartition
from shared.web.health import Health


class Notice:
    """Wakes everybody who waits. Take the bell, look, and if there is nothing wait for that bell: none is missed."""

    def __init__(self) -> None:
        self._bell = asyncio.Event()

    def bell(self) -> asyncio.Event:
        return self._bell

    def ring(self) -> None:
        self._bell.set()
        self._bell = asyncio.Event()


async def wait_for_bell(bell: asyncio.Event, seconds: float) -> None:
    """Until the bell rings, or so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            await bell.wait()
    except TimeoutError:
        pass


TROUBLE_START: Final = "the log is not open yet"


class Progress:
    """Positions, ends and lag; counters. Monotonic seconds for what is asked about time."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.positions: dict[TopicPartition, int] = {}
        self.ends: dict[TopicPartition, int] = {}
        self.trouble: str | None = TROUBLE_START
        self.moved_at_s = time.monotonic()
        self.notice = Notice()
        self._events = Counter("tocsin_projection_events", "Events that were new.", registry=registry)
        self._messages = Counter(
            "tocsin_projection_messages", "Messages handled, by outcome.", ("outcome",), registry=registry
        )
        self._batch_seconds = Counter(
            "tocsin_projection_batch_seconds", "Seconds spent on handling and writing batches.", registry=registry
        )
        self._lag = Gauge("tocsin_projection_lag_messages", "Messages not yet read.", ("topic",), registry=registry)
        self._owed = Gauge(
            "tocsin_projection_raw_owed", "Raw messages read with neither receipt nor dead letter.", registry=registry
        )

    def lag(self) -> dict[str, int]:
        """Messages not yet read, per topic."""
        behind: dict[str, int] = defaultdict(int)
        for where, end in self.ends.items():
            behind[where.topic] += max(0, end - self.positions.get(where, 0))
        return dict(sorted(behind.items()))

    def know_ends(self, ends: dict[TopicPartition, int], owed: int) -> None:
        self.ends = ends
        self._owed.set(owed)
        for topic, messages in self.lag().items():
            self._lag.labels(topic).set(messages)
        if not sum(self.lag().values()):
            self.moved_at_s = time.monotonic()  # nothing to do is no standstill

    def moved(
        self, positions: dict[TopicPartition, int], outcomes: dict[str, int], events: int, seconds: float
    ) -> None:
        """A batch was committed."""
        self.positions.update(positions)
        self.moved_at_s = time.monotonic()
        self._events.inc(events)
        self._batch_seconds.inc(seconds)
        for outcome, count in outcomes.items():
            self._messages.labels(outcome).inc(count)
        self.notice.ring()

    def ready(self, settings: ProjectionSettings) -> Health:
        lag = sum(self.lag().values())
        reasons = [self.trouble] if self.trouble else []
        if not self.trouble and not self.ends:
            reasons.append("the end of the log is not known yet")
        if lag > settings.lag_messages_max:
            reasons.append(f"{lag:,} messages behind (at most {settings.lag_messages_max:,})")
        return Health(
            ok=not reasons, reasons=reasons, facts={"lag_messages": lag, "caught_up": not reasons and not lag}
        )

    def live(self, settings: ProjectionSettings) -> Health:
        still_s, lag = time.monotonic() - self.moved_at_s, sum(self.lag().values())
        stalled = lag > 0 and self.trouble is None and still_s > settings.stalled_s_max
        reasons = [f"{lag:,} messages behind and no progress for {still_s:.0f} s"] if stalled else []
        return Health(ok=not stalled, reasons=reasons, facts={"lag_messages": lag})
