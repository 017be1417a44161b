"""How this application talks to aiokafka: time limits, what an error means, and clients that are made when needed.

aiokafka has no types, so what it gives is `Any` here and typed again at the port.
"""

import asyncio
import contextlib
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import (
    InvalidTopicError,
    KafkaError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    UnknownTopicOrPartitionError,
)

from shared.bus.port import BusError, BusUnavailable, MessageRefused

log = logging.getLogger(__name__)

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


class Held:
    """A client that is made at its first use, kept, and made anew after a failure, so that a broker may come and go."""

    def __init__(self, make: Callable[[], Awaitable[Any]], servers: str) -> None:
        self._make, self._servers = make, servers
        self._lock = asyncio.Lock()
        self._client: Any = None
        self._closing: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def use(self) -> AsyncIterator[Any]:
        """The client, for one call of at most `CALL_S_MAX`. Whatever aiokafka raises leaves as a `BusError`."""
        client: Any = None
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

    def _give_up(self, client: Any) -> None:
        if self._client is not client:
            return  # another task met the same failure first
        self._client = None
        closing = asyncio.ensure_future(close(client))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await close(client)
        if self._closing:
            await asyncio.wait(set(self._closing))


async def started(client: Any) -> Any:
    """The client after `start()`, closed again where that fails.

    Who is cancelled meanwhile waits for it (at most `CLOSE_S_MAX`): cancelled itself, aiokafka 0.14 loses sight of the
    connection by which it asks for the cluster.
    """
    starting = asyncio.ensure_future(client.start())
    try:
        await asyncio.shield(starting)
    except BaseException:
        await asyncio.wait({starting}, timeout=CLOSE_S_MAX)
        starting.cancel()
        await asyncio.wait({starting})
        if not starting.cancelled():
            starting.exception()  # looked at, so that asyncio doesn't complain of it
        await close(client)
        raise
    return client


async def close(client: Any) -> None:
    """Ends a consumer, producer or admin client within `CLOSE_S_MAX`, whether or not its broker is there.

    In a task of its own, because aiokafka lets the cancellation of its inner tasks escape.
    """
    ending = asyncio.ensure_future(_end(client))
    await asyncio.wait({ending}, timeout=CLOSE_S_MAX)
    if not ending.done():
        ending.cancel()
        await asyncio.wait({ending})
    if not ending.cancelled() and (error := ending.exception()) is not None:
        log.debug("closing %r failed: %r", client, error)
    connections = client.client if isinstance(client, AIOKafkaProducer) else client._client
    await connections.close()


async def _end(client: Any) -> None:
    if isinstance(client, AIOKafkaProducer):
        # Its `stop()` first waits for everything unsent, and an idempotent producer never gives up on that: with the
        # broker away it would never return. Whoever published what is unsent has been told, or will be.
        client._closed = True
        await client._sender.close()
    elif isinstance(client, AIOKafkaConsumer):
        await client.stop()
    else:
        await client.close()
