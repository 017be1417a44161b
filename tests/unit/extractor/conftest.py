"""The gazetteer and the loaded coder that the extractor's tests share."""

import os
from pathlib import Path

import pytest

from services.extractor.gazetteer import DEFAULT_PATH, GazetteerMissing, SqliteGazetteer, content_version, main
from services.extractor.knowledge import load_coder
from tests.unit.extractor.coding import Coder

GIVEN = "TOCSIN_TEST_GAZETTEER"


@pytest.fixture(scope="session")
def gazetteer_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file given by the environment or made at set-up, if of this version; else one built for the run."""
    path = Path(os.environ.get(GIVEN, DEFAULT_PATH))
    try:
        SqliteGazetteer(path).close()
    except GazetteerMissing:
        path = tmp_path_factory.getbasetemp().parent / f"gazetteer-{content_version()}.sqlite"
        assert main([str(path)]) == 0
    return path


@pytest.fixture(scope="session")
def coder(gazetteer_path: Path) -> Coder:
    """The real coder, loaded once."""
    return Coder(load_coder(gazetteer_path))
