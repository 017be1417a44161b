"""`tocsin recode`: what a new coder makes of the whole log, beside what the old one made; and the switch."""

from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.log import open_log, run
from services.cli.problem import CliError
from services.cli.rebuild import open_database

if TYPE_CHECKING:
    from services.projection.core.recoding import Tally
    from services.projection.store.engine import Engine
    from shared.bus.port import Bus, OutgoingMessage

BATCH_REPORTS = 32
READ_WAIT_MS = 500
NEWEST = "newest"


def recode(
    switch: Annotated[
        str | None,
        typer.Option(help=f"Let the read models follow this coder version, or '{NEWEST}' of each report."),
    ] = None,
    examples: Annotated[int, typer.Option(min=0, max=100, help="Examples of each sort of difference, per kind.")] = 3,
    publish: Annotated[bool, typer.Option(help="Put the new events on the log, beside the old.")] = True,
) -> None:
    """Code all reports with the present coder beside the old, and show what that gains, loses and changes.

    The read models stay with the old version, pinned, until `tocsin recode --switch VERSION`; the same leads back.
    """
    if switch is not None:
        run(_switch(switch))
    else:
        run(_recode(examples, publish))


async def _switch(version: str) -> None:
    from services.projection.store.pins import coders, pin, unpin

    async with open_database() as engine:
        known = await coders(engine)
        if version == NEWEST:
            await unpin(engine)
        elif version in known.versions:
            await pin(engine, version)
        else:
            there = ", ".join(known.versions) or "none yet"
            raise CliError(f"no report was coded by version {version!r}; there are: {there}")
        before = known.pinned[0] if known.pinned else "the newest of each report"
        print(f"the read models follow {version} now; before it was {before}")
        left = 0 if version == NEWEST else known.reports - known.versions[version]
        if left:
            print(f"{left:,} reports were not coded by it; of each of those the coder that counted before still does")


async def _recode(examples: int, publish: bool) -> None:
    from services.projection.core.recoding import Tally
    from services.projection.store.pins import coders

    async with open_log() as bus, open_database() as engine:
        old = (await coders(engine)).first
        if old is None:
            raise CliError("nothing was coded yet, so there is nothing to compare with")
        tally = Tally(examples)
        new, published = await _code_all(bus, engine, tally, publish)
        _show(tally, new)
        if not publish:
            print("nothing was published, as asked")
            return
        print(f"published the events of {published:,} reports that {new} had not coded yet")
        if new == old:
            print(f"the read models follow {new} already")
        else:
            print(f"the read models stay with what they had; switch with `tocsin recode --switch {new}`, and back with "
                  f"`tocsin recode --switch {old}`")  # fmt: skip


async def _code_all(bus: "Bus", engine: "Engine", tally: "Tally", publish: bool) -> tuple[str, int]:
    """Code every raw report, tally the difference, publish what is new; the version, and how many were published."""
    import functools

    from services.cli.bar import bar
    from services.cli.log import partitions
    from services.extractor.crew import Crew
    from services.extractor.main import load_knowledge
    from services.extractor.settings import ExtractorSettings
    from services.projection.store.pins import coded_by, coders, events_that_count, pin
    from shared.codec import decode
    from shared.events import EVENT
    from shared.outcome import Done
    from shared.reports import RawReport
    from shared.topics import CODED, RAW

    settings, published = ExtractorSettings(), 0
    wheres = await partitions(bus, [RAW.name])
    begin, ends = await bus.beginnings(wheres), await bus.ends(wheres)
    async with Crew(functools.partial(load_knowledge, settings.gazetteer_path), settings.workers) as crew:
        version, first = crew.coder_version, (await coders(engine)).first
        if publish and first is not None:
            await pin(engine, first)  # or the new events might count as soon as they are on the log
        with bar("coding again", sum(ends.values()) - sum(begin.values())) as advance:
            async with bus.reader(begin) as reader:
                while any(reader.positions()[where] < end for where, end in ends.items()):
                    read = [m for m in await reader.read(BATCH_REPORTS, READ_WAIT_MS) if m.offset < ends[m.where]]
                    outcomes = await crew.handle_all(read)
                    reports = [decode(message) for message in read]
                    ids = [report.id for report in reports if isinstance(report, RawReport)]
                    before, done = await events_that_count(engine, ids), await coded_by(engine, version, ids)
                    made: list[OutgoingMessage] = []
                    for report, outcome in zip(reports, outcomes, strict=True):
                        if not isinstance(report, RawReport):
                            continue  # it has its dead letter from when it was first read
                        if not isinstance(outcome, Done):
                            tally.fail(report.id)
                            continue
                        found = [m.value for m in outcome.publish if m.topic != CODED.name and m.value is not None]
                        tally.add(before.get(report.id, ()), [EVENT.validate_json(value) for value in found])
                        if report.id not in done:
                            made += outcome.publish
                            published += 1
                    if publish:
                        await bus.publish(made)
                    advance(len(read))
    return version, published


def _show(tally: "Tally", new: str) -> None:
    print(f"{tally.reports:,} reports coded by {new}, beside what counts now")
    print(f"{'kind':<22}{'same':>9}{'gained':>9}{'lost':>9}{'changed':>9}")
    for kind in sorted(tally.counts):
        counts = tally.counts[kind]
        print(f"{kind:<22}" + "".join(f"{counts[sort]:>9,}" for sort in ("same", "gained", "lost", "changed")))
    for kind, sort, shown in tally.examples():
        print(f"  {sort} {kind} in {shown.report_id}: “{shown.quote}”")
        for field, before, after in shown.fields:
            print(f"      {field}: {before} → {after}")
    if tally.failures:
        print(f"{len(tally.failures):,} reports could not be coded, the first of them {tally.failures[0]}; their old "
              "events stay")  # fmt: skip
