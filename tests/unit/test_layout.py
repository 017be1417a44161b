"""The house stands where it should: import names, rooms, and what may import what."""

import importlib
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
SERVICES = ("ingest", "extractor", "projection")
CONTRACTS = ("shared.reports", "shared.events", "shared.model")
"""All that a core may import of ours, beside itself."""
SIDE_EFFECTS = {"asyncio", "socket", "subprocess", "sqlite3", "httpx", "aiokafka", "faust", "fastapi", "sqlalchemy"}
ROOMS = ("__init__.py", "__main__.py", "settings.py", "core", "handler.py", "main.py")
"""What every service has. The API may be a module or, where it is large, a folder."""


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("services", "shared", include_external_packages=True, cache_dir=None)


@pytest.mark.parametrize("name", ["services", "shared", "services.cli", "shared.events"])
def test_import_names_resolve_into_this_checkout(name: str) -> None:
    found = importlib.import_module(name).__file__
    assert found is not None
    assert Path(found).is_relative_to(ROOT)


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_the_same_rooms(service: str) -> None:
    folder = ROOT / "services" / service
    assert [room for room in ROOMS if not (folder / room).exists()] == []
    assert (folder / "api.py").exists() or (folder / "api" / "__init__.py").exists()
    assert (folder / "stream.py").exists()


def breaches(graph: grimp.ImportGraph, service: str) -> set[str]:
    """Imports of a core that are neither its own nor the contracts, and clients of any kind."""
    core = f"services.{service}.core"
    return {
        f"{module} imports {imported}"
        for module in {core, *graph.find_descendants(core)}
        for imported in graph.find_modules_directly_imported_by(module)
        if (_of(imported, "services") and not _of(imported, core))
        or (_of(imported, "shared") and not any(_of(imported, allowed) for allowed in CONTRACTS))
        or imported.partition(".")[0] in SIDE_EFFECTS
    }


@pytest.mark.parametrize("service", SERVICES)
def test_a_core_imports_the_contracts_and_nothing_else_of_ours(graph: grimp.ImportGraph, service: str) -> None:
    assert breaches(graph, service) == set()


def test_faust_is_known_to_the_extractors_kafka_stream_alone(graph: grimp.ImportGraph) -> None:
    assert graph.find_modules_that_directly_import("faust") <= {"services.extractor.kafka_stream"}


def test_sqlalchemy_is_known_to_the_projections_store_and_migrations_alone(graph: grimp.ImportGraph) -> None:
    importers = graph.find_modules_that_directly_import("sqlalchemy")
    allowed = ("services.projection.store", "services.projection.migrations")
    assert [module for module in sorted(importers) if not any(_of(module, room) for room in allowed)] == []


def test_the_http_framework_is_known_to_the_api_and_shared_web_alone(graph: grimp.ImportGraph) -> None:
    importers = graph.find_modules_that_directly_import("fastapi")
    allowed = ("shared.web", *(f"services.{service}.api" for service in SERVICES))
    assert [module for module in sorted(importers) if not any(_of(module, room) for room in allowed)] == []


def _of(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")
