"""Run an app on uvicorn until a signal, cleanly; and start a service so that what stops it is one clear line."""

import asyncio
import contextlib
import errno
import logging
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from typing import Final

import uvicorn
from starlette.types import ASGIApp

GRACE_S: Final = 5
"""Open requests (a live feed among them) get this long to end; the whole house has 10 s to stop."""
BACKLOG: Final = 512
CHATTY: Final = ("aiokafka", "faust", "mode", "httpx", "uvicorn")
"""Libraries that report their every step at the level at which we report ours."""

log = logging.getLogger(__name__)


class StartFailed(Exception):
    """The service can't run; the message is the one line that says why and how to mend it."""


class _Server(uvicorn.Server):
    """uvicorn that leaves the signals to `stop_on_signals`, because a service stops more than its web server."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises StartFailed for a port that is taken or not allowed."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise StartFailed(f"port {port} on {host} is taken; stop what listens there or set another port") from None
        raise StartFailed(f"can't listen on {host}:{port}: {error.strerror}") from None
    return listener


def url_of(listener: socket.socket) -> str:
    """The address of a listening socket, as in `http://127.0.0.1:8001`."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM or SIGINT sets."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


async def serve(app: ASGIApp, host: str, port: int, stop: asyncio.Event | None = None) -> None:
    """Serve until `stop` is set (without one: until SIGTERM or SIGINT), then end open requests within `GRACE_S`.

    Raises StartFailed for a port that can't be had.
    """
    await serve_on(app, bind(host, port), stop or stop_on_signals())


async def serve_on(app: ASGIApp, listener: socket.socket, stop: asyncio.Event) -> None:
    """As `serve`, on a socket that is bound already; closes it."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
        backlog=BACKLOG,
    )
    server = _Server(config)

    async def end() -> None:
        await stop.wait()
        server.should_exit = True

    ending = asyncio.create_task(end())
    log.info("listening on %s", url_of(listener))
    try:
        await server.serve(sockets=[listener])
    finally:
        ending.cancel()
        listener.close()


def run(service: str, main: Callable[[], Awaitable[None]]) -> int:
    """Run a service's main to its end; the exit code. A StartFailed is one line on standard error and exit code 1."""
    logging.basicConfig(
        level=logging.INFO, format=f"%(asctime)s {service} %(levelname)s %(message)s", stream=sys.stderr
    )

    for chatty in CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)

    async def entry() -> None:
        await main()

    try:
        asyncio.run(entry())
    except StartFailed as error:
        print(f"{service}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0
