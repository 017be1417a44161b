"""Which log to use, from the environment: `TOCSIN_BUS_...`."""

import ssl
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.bus.embedded import EmbeddedBus
from shared.bus.kafka import KafkaBus
from shared.bus.kafka_client import KafkaOptions
from shared.bus.port import Bus


class BusSettings(BaseSettings):
    """The log. With `bootstrap_servers` it is Kafka; without, the embedded log in the file `log_path`."""

    model_config = SettingsConfigDict(env_prefix="TOCSIN_BUS_", extra="forbid", frozen=True)

    bootstrap_servers: str | None = Field(
        default=None,
        pattern=r"^[^,:\s]+:\d+(,[^,:\s]+:\d+)*$",
        description="Kafka brokers as host:port, separated by commas. Without them the log is the file log_path.",
    )
    log_path: Path = Field(default=Path("var/log.sqlite"), description="The file of the embedded log, on a local disk.")
    replication_factor: int = Field(default=1, ge=1, description="Copies of a new topic; 3 in a cluster.")
    in_sync_replicas_min: int = Field(
        default=1, ge=1, description="Copies that must have a message before it is acknowledged; 2 where there are 3."
    )
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT", description="How to speak to Kafka."
    )
    ssl_ca_path: Path | None = Field(default=None, description="Who signs the brokers; the system's own list without.")
    ssl_certificate_path: Path | None = Field(default=None, description="Our certificate, where brokers ask for one.")
    ssl_key_path: Path | None = Field(default=None, description="The key of our certificate.")
    ssl_key_password: SecretStr | None = Field(default=None, description="The password of that key.")
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        default="PLAIN", description="How to log in at Kafka."
    )
    sasl_username: str | None = Field(default=None, description="The user, for a SASL protocol.")
    sasl_password: SecretStr | None = Field(default=None, description="The password, for a SASL protocol.")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.in_sync_replicas_min > self.replication_factor:
            raise ValueError("in_sync_replicas_min is more than replication_factor; nothing could be published")
        if self.security_protocol.startswith("SASL") and not (self.sasl_username and self.sasl_password):
            raise ValueError(f"security_protocol {self.security_protocol} needs sasl_username and sasl_password")
        if (self.ssl_certificate_path is None) != (self.ssl_key_path is None):
            raise ValueError("ssl_certificate_path and ssl_key_path go together")
        return self

    def kafka_options(self) -> KafkaOptions:
        """Raises ValueError without `bootstrap_servers`, OSError where a certificate can't be read."""
        if self.bootstrap_servers is None:
            raise ValueError("bootstrap_servers is not set")
        return KafkaOptions(
            bootstrap_servers=self.bootstrap_servers,
            replication_factor=self.replication_factor,
            in_sync_replicas_min=self.in_sync_replicas_min,
            security_protocol=self.security_protocol,
            ssl_context=self._ssl_context(),
            sasl_mechanism=self.sasl_mechanism,
            sasl_username=self.sasl_username,
            sasl_password=_secret(self.sasl_password),
        )

    def _ssl_context(self) -> ssl.SSLContext | None:
        if not self.security_protocol.endswith("SSL"):
            return None
        context = ssl.create_default_context(cafile=self.ssl_ca_path)
        if self.ssl_certificate_path is not None and self.ssl_key_path is not None:
            context.load_cert_chain(self.ssl_certificate_path, self.ssl_key_path, _secret(self.ssl_key_password))
        return context


def open_bus(settings: BusSettings) -> Bus:
    """The log that the settings name; connect with `async with`."""
    if settings.bootstrap_servers is None:
        return EmbeddedBus(settings.log_path)
    return KafkaBus(settings.kafka_options())


def _secret(value: SecretStr | None) -> str | None:
    return None if value is None else value.get_secret_value()
