from pathlib import Path

import pytest
from pydantic import ValidationError

from codekiln.collect_pulls.settings import Settings


def told(tmp_path: Path, **more: object) -> Settings:
    given = {"data": "data", "repositories": tmp_path, "collected": tmp_path, **more}
    return Settings.model_validate(given)


@pytest.mark.parametrize(
    "wrong", [{"data": ""}, {"max_age_days": 36_501}, {"overlap_hours": 876_001}], ids=str
)
def test_what_no_run_could_use_is_refused(tmp_path: Path, wrong: dict[str, object]) -> None:
    assert told(tmp_path).max_age_days == 0
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        told(tmp_path, **wrong)
