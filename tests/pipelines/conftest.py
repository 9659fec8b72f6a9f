"""A Kubeflow for the tests of what talks to one, and a package that is compiled once."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from kubeflow_api import KubeflowApi

from codekiln_pipelines.kubeflow import access, asked, connection, recurring, schedule, submit

VARIABLES = (
    *access.ENDPOINTS,
    access.PAGES,
    access.NAMESPACE,
    access.TOKEN,
    access.TOKEN_FILE,
    access.IN_POD,
    schedule.KUBEFLOW_ZONE,
    *submit.EXPERIMENT_VARIABLES,
)


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[KubeflowApi]:
    """Start a Kubeflow that the environment leads to, and that is asked without long pauses."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(connection, "PAUSES_S", (0.01, 0.01))
    monkeypatch.setattr(recurring, "QUIET", timedelta(0))
    with KubeflowApi() as server:
        monkeypatch.setenv("KFP_ENDPOINT", server.url)
        yield server


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the compiled package of the pipeline history."""
    path = tmp_path_factory.mktemp("package") / "history.yaml"
    path.write_text(asked.compiled("history").text)
    return path
