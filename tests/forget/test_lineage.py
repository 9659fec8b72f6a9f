"""What had seen it: by digests, through all runs and sets of tokens."""

from pathlib import Path

import pytest
from forgetting import Forget, World
from lineages import step

from codekiln.core.errors import InputError
from codekiln.forget import lineage


def seen(told: dict[str, list[dict[str, str]]], what: str = "seen_by") -> list[tuple[str, str]]:
    return [(one["what"], "/".join(one["place"].split("/")[-2:])) for one in told[what]]


def test_all_that_came_of_versions_that_held_it_is_told(forget: Forget) -> None:
    assert seen(forget("acme/router")) == [
        ("tokens", "tokens/both"),
        ("snapshot pulls", "run-2/collected"),
        ("tokens", "run-2/tokens"),
        ("model", "run-2/model"),
    ]


def test_a_model_that_is_found_after_the_versions_are_gone_is_told(
    world: World, forget: Forget
) -> None:
    digest = world.dataset("cleaned").newest().digest
    forget("acme/router", "--erase")
    late = world.runs / "late"
    tokens = step(late / "tokens", "pack_examples", cleaned=digest)
    step(late / "model", "train_model", tokens=tokens)
    assert ("model", "late/model") in seen(forget("acme/router"))


def test_what_was_made_from_versions_that_were_pruned_before_cannot_be_told(
    world: World, forget: Forget
) -> None:
    data = world.dataset("data")
    data.unname("collect-1")
    data.prune(keep=1)
    late = world.runs / "late"
    step(late / "model", "train_model", tokens=step(late / "tokens", "pack_examples", cleaned="?"))
    told = forget("acme/router")
    assert seen(told, "cannot_be_told") == [
        ("snapshot pulls", "run-1/collected"), ("snapshot pulls", "run-2/collected"),
        ("model", "late/model"), ("tokens", "late/tokens"),
    ]  # fmt: skip
    # By the cleaned examples it is known all the same.
    assert ("model", "run-2/model") in seen(told)


def test_what_was_made_of_a_version_that_is_without_it_has_not_seen_it(
    world: World, forget: Forget
) -> None:
    before = world.dataset("cleaned").newest().digest
    forget("acme/router")
    after = world.dataset("cleaned").newest().digest
    run = world.runs / "pinned"
    step(run / "cleaned", "clean_corpus", examples=before, written=after)
    step(run / "tokens", "pack_examples", cleaned=after)
    found = seen(forget("acme/router"))
    assert ("examples", "pinned/cleaned") in found
    assert ("tokens", "pinned/tokens") not in found


def test_a_model_made_with_a_tokenizer_that_had_seen_it_is_told(
    world: World, forget: Forget
) -> None:
    held = world.dataset("cleaned").newest().digest
    tokenizer = step(world.runs / "t" / "tokenizer", "train_tokenizer", cleaned=held)
    step(world.runs / "t" / "again", "train_tokenizer", reuse=tokenizer)
    step(world.runs / "t" / "tokens", "pack_examples", cleaned="new", tokenizer=tokenizer)
    found = seen(forget("acme/router"))
    assert {("tokenizer", "t/tokenizer"), ("tokenizer", "t/again"), ("tokens", "t/tokens")} <= {
        *found
    }


def test_places_that_were_not_looked_at_are_said(
    world: World, forget: Forget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (world.runs / "broken").mkdir()
    (world.runs / "broken" / "manifest.json").write_text("{")
    said = forget("acme/router", json_=False)
    assert f"{world.runs}/broken/manifest.json: no manifest that can be read" in said
    assert lineage.roots([]) == []
    (tmp_path / "codekiln-runs").mkdir()
    assert lineage.roots([]) == ["codekiln-runs"]
    with pytest.raises(InputError, match="--runs gone is no folder"):
        lineage.roots(["gone"])
