"""Bringing Apache Kafka: without a network, without the jars. The real thing is in `tests/integration`."""

import hashlib
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from deploy.local import apache_kafka
from deploy.local.apache_kafka import PINS, VERSION, KafkaFailed, KafkaMissing

PROGRAM = "#!/bin/sh\n{}\n"


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with nothing on it but what a test writes there, and an empty cache."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return folder


def program(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(PROGRAM.format(script))
    (folder / name).chmod(0o755)


def good_java(folder: Path) -> None:
    program(folder, "java", "echo 'openjdk version \"17.0.15\" 2025-04-15' >&2")


def test_the_version_is_the_pinned_one() -> None:
    namespace = "{http://maven.apache.org/POM/4.0.0}"
    versions = [each.text for each in ET.parse(PINS / "pom.xml").iter(f"{namespace}version")]
    assert VERSION in versions
    assert f"kafka_2.13-{VERSION}.jar" in apache_kafka.sums()


def test_every_jar_has_a_checksum_and_no_repository_is_named() -> None:
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in apache_kafka.sums().values())
    assert len(apache_kafka.sums()) > 40
    assert "repositor" not in (PINS / "pom.xml").read_text().replace("No repository is named", "")


def test_without_java(tools: Path) -> None:
    with pytest.raises(KafkaMissing, match="Java 17 is not on this machine"):
        apache_kafka.fetch()


@pytest.mark.parametrize(("said", "version"), [('"1.8.0_402"', "1.8.0_402"), ('"11.0.2"', "11.0.2"), ("", "unknown")])
def test_with_a_java_that_is_too_old(tools: Path, said: str, version: str) -> None:
    program(tools, "java", f"echo 'openjdk version {said}' >&2")
    with pytest.raises(KafkaMissing, match=f"needs Java 17 or newer, .* is {version}"):
        apache_kafka.fetch()


def test_without_maven(tools: Path) -> None:
    good_java(tools)
    with pytest.raises(KafkaMissing, match=r"Maven .* is not on this machine"):
        apache_kafka.fetch()


def test_without_a_network(tools: Path) -> None:
    good_java(tools)
    program(tools, "mvn", "echo '[ERROR] Could not transfer artifact'; exit 1")
    with pytest.raises(KafkaMissing, match=r"is the network there.* Could not transfer artifact"):
        apache_kafka.fetch()
    assert not apache_kafka.libs_path().exists()


def test_what_has_another_checksum_is_not_kept(tools: Path) -> None:
    good_java(tools)
    name = f"kafka_2.13-{VERSION}.jar"
    program(
        tools,
        "mvn",
        f'for a in "$@"; do case $a in -DoutputDirectory=*) d=${{a#*=}};; esac; done\n'
        f'/bin/mkdir -p "$d"; echo evil > "$d/{name}"; echo more > "$d/unknown.jar"',
    )
    with pytest.raises(KafkaMissing, match=rf"differs from SHA256SUMS: .*{re.escape(name)}.*, unknown\.jar"):
        apache_kafka.fetch()
    assert not apache_kafka.libs_path().exists()


def test_jars_that_lie_there_are_verified(tmp_path: Path) -> None:
    (tmp_path / "a.jar").write_bytes(b"a")
    (tmp_path / "b.jar").write_bytes(b"b")
    right = {"a.jar": hashlib.sha256(b"a").hexdigest(), "b.jar": hashlib.sha256(b"b").hexdigest()}
    assert apache_kafka.wrong_jars(tmp_path, right) == []
    (tmp_path / "b.jar").write_bytes(b"changed")
    (tmp_path / "c.jar").write_bytes(b"c")
    assert apache_kafka.wrong_jars(tmp_path, right | {"d.jar": ""}) == ["b.jar", "c.jar", "d.jar"]


def test_the_command_line_says_one_line_and_fails(tools: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert apache_kafka.main(["fetch"]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_stopping_what_does_not_run_is_nothing(tmp_path: Path) -> None:
    assert apache_kafka.main(["stop", "--dir", str(tmp_path)]) == 0
    (tmp_path / "kafka.pid").write_text("1")  # a number that belongs to another program by now
    assert apache_kafka.main(["stop", "--dir", str(tmp_path)]) == 0


def test_a_broker_that_can_not_start_leaves_nothing(
    tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(
        tools,
        "java",
        'case "$*" in *-version*) echo \'openjdk version "17"\' >&2;; *format*) ;; '
        "*) echo 'ERROR Address already in use'; exit 1;; esac",
    )
    monkeypatch.setattr(apache_kafka, "fetch", lambda: tmp_path)
    kafka = apache_kafka.ApacheKafka(tmp_path / "data", apache_kafka.free_port())
    with pytest.raises(KafkaFailed, match="ended with 1: ERROR Address already in use"):
        kafka.start()
    assert kafka.pid is None
