"""The launcher of Apache Kafka, as a person uses it."""

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.apache_kafka import KafkaMissing, answers, fetch, free_port
from tests.conftest import NOT_TESTED

pytestmark = pytest.mark.apache


def launcher(*arguments: str) -> tuple[int, str]:
    """The exit code and all that was printed."""
    command = [sys.executable, "-m", "deploy.local.apache_kafka", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path.cwd())
    return done.returncode, done.stdout + done.stderr


def test_start_and_stop_by_hand(tmp_path: Path) -> None:
    try:
        fetch()
    except KafkaMissing as missing:
        pytest.skip(f"{NOT_TESTED}: {missing}")
    port = free_port()
    here, other = str(tmp_path / "here"), str(tmp_path / "other")
    try:
        code, said = launcher("start", "--dir", here, "--port", str(port))
        assert (code, f"127.0.0.1:{port}" in said) == (0, True), said
        assert answers(port)
        code, said = launcher("start", "--dir", here, "--port", str(free_port()))
        assert (code, len(said.splitlines()), f"a broker runs on {here} already" in said) == (1, 1, True), said
        code, said = launcher("start", "--dir", other, "--port", str(port))
        assert (code, len(said.splitlines()), f"port {port} on 127.0.0.1 can't be used" in said) == (1, 1, True), said
    finally:
        assert launcher("stop", "--dir", here) == (0, "")
    assert not answers(port)
    assert not (tmp_path / "here" / "kafka.pid").exists()
