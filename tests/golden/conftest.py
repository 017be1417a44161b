"""The coder and the reference reports, loaded once for the session."""

from collections.abc import Mapping

import pytest

from services.extractor.core.coder import Coding
from services.extractor.knowledge import LoadedCoder, load_coder
from tests.golden.reference import ReferenceReport, load_reports


@pytest.fixture(scope="session")
def coder() -> LoadedCoder:
    """The coder as the extractor runs it, on the gazetteer that set-up has built."""
    return load_coder()


@pytest.fixture(scope="session")
def golden() -> tuple[ReferenceReport, ...]:
    return load_reports()


@pytest.fixture(scope="session")
def codings(coder: LoadedCoder, golden: tuple[ReferenceReport, ...]) -> Mapping[str, Coding]:
    """The coding of every reference report, by the report's id."""
    return {report.id: coder.code(report.raw()) for report in golden}
