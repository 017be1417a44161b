"""Webhooks: who is told of new events, and the log of what was delivered."""

import secrets
import time
from typing import Annotated, Any, Final
from uuid import uuid4

from fastapi import APIRouter, Depends, Path, Request
from fastapi import Query as InQuery
from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from services.projection.api.context import Context, after_key, next_cursor
from services.projection.api.params import Filters, Paged, bad_request, refuse_doubled
from services.projection.api.routes_models import NOT_FOUND, PROBLEMS, not_found
from services.projection.core.signing import SECRET_BYTES_MIN, message_id, secret_bytes, write_secret
from services.projection.core.times import instant
from services.projection.store.places import PlaceRetired
from services.projection.store.webhooks import (
    State,
    Webhook,
    add_webhook,
    deliveries_page,
    remove_webhook,
    webhook_by_id,
    webhooks,
)
from services.projection.targets import TargetRefused, resolve
from shared.model import Instant
from shared.web.problems import Problem, ProblemDetails, ProblemError

WEBHOOKS_MAX: Final = 100
"""Each reads the feed by itself."""
NOT_IN_WEBHOOKS: Final = ("as_of", "min_position", "wait_s")

WebhookIdPath = Annotated[str, Path(pattern=r"^w_[0-9a-f]{32}$")]


