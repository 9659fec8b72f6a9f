from codekiln.core import container


def test_an_image_is_named_for_its_phase() -> None:
    assert container.image("mine_commits").endswith("/codekiln-mine-commits:" + container.TAG)


def test_the_variant_for_gpus_has_the_same_name_and_a_tag_of_its_own() -> None:
    plain = container.image("train_model")
    assert container.image("train_model", "cuda") == plain + "-cuda"


def test_a_container_is_told_its_flags_after_the_executor_input() -> None:
    spec = container.of("tokenize", commits="/in", tokens="/out", max_tokens=3)
    assert spec.image == container.image("tokenize")
    assert spec.command == ["python", "-m", "codekiln.tokenize"]
    assert spec.args == [
        *("--executor-input", "{{$}}"),
        *("--commits", "/in", "--tokens", "/out", "--max-tokens", 3),
    ]
