"""Settings of the projection, prefix `TOCSIN_PROJECTION_`."""

from ipaddress import ip_address
from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class ProjectionSettings(BaseSettings):
    """Where the read models lie and where they are served. Unknown settings are refused."""

    model_config = SettingsConfigDict(env_prefix="TOCSIN_PROJECTION_", extra="forbid", frozen=True)

    database_url: SecretStr = Field(
        default=SecretStr("sqlite+aiosqlite:///var/readmodels.sqlite"),
        description="sqlite+aiosqlite:///PATH or postgresql+asyncpg://USER:PASSWORD@HOST/DATABASE.",
    )
    host: str = Field(default="127.0.0.1", description="The address to listen on.")
    port: int = Field(default=8610, ge=0, le=65535, description="0 takes a free port.")
    token: SecretStr | None = Field(default=None, description="Bearer token; needed beyond loopback.")
    ingest_url: str | None = Field(
        default=None,
        pattern=r"^https?://[A-Za-z0-9.:\[\]-]+$",
        description="Where the console posts reports, as the reader's browser reaches it; none: nowhere.",
    )
    batch_messages_max: int = Field(
        default=500, ge=1, le=10_000, description="Messages in one transaction: enough to share its fsync."
    )
    read_wait_ms: int = Field(default=200, ge=1, le=10_000, description="How long one read of the log waits.")
    dead_ratio_max: float = Field(
        default=0.5, ge=0, le=1, description="With a larger share of dead letters it stops: the fault is not theirs."
    )
    dead_consecutive_max: int = Field(default=100, ge=0, description="With more dead letters in a row it stops.")
    lag_messages_max: int = Field(
        default=5_000, ge=0, description="Further behind than this, it is not ready: answers would be stale."
    )
    stalled_s_max: float = Field(
        default=60.0, gt=0, description="Behind, and no progress for this long: not live, so that it is restarted."
    )
    webhooks_private: bool = Field(
        default=False,
        description="Let webhooks call loopback and private addresses; whoever may add one can reach them.",
    )
    webhook_retry_s: float = Field(
        default=5.0, gt=0, description="Pause before a failed delivery is tried again; four times as long each time."
    )

    @model_validator(mode="after")
    def _no_open_door(self) -> Self:
        if self.token is None and not _is_loopback(self.host):
            raise ValueError(f"host {self.host} can be reached from outside: set TOCSIN_PROJECTION_TOKEN as well")
        return self


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