class NewWebhook(BaseModel):
    """`filters` are the parameters of GET /v1/stream; lists for those that may be repeated."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"url": "https://example.org/hook", "filters": {"kind": ["airstrike"]}}]},
    )

    url: str = Field(min_length=1, max_length=2_000, description="http or https; redirects are not followed.")
    filters: Filters = Filters()
    secret: str | None = Field(
        default=None, description="whsec_ and the base64 of 24 to 64 bytes; without, one is made and shown once."
    )
    after: int | None = Field(
        default=None, ge=0, le=2**62, description="Begin after this number of the feed; without it with what comes."
    )

    @field_validator("secret")
    @classmethod
    def _is_secret(cls, value: str | None) -> str | None:
        if value is not None:
            secret_bytes(value)
        return value

    @field_validator("filters")
    @classmethod
    def _of_what_comes(cls, value: Filters, _: ValidationInfo) -> Filters:
        wrong = [name for name in NOT_IN_WEBHOOKS if name in value.model_fields_set]
        if wrong:
            raise ValueError(f"has {wrong[0]}, which says nothing of events to come; leave it out")
        return value


class WebhookShown(BaseModel):
    id: str
    url: str
    filters: dict[str, Any]
    created_at: Instant
    looked_at: int = Field(description="The last number of the feed that was looked at for it.")


class WebhookMade(WebhookShown):
    secret: str = Field(description="Shown this once; deliveries are signed with it.")


class Webhooks(BaseModel):
    items: list[WebhookShown]


class DeliveryShown(BaseModel):
    webhook_id_header: str = Field(description="The `webhook-id` of every attempt.")
    seq: int
    event_id: str
    state: State
    attempts: int
    attempted_at: Instant | None = None
    next_attempt_at: Instant | None = None
    http_status: int | None = None
    trouble: str | None = None


class Deliveries(BaseModel):
    items: list[DeliveryShown]
    next: str | None = None


class DeliveriesQuery(Paged):
    state: list[State] = Field(default=[], max_length=3)


def _shown(webhook: Webhook) -> dict[str, Any]:
    return {
        "id": webhook.id,
        "url": webhook.url,
        "filters": Filters.model_validate_json(webhook.filters).model_dump(
            mode="json", by_alias=True, exclude_defaults=True
        ),
        "created_at": instant(webhook.created_us),
        "looked_at": webhook.next_seq - 1,
    }


def rebuilt() -> ProblemError:
    detail = "The read models were rebuilt this moment; ask again."
    return ProblemError(Problem(503, "rebuilt", "Not now", detail, retry_after_s=3))


def webhooks_router(context: Context) -> APIRouter:
    """/v1/webhooks. Where the service has a token, it is asked for here as everywhere."""
    router = APIRouter(prefix="/v1/webhooks", tags=["live"], dependencies=[Depends(refuse_doubled)])
    engine = context.engine

    @router.post("", status_code=201, response_model=WebhookMade, responses=PROBLEMS | {409: {"model": ProblemDetails}})
    async def post_webhook(new: NewWebhook) -> WebhookMade:
        """Have new events that match delivered to a URL, signed (Standard Webhooks), and tried again where it fails."""
        new.filters.event_filter()
        try:
            await resolve(new.url, context.settings.webhooks_private)
        except TargetRefused as error:
            mend = "give a public https URL; the setting TOCSIN_PROJECTION_WEBHOOKS_PRIVATE allows addresses within"
            raise bad_request("url", str(error), mend) from None
        webhook = Webhook(
            id=f"w_{uuid4().hex}",
            url=new.url,
            secret=new.secret or write_secret(secrets.token_bytes(SECRET_BYTES_MIN)),
            filters=new.filters.model_dump_json(by_alias=True, exclude_defaults=True),
            created_us=time.time_ns() // 1_000,
            next_seq=0 if new.after is None else new.after + 1,
        )
        try:
            added = await add_webhook(engine, webhook, WEBHOOKS_MAX)
        except PlaceRetired:
            raise rebuilt() from None
        if added is None:
            detail = f"There are {WEBHOOKS_MAX} webhooks; remove one that is not needed."
            raise ProblemError(Problem(409, "too-many-webhooks", "No more webhooks", detail))
        return WebhookMade(**_shown(added), secret=added.secret)

    @router.get("", response_model=Webhooks, responses=PROBLEMS)
    async def get_webhooks() -> Webhooks:
        """All webhooks, without their secrets."""
        return Webhooks(items=[WebhookShown(**_shown(webhook)) for webhook in await webhooks(engine)])

    @router.get("/{webhook_id}", response_model=WebhookShown, responses=NOT_FOUND)
    async def get_webhook(webhook_id: WebhookIdPath) -> WebhookShown:
        """One webhook, without its secret."""
        return WebhookShown(**_shown(await _found(webhook_id)))

    @router.delete("/{webhook_id}", status_code=204, responses=NOT_FOUND)
    async def delete_webhook(webhook_id: WebhookIdPath) -> None:
        """Remove it, with its log; what is under way may still arrive."""
        try:
            removed = await remove_webhook(engine, webhook_id)
        except PlaceRetired:
            raise rebuilt() from None
        if not removed:
            raise not_found("webhook", "Look in /v1/webhooks.")

    @router.get(
        "/{webhook_id}/deliveries", response_model=Deliveries, response_model_exclude_none=True, responses=NOT_FOUND
    )
    async def get_deliveries(
        request: Request, webhook_id: WebhookIdPath, query: Annotated[DeliveriesQuery, InQuery()]
    ) -> Deliveries:
        """What was and is to be delivered, newest first; 30 days of it."""
        await _found(webhook_id)
        key = after_key(request, query, (0,))
        items, next_key = await deliveries_page(engine, webhook_id, query.state, query.limit, key)  # type: ignore[arg-type]
        return Deliveries(
            items=[
                DeliveryShown(
                    webhook_id_header=message_id(webhook_id, delivery.seq),
                    seq=delivery.seq,
                    event_id=delivery.event_id,
                    state=delivery.state,
                    attempts=delivery.attempts,
                    attempted_at=None if delivery.attempted_us is None else instant(delivery.attempted_us),
                    next_attempt_at=None if delivery.due_us is None else instant(delivery.due_us),
                    http_status=delivery.http_status,
                    trouble=delivery.trouble,
                )
                for delivery in items
            ],
            next=next_cursor(request, next_key),
        )

    async def _found(webhook_id: str) -> Webhook:
        webhook = await webhook_by_id(engine, webhook_id)
        if webhook is None:
            raise not_found("webhook", "Look in /v1/webhooks.")
        return webhook

    return router
