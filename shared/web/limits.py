"""Limits on what a request may bring: bytes of body, time to send it, and how much may be in flight at once."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from fastapi import Request
from starlette.requests import ClientDisconnect

from shared.web.problems import Problem, ProblemError

BODY_READ_S_MAX: Final = 30.0
"""A client that needs longer for its body holds a place that others wait for."""


def _too_large(bytes_max: int, mend: str) -> ProblemError:
    return ProblemError(
        Problem(413, "too-large", "The body is too large", f"The body is over {bytes_max:,} bytes; {mend}.")
    )


async def read_body(request: Request, bytes_max: int, mend: str, read_s_max: float = BODY_READ_S_MAX) -> bytes:
    """The whole body, never holding more than `bytes_max` bytes and one chunk.

    Raises ProblemError: 413 over the limit (before reading, where Content-Length says so), 408 when it takes longer
    than `read_s_max` seconds, 400 when the client left.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > bytes_max:
        raise _too_large(bytes_max, mend)
    body = bytearray()
    try:
        async with asyncio.timeout(read_s_max):
            async for chunk in request.stream():
                body += chunk
                if len(body) > bytes_max:
                    raise _too_large(bytes_max, mend)
    except TimeoutError:
        detail = f"The body did not arrive within {read_s_max:g} seconds; send it again."
        raise ProblemError(Problem(408, "too-slow", "The body came too slowly", detail)) from None
    except ClientDisconnect:
        raise ProblemError(Problem(400, "cut-off", "The body was cut off", "The connection closed early.")) from None
    return bytes(body)


class InFlight:
    """Counts the weight of the requests under way and refuses what would pass the cap (429, Retry-After)."""

    def __init__(self, weight_max: int, retry_after_s: int = 1) -> None:
        self.weight_max, self.weight, self._retry_after_s = weight_max, 0, retry_after_s

    @contextmanager
    def admit(self, weight: int) -> Iterator[None]:
        """Hold a place while the block runs. Raises ProblemError 429 where there is none."""
        if self.weight + weight > self.weight_max:
            raise ProblemError(
                Problem(
                    429,
                    "busy",
                    "Too many requests are under way",
                    f"Send again after {self._retry_after_s} s, or send fewer at once.",
                    retry_after_s=self._retry_after_s,
                )
            )
        self.weight += weight
        try:
            yield
        finally:
            self.weight -= weight
