"""What the program says, and how it ends."""

import pytest
from forgetting import Forget, World

from codekiln.forget import command


def test_all_of_it_is_told_to_people(world: World, forget: Forget) -> None:
    said = forget("acme/router", json_=False)
    lines = [" ".join(line.split()) for line in said.replace(world.root, "W").splitlines()]
    assert lines[:5] == [
        "acme/router (R_router), found by its name",
        "pull requests W/data version 5 is without 3 pulls, 1 repositories",
        "examples W/corpus/examples version 3 is without 2 examples",
        "cleaned examples W/corpus/cleaned version 3 is without 2 examples",
        "near duplicates W/corpus/near/rules version 2 is without 2 signatures",
    ]
    older = lines[lines.index("older versions that still hold it:") + 2 :]
    assert [line.rsplit(" ", 2)[0] for line in older[:4]] == [
        "W/data 4", "W/data 3 collect-1", "W/data 2", "W/corpus/examples 2",
    ]  # fmt: skip
    assert "W/corpus/tokens/both: 1 documents" in lines
    assert any(line.startswith("model train_model 2026-11-02 03:00 ") for line in lines)
    assert "and 1 that only name data: 1 snapshot_pulls" in lines
    assert "--erase removes them" in lines[-1]
    erased = forget("acme/router", "--erase", json_=False)
    assert "older versions removed: 3" in erased
    assert "tokens removed:" in erased
    assert erased.splitlines()[-1].startswith("it is erased here")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["acme/none"], "hold no acme/none"),
        (["acme/router", "--erase", "--again"], "not allowed with argument"),
        (["acme/router", "--again"], "is not forgotten"),
        (["acme/router", "--runs", "gone"], "--runs gone is no folder"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_code_2(
    world: World, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    with pytest.raises(SystemExit) as exit_:
        command.main([*words, "--data", world.data])
    assert exit_.value.code == 2
    err = capsys.readouterr().err
    assert said in err
    assert len(err.splitlines()) == 1


def test_without_a_corpus_or_runs_it_is_said_that_they_were_not_looked_at(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(world.root)
    command.main(["acme/router", "--data", world.data, "--dry-run"])
    said = capsys.readouterr().out
    assert "examples, cleaned examples and tokens: no --corpus was given" in said
    assert "runs and models: no --runs was given" in said
    assert said.splitlines()[-1] == "nothing was changed; without --dry-run this would forget it"
