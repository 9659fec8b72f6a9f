"""What every test of the collector stands on."""

import pytest

from codekiln.core.storage import probe


@pytest.fixture(autouse=True)
def folders_are_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask each new folder once whether it creates objects once, not ten times."""
    monkeypatch.setattr(probe, "ROUNDS", 1)
