"""Where the coding is done: it is bound to the CPU, so it runs in other processes (or a thread), never in the loop."""

import asyncio
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Final

from services.extractor.handler import Coder, defect_of, handle
from shared.bus.port import Message
from shared.outcome import Outcome
from shared.web.serve import StartFailed

DEATHS_MAX: Final = 2
"""A process that dies twice on one report, alone, died of it; once may have been the machine's doing."""

log = logging.getLogger(__name__)
LoadCoder = Callable[[], Coder]

_mine = threading.local()
"""`.coder` is the coder of this thread: a process's main thread, or the one thread of a crew without processes."""


def _begin(load: LoadCoder, in_process: bool) -> None:
    if in_process:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent ends us
        threading.Thread(target=_end_with_parent, daemon=True).start()
    _mine.coder = load()


def _end_with_parent() -> None:
    """A parent that is killed can't end its processes, and they would hold its memory and sockets."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _handle(message: Message) -> Outcome[None]:
    return handle(message, _mine.coder)


def _version() -> str:
    coder: Coder = _mine.coder
    return coder.version


class Crew:
    """`workers` processes that hold a coder each; 0: one thread of this process. Use as `async with`.

    `load` must be importable by name where there are processes.
    """

    def __init__(self, load: LoadCoder, workers: int) -> None:
        self._load, self._workers = load, workers
        self._executor: Executor | None = None
        self.coder_version = ""

    async def __aenter__(self) -> "Crew":
        self._executor = self._new_executor()
        try:
            self.coder_version = await asyncio.get_running_loop().run_in_executor(self._executor, _version)
        except BrokenExecutor as error:
            raise StartFailed("the coder can't be loaded; what it raised is above") from error
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._end()

    async def handle_all(self, messages: Sequence[Message]) -> tuple[Outcome[None], ...]:
        """The outcome of each message, in their order. A message that kills its process is Dead ('defect')."""
        outcomes = await asyncio.gather(*map(self._run, messages), return_exceptions=True)
        if not any(isinstance(outcome, BrokenProcessPool) for outcome in outcomes):
            return tuple(map(_sure, outcomes))
        log.warning("a coder's process died; coding its batch one by one")
        await self._renew()
        return tuple([await self._alone(message) for message in messages])

    async def _alone(self, message: Message) -> Outcome[None]:
        for _ in range(DEATHS_MAX):
            try:
                return await self._run(message)
            except BrokenProcessPool:
                await self._renew()
        return defect_of(message, f"the coder's process died on it {DEATHS_MAX} times")

    async def _run(self, message: Message) -> Outcome[None]:
        assert self._executor is not None, "use as `async with`"
        return await asyncio.get_running_loop().run_in_executor(self._executor, _handle, message)

    def _new_executor(self) -> Executor:
        if self._workers == 0:
            return ThreadPoolExecutor(1, "coder", _begin, (self._load, False))
        # spawn: a fork would copy the event loop's threads and locks in whatever state they are
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self._workers, context, _begin, (self._load, True))

    async def _renew(self) -> None:
        await self._end()
        self._executor = self._new_executor()

    async def _end(self) -> None:
        executor, self._executor = self._executor, None
        if executor is not None:
            await asyncio.to_thread(executor.shutdown, cancel_futures=True)


def _sure(outcome: Outcome[None] | BaseException) -> Outcome[None]:
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome
