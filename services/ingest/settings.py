"""The settings of ingest: environment variables `TOCSIN_INGEST_…`."""

from ipaddress import ip_address
from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class IngestSettings(BaseSettings):
    """Frozen; an unknown `TOCSIN_INGEST_…` setting is refused where settings are read from a file or from code."""

    model_config = SettingsConfigDict(env_prefix="TOCSIN_INGEST_", extra="forbid", frozen=True)

    host: str = Field(default="127.0.0.1", description="The address to listen on.")
    port: int = Field(default=8600, ge=0, le=65535, description="0 takes a free port.")
    token: SecretStr | None = Field(default=None, description="Bearer token; needed beyond loopback.")
    console_origins: str = Field(
        default="http://127.0.0.1:8610,http://localhost:8610",
        description="Web origins whose pages may post here (CORS), with commas between; empty for none.",
    )
    report_bytes_max: int = Field(default=1_000_000, gt=0, description="The body of POST /v1/reports.")
    batch_bytes_max: int = Field(default=10_000_000, gt=0, description="The body of POST /v1/reports:batch.")
    batch_items_max: int = Field(default=1_000, gt=0, description="The reports of a batch.")
    in_flight_mb_max: int = Field(
        default=128, gt=0, description="Megabytes of bodies, counted at their limits, that may be under way at once."
    )
    seen_ids_max: int = Field(default=1_000_000, gt=0, description="The newest ids kept for `duplicate`; ~200 MB.")

    @model_validator(mode="after")
    def _no_open_door(self) -> Self:
        if self.token is None and not is_loopback(self.host):
            raise ValueError(f"host {self.host} can be reached from outside: set TOCSIN_INGEST_TOKEN as well")
        return self


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
