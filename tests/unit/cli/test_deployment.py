"""The compose file, as far as it can be checked without Docker: it fits the services' settings and the rest."""

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.local.apache_kafka import VERSION
from services.cli.config import unknown_settings

ROOT = Path(__file__).parents[3]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
OURS = ("ingest", "extractor", "projection")


@pytest.mark.parametrize("name", OURS)
def test_every_setting_is_one_that_the_services_know(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in [variable for variable in os.environ if variable.startswith("TOCSIN_")]:
        monkeypatch.delenv(variable)
    for variable, value in COMPOSE["services"][name]["environment"].items():
        monkeypatch.setenv(variable, value)
    assert unknown_settings() == []


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_everything_has_a_health_check_and_waits_for_what_is_there(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["healthcheck"]["test"]
    assert set(service.get("depends_on", {})) <= set(COMPOSE["services"])


@pytest.mark.parametrize("name", OURS)
def test_each_service_runs_its_module_and_is_probed_on_its_port(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["command"] == ["python", "-m", f"services.{name}"]
    port = service["environment"][f"TOCSIN_{name.upper()}_PORT"]
    assert f":{port}/health/ready" in service["healthcheck"]["test"][-1]
    assert all(published == f"127.0.0.1:{port}:{port}" for published in service.get("ports", []))


def test_kafka_is_the_version_that_is_tested() -> None:
    assert COMPOSE["services"]["kafka"]["image"] == f"apache/kafka:{VERSION}"
