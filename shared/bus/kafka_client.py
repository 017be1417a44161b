"""How this application talks to aiokafka: time limits, what an error means, and clients that are made when needed.

aiokafka has no types, so what it gives is `Any` here and typed again at the port.
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from aiokafka.errors import (
    InvalidTopicError,
    KafkaError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    UnknownTopicOrPartitionError,
)

from shared.bus.port import BusError, BusUnavailable, MessageRefused

C = TypeVar("C")

CALL_S_MAX: Final = 10.0
"""Nobody who waits for an answer (an HTTP client at ingest) should wait longer to hear that the broker is away."""

REQUEST_MS_MAX: Final = 9_000
"""One request gives up just before the call does, so that the error names the request that hung."""

CLOSE_S_MAX: Final = 3.0
"""A service has 10 s to stop cleanly; a broker that is away must not eat them."""

RETRY_BACKOFF_MS: Final = 100
"""aiokafka's own default: a leader election takes some hundreds of milliseconds."""

REFUSALS: Final = (InvalidTopicError, MessageSizeTooLargeError, RecordListTooLargeError, UnknownTopicOrPartitionError)
"""What the broker will say again however often it is asked."""


@dataclass(frozen=True, slots=True)
class KafkaOptions:
    """Where the brokers are and how to speak to them. The counts of replicas are for new topics."""

    bootstrap_servers: str
    replication_factor: int = 1
    in_sync_replicas_min: int = 1
    security_protocol: str = "PLAINTEXT"
    ssl_context: ssl.SSLContext | None = field(default=None, repr=False)
    sasl_mechanism: str = "PLAIN"
    sasl_username: str | None = None
    sasl_password: str | None = field(default=None, repr=False)

    def client_arguments(self) -> dict[str, Any]:
        """What every aiokafka client is made with."""
        return {
            "bootstrap_servers": self.bootstrap_servers,
            "request_timeout_ms": REQUEST_MS_MAX,
            "retry_backoff_ms": RETRY_BACKOFF_MS,
            "security_protocol": self.security_protocol,
            "ssl_context": self.ssl_context,
            "sasl_mechanism": self.sasl_mechanism,
            "sasl_plain_username": self.sasl_username,
            "sasl_plain_password": self.sasl_password,
        }


def bus_error(error: Exception, servers: str) -> BusError:
    """What a failure of aiokafka means to a caller of the port."""
    text = str(error) or type(error).__name__
    if isinstance(error, REFUSALS):
        return MessageRefused(f"Kafka at {servers} refused it: {text}")
    if isinstance(error, TimeoutError):
        text = f"no answer within {CALL_S_MAX:g} s"
    return BusUnavailable(f"Kafka at {servers} can't be used now: {text}; check that it runs and can be reached")


class Held(Generic[C]):
    """A client that is made at its first use, kept, and made anew after a failure, so that a broker may come and go."""

    def __init__(self, make: Callable[[], Awaitable[C]], close: Callable[[C], Awaitable[None]], servers: str) -> None:
        self._make, self._close, self._servers = make, close, servers
        self._lock = asyncio.Lock()
        self._client: C | None = None
        self._closing: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def use(self) -> AsyncIterator[C]:
        """The client, for one call of at most `CALL_S_MAX`. Whatever aiokafka raises leaves as a `BusError`."""
        client: C | None = None
        try:
            async with asyncio.timeout(CALL_S_MAX):
                async with self._lock:
                    if self._client is None:
                        self._client = await self._make()
                    client = self._client
                yield client
        except (KafkaError, OSError, TimeoutError) as error:
            failure = bus_error(error, self._servers)
            if client is not None and isinstance(failure, BusUnavailable):
                self._give_up(client)
            raise failure from error

    def _give_up(self, client: C) -> None:
        if self._client is not client:
            return  # another task met the same failure first
        self._client = None
        closing = asyncio.ensure_future(self._close_soon(client))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def _close_soon(self, client: C) -> None:
        with contextlib.suppress(KafkaError, OSError, TimeoutError):
            async with asyncio.timeout(CLOSE_S_MAX):
                await self._close(client)

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await self._close_soon(client)
        if self._closing:
            await asyncio.wait(set(self._closing))


async def started(client: Any) -> Any:
    """The client after `start()`, closed again where that fails."""
    try:
        await client.start()
    except BaseException:
        with contextlib.suppress(KafkaError, OSError, TimeoutError):
            await close(client)
        raise
    return client


async def close(client: Any) -> None:
    """Ends a consumer, producer or admin client."""
    await (client.close() if hasattr(client, "close") else client.stop())
