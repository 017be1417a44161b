"""The settings of the extractor: environment variables `TOCSIN_EXTRACTOR_…`."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ExtractorSettings(BaseSettings):
    """Frozen; an unknown setting is refused where settings are read from a file or from code."""

    model_config = SettingsConfigDict(env_prefix="TOCSIN_EXTRACTOR_", extra="forbid", frozen=True)

    host: str = Field(default="127.0.0.1", description="Where health and metrics listen.")
    port: int = Field(default=8620, ge=0, le=65535, description="0 takes a free port.")
    token: SecretStr | None = Field(default=None, description="Bearer token for /metrics.")
    workers: int = Field(
        default=1, ge=0, description="Processes that code, each with its own knowledge in memory; 0: a thread."
    )
    batch_messages_max: int = Field(default=32, gt=0, description="Reports coded and published together.")
    reconcile_s: float = Field(default=30.0, gt=0, description="Seconds between looks for reports left uncoded.")
    stall_s: float = Field(
        default=120.0, gt=0, description="Seconds without progress, while reports wait, after which it is not live."
    )
    gazetteer_path: Path | None = Field(
        default=None, description="The places; without it, where `make setup` puts them."
    )
    data_path: Path = Field(default=Path("var/extractor"), description="Faust's own folder; it keeps nothing there.")
