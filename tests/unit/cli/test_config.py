"""Settings: where each came from, no secret shown, no misspelt one lost."""

from pathlib import Path

import pytest

from services.cli import environment
from services.cli.config import config, unknown_settings
from services.cli.environment import address, load_dotenv, port_base, url
from services.cli.problem import CliError


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for service in ("INGEST", "PROJECTION", "EXTRACTOR"):
        for name in ("HOST", "PORT", "TOKEN"):
            monkeypatch.delenv(f"TOCSIN_{service}_{name}", raising=False)
    monkeypatch.delenv("TOCSIN_CLI_PORT_BASE", raising=False)
    monkeypatch.setattr(environment, "_from_dotenv", set())
    monkeypatch.chdir(tmp_path)


def test_it_says_where_each_value_came_from_and_hides_secrets(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".env").write_text("TOCSIN_INGEST_TOKEN=hunter2\nTOCSIN_INGEST_PORT=1\nOTHER=1\n")
    monkeypatch.setenv("TOCSIN_INGEST_PORT", "9100")
    monkeypatch.setenv("TOCSIN_INGEST_TOKEN", "")  # undone at the end; then taken away, so that .env is heard
    monkeypatch.delenv("TOCSIN_INGEST_TOKEN")
    load_dotenv()
    config()
    lines = capsys.readouterr().out.splitlines()
    assert "TOCSIN_INGEST_PORT=9100  (env)" in lines
    assert "TOCSIN_INGEST_HOST=127.0.0.1  (default)" in lines
    assert "TOCSIN_INGEST_TOKEN=********  (.env)" in lines
    assert not any("hunter2" in line for line in lines)
    assert "OTHER" not in "".join(lines)


def test_a_wrong_value_is_shown_and_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("TOCSIN_INGEST_PORT", "many")
    with pytest.raises(CliError, match="port"):
        config()
    assert "TOCSIN_INGEST_PORT=many  (env)" in capsys.readouterr().out


def test_a_misspelt_setting_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_INGEST_PROT", "1")
    assert unknown_settings() == ["TOCSIN_INGEST_PROT is no setting; `tocsin config` lists them"]


def test_ports_come_from_one_base_and_each_can_be_set_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [address(service)[1] for service in ("ingest", "projection", "extractor")] == [8600, 8610, 8620]
    monkeypatch.setenv("TOCSIN_CLI_PORT_BASE", "9000")
    monkeypatch.setenv("TOCSIN_PROJECTION_PORT", "7")
    assert [address(service)[1] for service in ("ingest", "projection", "extractor")] == [9000, 7, 9020]
    monkeypatch.setenv("TOCSIN_CLI_INGEST_URL", "https://ingest.example/")
    assert url("ingest") == "https://ingest.example"
    assert url("projection") == "http://127.0.0.1:7"


@pytest.mark.parametrize("base", ["0", "-1", "65535", "eight"])
def test_a_port_base_without_room_is_refused(monkeypatch: pytest.MonkeyPatch, base: str) -> None:
    monkeypatch.setenv("TOCSIN_CLI_PORT_BASE", base)
    with pytest.raises(CliError, match="PORT_BASE"):
        port_base()


def test_what_a_killed_house_wrote_down_is_not_believed(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "up.lock").touch()
    (tmp_path / "var" / "running.json").write_text('{"pid": 1, "settings": {"TOCSIN_INGEST_PORT": "1"}}')
    assert environment.read_running() == {}
