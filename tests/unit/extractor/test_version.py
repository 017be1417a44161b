"""The coder's version: another one whenever a rule, a data file or a model is another, and never otherwise."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from services.extractor import knowledge
from services.extractor.knowledge import code_version

MODEL = "model 1"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of rules and data that the version is taken of."""
    for name, folder in (("CORE", knowledge.CORE), ("DATA", knowledge.DATA)):
        shutil.copytree(folder, tmp_path / folder.name, ignore=shutil.ignore_patterns("__pycache__"))
        monkeypatch.setattr(knowledge, name, tmp_path / folder.name)
    return tmp_path


def add_a_byte(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"#")


CHANGES: tuple[tuple[str, Callable[[Path], object]], ...] = (
    ("a byte more in triggers", lambda p: add_a_byte(p / "data" / "triggers.yaml")),
    ("a byte more in a rule", lambda p: add_a_byte(p / "core" / "modality.py")),
    ("a rule renamed", lambda p: (p / "core" / "who.py").rename(p / "core" / "whom.py")),
    ("a rule gone", lambda p: (p / "core" / "frames.py").unlink()),
    ("a new data file", lambda p: (p / "data" / "more.yaml").write_text("a: 1\n")),
    ("an empty data file", lambda p: (p / "data" / "more.yaml").write_text("")),
    ("two files' contents swapped", lambda p: swap(p / "data" / "classes.yaml", p / "data" / "grammar.yaml")),
)
ALIKE: tuple[tuple[str, Callable[[Path], object]], ...] = (
    ("nothing", lambda p: None),
    ("another time stamp", lambda p: (p / "data" / "triggers.yaml").touch()),
    ("another system's line ends", lambda p: with_crlf(p / "data" / "grammar.yaml")),
    ("compiled files", lambda p: (p / "core" / "text.pyc").write_bytes(b"1")),
    ("the order of receipts", lambda p: add_a_byte(p / "core" / "gaps.py")),
    ("an editor's copy", lambda p: (p / "data" / "triggers.yaml~").write_text("a: 1\n")),
)


def swap(one: Path, other: Path) -> None:
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)


def with_crlf(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


def ids(table: tuple[tuple[str, Callable[[Path], object]], ...]) -> list[str]:
    return [name for name, _ in table]


@pytest.mark.parametrize("change", [c for _, c in CHANGES], ids=ids(CHANGES))
def test_another_rule_or_word_is_another_version(package: Path, change: Callable[[Path], object]) -> None:
    before = code_version(MODEL)
    change(package)
    assert code_version(MODEL) != before


@pytest.mark.parametrize("change", [c for _, c in ALIKE], ids=ids(ALIKE))
def test_what_changes_no_coding_changes_no_version(package: Path, change: Callable[[Path], object]) -> None:
    before = code_version(MODEL)
    change(package)
    assert code_version(MODEL) == before


NO_RULES = {"gaps.py"}
"""Reads offsets and no report."""
FILES = {p.name for p in (*knowledge.DATA.glob("*.yaml"), *knowledge.CORE.glob("*.py"))}


def test_every_file_counts(package: Path) -> None:
    seen = [code_version(MODEL)]
    for name in sorted(FILES - NO_RULES):
        add_a_byte(package / ("data" if name.endswith(".yaml") else "core") / name)
        assert code_version(MODEL) not in seen, name
        seen.append(code_version(MODEL))


def test_all_data_is_of_the_pattern_that_counts() -> None:
    """A data file of another format would change codings and no version."""
    assert {p.suffix for p in knowledge.DATA.iterdir()} == {".yaml"}
    assert not any(p.is_dir() and p.name != "__pycache__" for p in knowledge.CORE.iterdir())


PARTS = ((), ("a",), ("b",), ("a", "b"), ("b", "a"))


def test_models_count() -> None:
    assert len({code_version(*parts) for parts in PARTS}) == len(PARTS)


def test_models_are_told_apart_from_one_another() -> None:
    assert code_version("ab", "c") != code_version("a", "bc")


def test_the_parser_counts(tmp_path: Path) -> None:
    """Of a whole copy, as the version may come to look beyond rules and data."""
    root = Path(knowledge.__file__).parents[2]
    unread = shutil.ignore_patterns("__pycache__", "console", "node_modules")
    for name in ("services", "shared"):
        shutil.copytree(root / name, tmp_path / name, ignore=unread)
    code = """
from pathlib import Path
from services.extractor.knowledge import __file__, code_version
print(code_version())
parser = Path(__file__).parent / "parser.py"
parser.write_bytes(parser.read_bytes() + b"#")
print(code_version())
"""
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert len(set(ran.stdout.split())) == 2
