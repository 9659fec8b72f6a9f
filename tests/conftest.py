"""What every test stands on."""

import os
import signal

import hypothesis
import pytest

from codekiln.core.storage import probe

# No test depends on time. A build looks at the same examples each time; people look at new ones.
hypothesis.settings.register_profile("people", deadline=None)
hypothesis.settings.register_profile("build", deadline=None, derandomize=True)
hypothesis.settings.load_profile("build" if "CI" in os.environ else "people")


LONG = {"run", "train_model"}
"""Folders of tests that start whole programs, one after the other."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first: at the end, one worker would do them while others wait."""
    items.sort(key=lambda item: LONG.isdisjoint(item.path.parts))


@pytest.fixture(autouse=True, scope="session")
def ctrl_c_is_heard() -> None:
    """Take SIGINT as a terminal gives it: a shell starts background jobs with it ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def folders_are_trusted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask each new folder once whether it creates objects once, not ten times."""
    if "storage" not in request.path.parts:
        monkeypatch.setattr(probe, "ROUNDS", 1)
