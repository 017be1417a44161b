from pathlib import Path

import pytest
from pydantic import ValidationError

from shared.bus.embedded import EmbeddedBus
from shared.bus.kafka import KafkaBus
from shared.bus.port import Bus
from shared.bus.settings import BusSettings, open_bus


def test_the_default_is_the_embedded_log_in_var() -> None:
    settings = BusSettings()
    assert settings.log_path == Path("var/log.sqlite")
    assert isinstance(open_bus(settings), EmbeddedBus)


def test_servers_make_it_kafka(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_BUS_BOOTSTRAP_SERVERS", "one:9092,two:9092")
    monkeypatch.setenv("TOCSIN_BUS_REPLICATION_FACTOR", "3")
    settings = BusSettings()
    assert settings.kafka_options().bootstrap_servers == "one:9092,two:9092"
    assert settings.kafka_options().replication_factor == 3


async def test_both_media_keep_the_port(tmp_path: Path) -> None:
    assert isinstance(open_bus(BusSettings(log_path=tmp_path / "log")), Bus)
    bus = open_bus(BusSettings(bootstrap_servers="one:9092"))
    assert isinstance(bus, KafkaBus)
    assert isinstance(bus, Bus)


def test_what_is_not_known_is_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        BusSettings(log_paht=Path("x"))  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("bootstrap_servers", "one", "pattern"),
        ("bootstrap_servers", "kafka://one:9092", "pattern"),
        ("bootstrap_servers", "one:9092, two:9092", "pattern"),
        ("replication_factor", 0, "greater than or equal to 1"),
        ("in_sync_replicas_min", 2, "nothing could be published"),
        ("security_protocol", "SASL_SSL", "needs sasl_username and sasl_password"),
        ("ssl_key_path", "key.pem", "go together"),
    ],
)
def test_what_can_not_work_is_refused(name: str, value: object, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        BusSettings.model_validate({name: value})


def test_secrets_reach_kafka_and_nobody_else() -> None:
    settings = BusSettings.model_validate(
        {
            "bootstrap_servers": "one:9092",
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_username": "tocsin",
            "sasl_password": "hush",
        }
    )
    options = settings.kafka_options()
    assert options.client_arguments()["sasl_plain_password"] == "hush"
    assert options.client_arguments()["ssl_context"].check_hostname
    assert "hush" not in f"{settings!r} {settings.model_dump_json()} {options!r}"


def test_plain_text_has_no_certificates() -> None:
    assert BusSettings(bootstrap_servers="one:9092").kafka_options().ssl_context is None


def test_kafka_options_need_servers() -> None:
    with pytest.raises(ValueError, match="bootstrap_servers"):
        BusSettings().kafka_options()
