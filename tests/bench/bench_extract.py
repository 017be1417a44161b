"""How fast one core codes, from raw text to events, beside a plain pass of the same spaCy pipeline over the same texts.

    make bench

Prints figures and judges none: they depend on the machine and on what else it does. Not collected by `make test`.
The measuring is done by a process of its own, bound to one core and one thread: `python -m tests.bench.bench_extract`.
"""

import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tests.bench.texts import ordinary_reports

ROUNDS: Final = 5
"""Of each pass, in turn; the best counts, for what else the machine does only ever slows a pass down."""
ORDINARY_PER_CONFLICT: Final = 4
"""Mixed news: so many reports of ordinary news to each reference report, which is of armed conflict throughout."""
ONE_THREAD: Final = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
SEED: Final = 20
PUBLISHED: Final = datetime(2016, 3, 2, 12, tzinfo=UTC)


def test_one_core() -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "tests.bench.bench_extract"]
    print()
    subprocess.run(command, cwd=root, env=os.environ | ONE_THREAD, check=True)


def say(what: str, figure: str) -> None:
    print(f"{what:<66} {figure}", flush=True)


def measure() -> None:
    """Load, code, and parse plainly; print what each took."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    started = time.perf_counter(), time.process_time()
    from services.extractor.knowledge import load_coder

    coder = load_coder()
    say("loading", f"{time.perf_counter() - started[0]:8.1f} s ({time.process_time() - started[1]:.1f} s of CPU)")

    from tests.golden.reference import load_reports

    conflict = [report.body for report in load_reports()]
    ordinary = ordinary_reports(ORDINARY_PER_CONFLICT * len(conflict), random.Random(SEED))
    mixed = [*conflict, *ordinary]
    random.Random(SEED).shuffle(mixed)
    say("memory of a worker, loaded", f"{_memory_mb():8.0f} MB")
    sets = (("conflict news", conflict), (f"mixed news, {ORDINARY_PER_CONFLICT}:1", mixed), ("ordinary news", ordinary))
    ours = {name: _passes(lambda bodies=bodies: _code(coder.code, bodies)) for name, bodies in sets}  # type: ignore[misc]
    say("memory of a worker after all of it", f"{_memory_mb():8.0f} MB")

    from services.extractor.core.text import sentences
    from services.extractor.parser import BATCH_TEXTS, SpacyParser

    nlp = SpacyParser()._nlp
    for name, bodies in sets:
        count = sum(len(sentences(body)) for body in bodies)
        plain_s = _passes(lambda bodies=bodies: [len(doc) for doc in nlp.pipe(bodies, batch_size=BATCH_TEXTS)])  # type: ignore[misc]
        ours_s = min(ours[name], _passes(lambda bodies=bodies: _code(coder.code, bodies)))  # type: ignore[misc]
        say(f"{name}: {len(bodies)} reports, {count} sentences", "")
        say("  raw text to events", f"{len(bodies) / ours_s:8.1f} reports/s {count / ours_s:8.0f} sentences/s")
        say(
            "  a plain pass of the parser", f"{len(bodies) / plain_s:8.1f} reports/s {count / plain_s:8.0f} sentences/s"
        )
        say("  events as fast as the plain pass, times", f"{plain_s / ours_s:8.2f}")


def _code(code: Callable[..., object], bodies: Sequence[str]) -> None:
    from shared.reports import RawReport, Report

    for body in bodies:
        code(RawReport.of(Report(outlet="Bench", body=body, published_at=PUBLISHED), PUBLISHED))


def _passes(run: Callable[[], object]) -> float:
    """Seconds of CPU of the fastest of some passes."""
    took: list[float] = []
    for _ in range(ROUNDS):
        started = time.process_time()
        run()
        took.append(time.process_time() - started)
    return min(took)


def _memory_mb() -> float:
    """The most that this process has held in memory at once."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    measure()
