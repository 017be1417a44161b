"""Webhooks over HTTP, on both databases: signed, tried again, resumed, and kept out of the house."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from prometheus_client import CollectorRegistry
from starlette.responses import Response

from services.projection.api import build_app
from services.projection.api.context import Context
from services.projection.courier import Courier
from services.projection.groups import read_groups
from services.projection.progress import Progress
from services.projection.settings import ProjectionSettings
from services.projection.store.engine import Engine
from services.projection.store.write import Writer
from shared.events.base import BaseEvent
from shared.web.serve import bind, serve_on, url_of
from tests.integration.test_projection_store import changes
from tests.unit.projection.made import event, lay, report, strike

SETTINGS = ProjectionSettings(webhooks_private=True, webhook_retry_s=0.05)
Log = list[dict[str, Any]]
SECRET = "whsec_" + base64.b64encode(b"k" * 24).decode()


@dataclass
class Receiver:
    """What came in, and what to answer: the statuses in turn, then 204."""

    url: str = ""
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    def ids(self) -> list[str]:
        return [json.loads(body)["data"]["id"] for _, body in self.came]


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver, app, stop = Receiver(), FastAPI(), asyncio.Event()

    @app.post("/hook")
    async def hook(request: Request) -> Response:
        receiver.came.append((dict(request.headers), await request.body()))
        return Response(status_code=receiver.statuses.pop(0) if receiver.statuses else 204)

    listener = bind("127.0.0.1", 0)
    receiver.url = url_of(listener) + "/hook"
    async with asyncio.TaskGroup() as group:
        group.create_task(serve_on(app, listener, stop))
        yield receiver
        stop.set()


@dataclass
class House:
    engine: Engine
    client: httpx.AsyncClient
    progress: Progress
    settings: ProjectionSettings

    async def arrive(self, *events: BaseEvent) -> None:
        await Writer(self.engine).write(changes(lay([], events, [])), {}, {})
        self.progress.notice.ring()

    @asynccontextmanager
    async def delivering(self) -> AsyncIterator[None]:
        stop = asyncio.Event()
        running = asyncio.create_task(Courier(self.engine, self.progress, self.settings).run(stop))
        try:
            yield
        finally:
            stop.set()
            await running

    async def log(self, webhook: dict[str, Any]) -> list[dict[str, Any]]:
        answer = await self.client.get(f"/v1/webhooks/{webhook['id']}/deliveries")
        assert answer.status_code == 200
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def until(
        self, webhook: dict[str, Any], good: Callable[[list[dict[str, Any]]], bool]
    ) -> list[dict[str, Any]]:
        async with asyncio.timeout(20):
            while True:
                found = await self.log(webhook)
                if good(found):
                    return found
                await asyncio.sleep(0.02)

    async def until_states(self, webhook: dict[str, Any], *states: str) -> list[dict[str, Any]]:
        return await self.until(webhook, lambda found: [d["state"] for d in found] == list(states))

    async def add(self, url: str, **fields: Any) -> dict[str, Any]:
        answer = await self.client.post("/v1/webhooks", json={"url": url, **fields})
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made


@asynccontextmanager
async def serving(engine: Engine, settings: ProjectionSettings) -> AsyncIterator[House]:
    registry, stop = CollectorRegistry(), asyncio.Event()
    progress = Progress(registry)
    listener = bind("127.0.0.1", 0)
    app = build_app(Context(engine, progress, settings, read_groups(), stop), registry)
    async with asyncio.TaskGroup() as group:
        group.create_task(serve_on(app, listener, stop))
        async with httpx.AsyncClient(base_url=url_of(listener), timeout=20) as client:
            yield House(engine, client, progress, settings)
        stop.set()


async def test_new_events_that_match_are_delivered_signed(engine: Engine) -> None:
    async with receiving() as receiver, serving(engine, SETTINGS) as house, house.delivering():
        await house.arrive(strike(1))  # before the webhook: not its matter
        hook = await house.add(receiver.url, secret=SECRET, filters={"kind": ["airstrike"], "place": ["Gori"]})
        await house.arrive(strike(2), event("talks", report(3)), strike(4))
        log = await house.until_states(hook, "delivered", "delivered")
        assert sorted(receiver.ids()) == sorted([strike(2).id, strike(4).id])
        for headers, body in receiver.came:
            signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
            digest = base64.b64encode(hmac.new(b"k" * 24, signed, hashlib.sha256).digest()).decode()
            assert headers["webhook-signature"] == f"v1,{digest}"
            assert json.loads(body)["type"] == "event.airstrike"
        assert {d["webhook_id_header"] for d in log} == {headers["webhook-id"] for headers, _ in receiver.came}
        assert [(d["seq"], d["attempts"], d["http_status"]) for d in log] == [(4, 1, 204), (2, 1, 204)]


async def test_a_failed_delivery_is_tried_again_under_its_id(engine: Engine) -> None:
    async with receiving() as receiver, serving(engine, SETTINGS) as house, house.delivering():
        receiver.statuses = [500, 302]
        hook = await house.add(receiver.url)
        await house.arrive(strike(1))
        [done] = await house.until_states(hook, "delivered")
        assert done["attempts"] == 3
        assert len({headers["webhook-id"] for headers, _ in receiver.came}) == 1
        assert len({body for _, body in receiver.came}) == 1
        receiver.statuses = [410]
        await house.arrive(strike(2))
        gone, _ = await house.until_states(hook, "failed", "delivered")
        assert (gone["trouble"], "next_attempt_at" in gone) == ("answered 410", False)


async def test_it_goes_on_where_it_was_after_a_restart(engine: Engine) -> None:
    async with receiving() as receiver, serving(engine, SETTINGS) as house:
        hook = await house.add(receiver.url, after=0)
        async with house.delivering():
            await house.arrive(strike(1))
            await house.until_states(hook, "delivered")
        await house.arrive(strike(2), strike(3))
        assert len(receiver.came) == 1
        async with house.delivering(), house.delivering():  # two processes do not double it
            await house.until_states(hook, "delivered", "delivered", "delivered")
        assert sorted(receiver.ids()) == sorted(strike(n).id for n in (1, 2, 3))
        page = (await house.client.get(f"/v1/webhooks/{hook['id']}/deliveries?limit=2")).json()
        rest = (await house.client.get(f"/v1/webhooks/{hook['id']}/deliveries?limit=2&cursor={page['next']}")).json()
        assert [d["seq"] for d in page["items"] + rest["items"]] == [3, 2, 1]


async def test_a_receiver_that_is_away_holds_up_nobody_else(engine: Engine) -> None:
    async with receiving() as receiver, serving(engine, SETTINGS) as house, house.delivering():
        closed = bind("127.0.0.1", 0)
        away = await house.add(url_of(closed))
        closed.close()
        hook = await house.add(receiver.url)
        await house.arrive(strike(1))
        await house.until_states(hook, "delivered")
        [waiting] = await house.log(away)
        assert waiting["state"] == "pending"
        assert (await house.client.delete(f"/v1/webhooks/{away['id']}")).status_code == 204
        assert (await house.client.delete(f"/v1/webhooks/{away['id']}")).status_code == 404
        shown = (await house.client.get("/v1/webhooks")).json()["items"]
        assert [(w["id"], "secret" in w) for w in shown] == [(hook["id"], False)]


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"url": "http://127.0.0.1/x"}, "url", "no public address"),
    ({"url": "http://[::ffff:10.0.0.1]/x"}, "url", "no public address"),
    ({"url": "http://localhost/x"}, "url", "no public address"),
    ({"url": "ftp://8.8.8.8/"}, "url", "http or https"),
    ({"url": "https://user@8.8.8.8/"}, "url", "user name"),
    ({"url": "https://8.8.8.8:99999/"}, "url", "port"),
    ({"url": "https://8.8.8.8/", "secret": "whsec_c2hvcnQ="}, "secret", "24 to 64 bytes"),
    ({"url": "https://8.8.8.8/", "filters": {"kind": ["war"]}}, "filters", "airstrike"),
    ({"url": "https://8.8.8.8/", "filters": {"as_of": "2008-08-08T00:00:00Z"}}, "filters", "as_of"),
    ({"url": "https://8.8.8.8/", "extra": 1}, "extra", ""),
]


async def test_bad_webhooks_name_the_field(engine: Engine) -> None:
    async with serving(engine, ProjectionSettings()) as house:
        for body, name, says in BAD:
            answer = await house.client.post("/v1/webhooks", json=body)
            assert answer.status_code == 400, body
            [error] = answer.json()["errors"]
            assert error["field"].startswith(name), body
            assert says in error["problem"] + error["mend"], body


async def test_an_address_within_is_not_called_though_the_webhook_is_there(engine: Engine) -> None:
    async with receiving() as receiver, serving(engine, SETTINGS) as house:
        hook = await house.add(receiver.url, after=0)
        await house.arrive(strike(1))
        house.settings = ProjectionSettings(webhook_retry_s=0.05)
        async with house.delivering():
            log = await house.until(hook, lambda found: bool(found) and "trouble" in found[0])
        assert "no public address" in log[0]["trouble"]
        assert receiver.came == []


async def test_a_token_is_asked_for(engine: Engine) -> None:
    async with serving(engine, ProjectionSettings.model_validate({"token": "s3cret"})) as house:
        assert (await house.client.get("/v1/webhooks")).status_code == 401
        assert (await house.client.post("/v1/webhooks", json={"url": "https://8.8.8.8/"})).status_code == 401
        answer = await house.client.get("/v1/webhooks", headers={"Authorization": "Bearer s3cret"})
        assert answer.json() == {"items": []}


def test_a_host_beyond_loopback_needs_a_token() -> None:
    with pytest.raises(ValueError, match="TOCSIN_PROJECTION_TOKEN"):
        ProjectionSettings(host="0.0.0.0")
    assert ProjectionSettings.model_validate({"host": "0.0.0.0", "token": "s3cret"}).token is not None
    assert ProjectionSettings(host="::1").token is None
