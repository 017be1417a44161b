"""The faust app: reads `reports.raw.v1` on Kafka as one worker of a group.

Faust gives what it is good at, a group of workers that share partitions. What it is known to do badly is kept away:
- It acknowledges a message when the agent asks for the next one, or leaves by an exception. So the agent only hands
  messages over (`noack`), never raises, and each is acknowledged after our own producer has published its answer.
- It commits past a message acknowledged out of order (its check for a gap is off by one). So batches are settled one
  after another and acknowledged in the order they came.
- It keeps what it was given before a rebalance. So an acknowledgement of an older generation is dropped.
- It skips, and so acknowledges, messages that arrive during a rebalance. Nothing here can prevent that: the ledger
  (`reconcile.py`) finds what has no answer and codes it.
"""

import asyncio
import logging
from typing import Any, Final

from services.extractor.progress import Progress
from services.extractor.settings import ExtractorSettings
from services.extractor.stream import GROUP, Halted, Settler
from shared.bus.kafka_client import KafkaOptions
from shared.bus.port import BusUnavailable, Headers, Message
from shared.topics import RAW

SESSION_TIMEOUT_S: Final = 10.0
HEARTBEAT_S: Final = 2.0
COMMIT_S: Final = 1.0
"""Measured on Apache Kafka with these three: a killed worker's partitions move in 12 to 28 s, without storms."""
LOOK_S: Final = 1.0
JOINING: Final = "joining the group on Kafka"
STOP_S_MAX: Final = 6.0
"""The whole house has 10 s to stop; what faust could not commit by then is read and settled again."""

log = logging.getLogger(__name__)


def headers_of(headers: object) -> Headers:
    """Kafka's headers, which faust gives as a list of pairs, a dict or None."""
    pairs = headers.items() if isinstance(headers, dict) else headers
    if not isinstance(pairs, list | tuple) and not hasattr(pairs, "__iter__"):
        return ()
    return tuple((str(name), bytes(value or b"")) for name, value in pairs)


def message_of(given: Any) -> Message:
    """The message that a faust event carries, as our readers give it."""
    return Message(
        given.topic,
        given.partition,
        given.offset,
        round((given.timestamp or 0.0) * 1000),
        given.key,
        given.value,
        headers_of(given.headers),
    )


class KafkaStream:
    """One worker of the group. `run` returns when `stop` is set and everything settled is committed."""

    def __init__(
        self, options: KafkaOptions, settings: ExtractorSettings, settler: Settler, progress: Progress
    ) -> None:
        self._settler, self._progress = settler, progress
        self._batch_max = settings.batch_messages_max
        self._queue: asyncio.Queue[tuple[Any, Any]] = asyncio.Queue(self._batch_max)
        self._app = self._new_app(options, settings)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`. Raises Halted where the settler does or faust crashes; what is unsettled stays unread."""
        tasks = [
            asyncio.create_task(work, name=name)
            for name, work in (
                ("settle", self._settle_all(stop)),
                ("assignment", self._watch_assignment(stop)),
                ("faust", self._app.wait_until_stopped()),
                ("stop", stop.wait()),
            )
        ]
        self._progress.waits_for = JOINING
        try:
            await self._app.start()
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if self._app.crashed:
                raise Halted(f"faust crashed: {self._app.crash_reason!r}")
            for task in done:
                task.result()
            stop.set()
            await tasks[0]  # the batch under way is settled and acknowledged before faust stops
        finally:
            stopped = asyncio.create_task(self._app.stop())
            _, late = await asyncio.wait([stopped], timeout=STOP_S_MAX)
            if late:
                log.warning("faust did not stop within %g s; what it has not committed will be read again", STOP_S_MAX)
            for task in (*tasks, *late):
                task.cancel()
            await asyncio.gather(*tasks, *late, return_exceptions=True)

    def _new_app(self, options: KafkaOptions, settings: ExtractorSettings) -> Any:
        import faust  # half a second to import; the embedded log does without
        from mode.supervisors import CrashingSupervisor

        settings.data_path.mkdir(parents=True, exist_ok=True)
        app = faust.App(
            GROUP,
            broker=[f"kafka://{server}" for server in options.bootstrap_servers.split(",")],
            broker_credentials=_credentials(options),
            store="memory://",
            datadir=settings.data_path,
            autodiscover=False,
            web_enabled=False,
            key_serializer="raw",
            value_serializer="raw",
            topic_allow_declare=False,
            topic_disable_leader=True,
            reply_create_topic=False,
            consumer_auto_offset_reset="earliest",
            broker_session_timeout=SESSION_TIMEOUT_S,
            broker_heartbeat_interval=HEARTBEAT_S,
            broker_commit_interval=COMMIT_S,
            stream_wait_empty=False,  # a rebalance need not wait: what is unacknowledged is read again
            stream_buffer_maxsize=self._batch_max,
            loop=asyncio.get_running_loop(),
        )

        async def raw_reports(stream: Any) -> None:
            unacknowledged = stream.noack()
            async for event in unacknowledged.events():
                await self._queue.put((unacknowledged, event))

        app.agent(
            app.topic(RAW.name, key_serializer="raw", value_serializer="raw"),
            name="raw_reports",
            supervisor_strategy=CrashingSupervisor,
        )(raw_reports)
        return app

    async def _settle_all(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                batch = [await asyncio.wait_for(self._queue.get(), LOOK_S)]
            except TimeoutError:
                continue
            while len(batch) < self._batch_max and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            try:
                await self._settler.settle([message_of(event.message) for _, event in batch], stop)
            except BusUnavailable:  # only once `stop` is set
                return
            for stream, event in batch:
                if event.message.generation_id == self._app.consumer_generation_id:
                    await stream.ack(event)

    async def _watch_assignment(self, stop: asyncio.Event) -> None:
        from faust.exceptions import ConsumerNotStarted

        while not stop.is_set():
            try:
                given = self._app.consumer.assignment()
            except ConsumerNotStarted:
                given = ()
            self._progress.assigned = tuple(sorted(where.partition for where in given if where.topic == RAW.name))
            if self._progress.assigned and self._progress.waits_for == JOINING:
                self._progress.waits_for = None
            await asyncio.sleep(LOOK_S)


def _credentials(options: KafkaOptions) -> Any:
    import faust

    if options.security_protocol.startswith("SASL"):
        return faust.SASLCredentials(
            username=options.sasl_username,
            password=options.sasl_password,
            mechanism=options.sasl_mechanism,
            ssl_context=options.ssl_context,
        )
    return faust.SSLCredentials(options.ssl_context) if options.ssl_context is not None else None
