"""Delivers new events to webhooks: each goes on from its own place in the feed, at its own pace, and is tried again."""

import asyncio
import logging
import random
import time
from dataclasses import replace
from http import HTTPStatus
from typing import Final

import httpx

from services.projection.api.params import Filters
from services.projection.core.signing import message_id, pause_s, signed_headers
from services.projection.progress import Progress, wait_for_bell
from services.projection.settings import ProjectionSettings
from services.projection.store.engine import DATABASE_ERRORS, Engine, follow, is_transient
from services.projection.store.places import PlaceRetired
from services.projection.store.read import feed_after
from services.projection.store.webhooks import (
    Delivery,
    Webhook,
    claim,
    forget,
    next_due_us,
    queue,
    settle,
    webhook_by_id,
    webhooks,
)
from services.projection.targets import Target, TargetRefused, resolve
from shared.events import EVENT

LOOK_EVERY_S: Final = 1.0
"""Another process may write; where ours does, it rings."""
FEED_WINDOW: Final = 500
AT_ONCE: Final = 8
"""Deliveries to one webhook at a time."""
ANSWER_S_MAX: Final = 15.0
"""The specification asks receivers to answer within 15 to 30 s. Well below the lease."""
KEPT_S: Final = 30 * 24 * 3600.0
"""How long the log of deliveries goes back."""
FORGET_EVERY_S: Final = 3600.0
RETRY_AFTER_S_MAX: Final = 24 * 3600
RETRY_S: Final = 2.0

log = logging.getLogger(__name__)


def now_us() -> int:
    return time.time_ns() // 1_000


def body_of(payload: str) -> bytes:
    """What is delivered: `type`, `timestamp` and the event as on the log in `data`."""
    event = EVENT.validate_json(payload)
    head = f'"type":"event.{event.kind}","timestamp":"{event.reported_at.isoformat()}"'
    return f'{{{head},"data":{payload}}}'.encode()


class Courier:
    """Runs one task a webhook, until stopped. Any number of processes may; each delivery is leased to one."""

    def __init__(self, engine: Engine, progress: Progress, settings: ProjectionSettings) -> None:
        self._engine, self._progress, self._settings = engine, progress, settings

    async def run(self, stop: asyncio.Event) -> None:
        running: dict[str, asyncio.Task[None]] = {}
        forgotten_s = 0.0
        # Proxies of the environment are not used: they would resolve the name again, unchecked.
        async with httpx.AsyncClient(timeout=ANSWER_S_MAX, trust_env=False, follow_redirects=False) as client:
            try:
                while not stop.is_set():
                    try:
                        there = {webhook.id for webhook in await webhooks(self._engine)}
                        if time.monotonic() - forgotten_s > FORGET_EVERY_S:
                            await forget(self._engine, now_us() - int(KEPT_S * 1e6))
                            forgotten_s = time.monotonic()
                        for webhook_id in there - running.keys():
                            running[webhook_id] = asyncio.create_task(self._serve(client, webhook_id))
                        for webhook_id in [i for i, task in running.items() if i not in there or task.done()]:
                            await _end(running.pop(webhook_id))
                    except PlaceRetired:
                        await follow(self._engine)
                    except DATABASE_ERRORS as error:
                        if not is_transient(error):
                            raise
                        log.warning("webhooks can't be read: %s", error)
                    await wait_for_bell(stop, LOOK_EVERY_S)
            finally:
                for task in running.values():
                    await _end(task)

    async def _serve(self, client: httpx.AsyncClient, webhook_id: str) -> None:
        """Deliver to one webhook until it is removed."""
        while True:
            bell = self._progress.notice.bell()
            try:
                webhook = await webhook_by_id(self._engine, webhook_id)
                if webhook is None:
                    return
                if await self._look(webhook) or await self._deliver(client, webhook):
                    continue
                due_us = await next_due_us(self._engine, webhook_id)
            except PlaceRetired:
                await follow(self._engine)
                continue
            except DATABASE_ERRORS as error:
                if not is_transient(error):
                    raise
                log.warning("deliveries to %s must wait: %s", webhook_id, error)
                await asyncio.sleep(RETRY_S)
                continue
            left_s = LOOK_EVERY_S if due_us is None else (due_us - now_us()) / 1e6
            await wait_for_bell(bell, max(0.0, min(LOOK_EVERY_S, left_s)))

    async def _look(self, webhook: Webhook) -> bool:
        """Queue what is new in the feed; whether there was anything."""
        wanted = Filters.model_validate_json(webhook.filters).event_filter()
        after = webhook.next_seq - 1
        found, last = await feed_after(self._engine, after, wanted, FEED_WINDOW)
        if last == after:
            return False
        await queue(self._engine, webhook, [(seq, event.id) for seq, event in found], last, now_us())
        return True

    async def _deliver(self, client: httpx.AsyncClient, webhook: Webhook) -> bool:
        """Try what is due; whether there was anything."""
        due = await claim(self._engine, webhook.id, now_us(), AT_ONCE)
        for done in await asyncio.gather(*(self._attempt(client, webhook, *one) for one in due)):
            await settle(self._engine, done)
        return bool(due)

    async def _attempt(self, client: httpx.AsyncClient, webhook: Webhook, delivery: Delivery, payload: str) -> Delivery:
        """How one attempt ends."""
        retry_after_s = 0
        try:
            target = await resolve(webhook.url, self._settings.webhooks_private)
            answer = await _post(client, webhook, delivery, target, body_of(payload))
            status, trouble = answer.status_code, None
            if answer.is_success:
                return replace(delivery, state="delivered", due_us=None, http_status=status, trouble=None)
            trouble = f"answered {status}"
            if answer.headers.get("retry-after", "").isdecimal():
                retry_after_s = min(int(answer.headers["retry-after"][:9]), RETRY_AFTER_S_MAX)
        except TargetRefused as error:
            status, trouble = None, f"the URL {error}"
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            status, trouble = None, f"{type(error).__name__}: {error}"[:500]
        pause = pause_s(delivery.attempts, self._settings.webhook_retry_s, random.random())
        log.warning("delivery %d to %s: %s", delivery.seq, webhook.id, trouble)
        if pause is None or status == HTTPStatus.GONE:
            return replace(delivery, state="failed", due_us=None, http_status=status, trouble=trouble)
        due_us = now_us() + int(max(pause, retry_after_s) * 1e6)
        return replace(delivery, due_us=due_us, http_status=status, trouble=trouble)


async def _post(
    client: httpx.AsyncClient, webhook: Webhook, delivery: Delivery, target: Target, body: bytes
) -> httpx.Response:
    """Call the address that was checked, under the name of the URL. What is answered beside the status is not read."""
    url = httpx.URL(webhook.url)
    headers = signed_headers(webhook.secret, message_id(webhook.id, delivery.seq), int(time.time()), body)
    headers |= {"host": url.netloc.decode(), "content-type": "application/json", "user-agent": "tocsin-webhooks/1"}
    request = client.build_request(
        "POST",
        url.copy_with(host=target.address),
        content=body,
        headers=headers,
        extensions={"sni_hostname": target.host},
    )
    answer = await client.send(request, stream=True)
    await answer.aclose()
    return answer


async def _end(task: asyncio.Task[None]) -> None:
    """Stop it. A delivery that is cut off is tried again, under the same id.

    A defect in serving one webhook is logged and must not stop the read models; it is served anew a moment later.
    """
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("a defect in delivering to a webhook", exc_info=error)
