"""How the extractor is doing: what it counts, and when it is ready or stalled."""

import time
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge

from shared.web.health import Health


class Progress:
    """Told by the stream, asked by the API. `waits_for` is what it can't work without at the moment, if anything."""

    def __init__(
        self, registry: CollectorRegistry, stall_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock, self._stall_s = clock, stall_s
        self._moved_at = clock()
        self.waits_for: str | None = "starting"
        self.assigned: tuple[int, ...] = ()
        self.lag = 0
        self.uncoded = 0
        self._reports = Counter(
            "tocsin_extractor_reports", "Raw messages settled, by outcome.", ("outcome",), registry=registry
        )
        self._events = Counter(
            "tocsin_extractor_events", "Typed events published, by topic.", ("topic",), registry=registry
        )
        for name, text, read in (
            ("tocsin_extractor_lag_messages", "Raw messages not yet read.", lambda: self.lag),
            (
                "tocsin_extractor_uncoded_reports",
                "Raw messages behind the bookmark with neither receipt nor dead letter.",
                lambda: self.uncoded,
            ),
            ("tocsin_extractor_idle_seconds", "Seconds since the last progress.", self.idle_s),
            ("tocsin_extractor_assigned_partitions", "Partitions that are ours.", lambda: len(self.assigned)),
        ):
            Gauge(name, text, registry=registry).set_function(read)

    def idle_s(self) -> float:
        """Seconds since the last report was settled, or since there was nothing to do."""
        return self._clock() - self._moved_at

    def moved(self, outcome: str, reports: int) -> None:
        self._moved_at = self._clock()
        self._reports.labels(outcome).inc(reports)

    def published(self, topic: str) -> None:
        self._events.labels(topic).inc()

    def saw_lag(self, lag: int) -> None:
        self.lag = lag
        if lag == 0:
            self._moved_at = self._clock()

    def ready(self) -> Health:
        reasons = [self.waits_for] if self.waits_for else []
        if not self.waits_for and not self.assigned:
            reasons.append("no partition is assigned")
        return self._health(reasons)

    def live(self) -> Health:
        """Fails where reports wait, nothing is missing to code them, and still nothing has moved for `stall_s`."""
        stalled = self.lag > 0 and self.waits_for is None and self.idle_s() > self._stall_s
        return self._health(
            [f"{self.lag} reports wait and nothing has moved for {self.idle_s():.0f} s"] if stalled else []
        )

    def _health(self, reasons: list[str]) -> Health:
        return Health(
            ok=not reasons,
            reasons=reasons,
            facts={
                "assigned_partitions": len(self.assigned),
                "lag_messages": self.lag,
                "uncoded_reports": self.uncoded,
                "idle_s": round(self.idle_s(), 1),
            },
        )
