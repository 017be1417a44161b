"""Whatever is asked, the API answers or says what is wrong: never a 500, and never nothing in place of a refusal."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from services.projection.api import build_app
from services.projection.api.context import Context
from services.projection.groups import read_groups
from services.projection.progress import Progress
from services.projection.settings import ProjectionSettings
from services.projection.store.engine import open_engine
from services.projection.store.migrate import upgrade
from services.projection.store.write import Writer
from tests.integration.test_projection_api import LOG, RAID
from tests.integration.test_projection_store import changes

READ_MODELS: Final = (
    "events", "timeline", "incidents", "map.geojson", "casualties", "casualties/tolls", "measures", "displacement",
    "actors", "places", "sources", "search", "exports/events.ndjson", "exports/casualties.csv",
    "exports/incidents.geojson",
)  # fmt: skip
PARAMETERS: Final = (
    "kind", "status", "country", "place", "bbox", "near", "actor", "source", "outlet", "report_id", "from", "to",
    "as_of", "confidence_min", "q", "limit", "cursor", "order", "min_position", "wait_s", "at", "state", "contested",
    "corroborated_min", "limt",
)  # fmt: skip
VALUES: Final = st.one_of(
    st.sampled_from(
        [
            "", "airstrike", "GE", "Kareli", "613762", "43,41,45,43", "45,41,43,43", "1,2,3", "nan,nan,nan,nan",
            "inf,0,inf,0", "42,44,25", "90,180,20038", "-90,0,0.1", "42,44,-1", "2008-08-08T12:00:00Z",
            "2008-08-08T12:00:00 04:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
            "2008-13-01T00:00:00Z", "0", "1", "1000", "-1", "99999999999999999999", "1e999", "NaN", "newest",
            "true", "p.e30", "c.e30", "e30",
            "reports.raw.v1/0/1", "reports.raw.v1/-1/99999999999999999999", "reports.raw.v1/0", "in_force",
            RAID.report_id, '"', "'", "a* OR b", "NEAR(", "\\", "%", "_", "\0", "кириллица", "\U0001f4a3", "--", ";",
        ]
    ),
    st.text(max_size=12),
    st.floats().map(str),
    st.integers().map(str),
)  # fmt: skip


class Asked:
    """An app in process on a database of its own; what it raises is answered as a server would."""

    def __init__(self, url: str) -> None:
        self.runner = asyncio.Runner()
        self.engine = open_engine(url)
        registry = CollectorRegistry()
        context = Context(self.engine, Progress(registry), ProjectionSettings(), read_groups(), asyncio.Event())
        self.app = build_app(context, registry)
        self.runner.run(self._fill())

    async def _fill(self) -> None:
        await upgrade(self.engine)
        await Writer(self.engine).write(changes(LOG), {}, {})

    def get(self, path: str, params: list[tuple[str, str]]) -> httpx.Response:
        return self.runner.run(self._get(path, params))

    async def _get(self, path: str, params: list[tuple[str, str]]) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.get(f"{path}?{urlencode(params)}")

    def close(self) -> None:
        self.runner.run(self.engine.dispose())
        self.runner.close()


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def asked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    if request.param == "sqlite":
        made = Asked(f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('asked') / Path('models.sqlite')}")
        yield made
        made.close()
        return
    from tests.integration import postgres

    with postgres.database(request.getfixturevalue("postgres_server")) as url:
        made = Asked(url)
        yield made
        made.close()


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    model=st.sampled_from(READ_MODELS),
    given_=st.lists(st.tuples(st.sampled_from(PARAMETERS), VALUES), min_size=1, max_size=4),
)
def test_no_parameter_is_a_defect(asked: Asked, model: str, given_: list[tuple[str, str]]) -> None:
    quick = [(name, value) for name, value in given_ if name != "wait_s"] + [("wait_s", "0")]
    answer = asked.get(f"/v1/{model}", quick)
    assert answer.status_code in (200, 400, 503), (answer.status_code, answer.text)
    if answer.status_code == 400:
        problem = answer.json()
        assert problem["errors"], problem
        assert all(error["field"] and error["problem"] and error["mend"] for error in problem["errors"]), problem
    if answer.status_code == 503:
        assert any(name == "min_position" for name, _ in given_)


@pytest.mark.parametrize("wrong", ["limt", "kinds", "until", "asof"])
@pytest.mark.parametrize("model", READ_MODELS)
def test_an_unknown_filter_is_refused_by_name(asked: Asked, model: str, wrong: str) -> None:
    answer = asked.get(f"/v1/{model}", [("q", "x"), (wrong, "1")])
    assert answer.status_code == 400
    assert wrong in {error["field"] for error in answer.json()["errors"]}


@pytest.mark.parametrize("bad", ["events/x", "events/e_" + "0" * 31, "incidents/i_%0A", "reports/r_ß", "reports/%00"])
def test_a_bad_id_is_a_400_and_an_unknown_one_a_404(asked: Asked, bad: str) -> None:
    assert asked.get(f"/v1/{bad}", []).status_code in (400, 404)
    kind = bad.partition("/")[0]
    assert asked.get(f"/v1/{kind}/{kind[0]}_{'0' * 32}", []).status_code == 404


def test_every_read_model_takes_as_of_and_min_position(asked: Asked) -> None:
    paths: dict[str, Any] = asked.get("/openapi.json", []).json()["paths"]
    for model in (*READ_MODELS, "incidents/{incident_id}", "reports/{report_id}", "reports"):
        taken = {parameter["name"] for parameter in paths[f"/v1/{model}"]["get"]["parameters"]}
        assert {"as_of", "min_position"} <= taken, model
