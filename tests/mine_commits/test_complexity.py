import pytest

from codekiln.mine_commits.complexity import is_high_risk, score


@pytest.mark.parametrize(
    ("lines", "files", "is_merge", "expected"),
    [
        (0, 0, False, 0.0),
        (250, 25, False, 0.5),
        (250, 25, True, 0.75),
        (10_000, 0, False, 0.6),
        (0, 1000, False, 0.4),
        (500, 50, True, 1.0),
    ],
)
def test_the_score_is_the_formula(lines: int, files: int, is_merge: bool, expected: float) -> None:
    assert score(lines, files, is_merge=is_merge) == pytest.approx(expected)


def test_risk_is_high_above_either_limit() -> None:
    assert not is_high_risk(500, 20)
    assert is_high_risk(501, 0)
    assert is_high_risk(0, 21)
