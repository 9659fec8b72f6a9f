import copy
import json
from pathlib import Path
from typing import Any

import pytest

from codekiln.core import settings
from codekiln.core.errors import InputError
from codekiln_pipelines import packages, recipes
from codekiln_pipelines.cluster import POOLS, Cluster, pool_arguments

NAMES = [(p, name) for p in packages.names() for name in recipes.names(p)]


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("package") / "history.yaml"
    packages.compile_into("history", path)
    return packages.read(path)


@pytest.mark.parametrize(("pipeline", "name"), NAMES)
def test_every_recipe_is_taken_by_its_pipeline(pipeline: str, name: str, tmp_path: Path) -> None:
    packages.compile_into(pipeline, tmp_path / "package.yaml")
    must = {"history": ["repository"], "collect": ["data"], "data": ["data", "corpus"]}[pipeline]
    document = {**recipes.load(pipeline, name), **dict.fromkeys(must, "/r")}
    read = recipes.arguments(packages.read(tmp_path / "package.yaml"), document)
    assert {read[name] for name in must} == {"/r"}


def test_each_pipeline_has_the_three_recipes() -> None:
    for pipeline in packages.names():
        assert recipes.names(pipeline) == ["full", "laptop", "smoke"]


def test_an_unknown_recipe_names_the_nearest() -> None:
    with pytest.raises(InputError, match="unknown recipe labtop: did you mean laptop"):
        recipes.load("history", "labtop")


def test_the_recipe_none_lays_nothing_under_the_file_of_the_user() -> None:
    assert recipes.load("history", "none") == {}
    assert "none" not in recipes.names("history")


def test_sections_are_merged_key_by_key() -> None:
    under = {"a": 1, "training": {"seed": 1, "patience": 2}}
    over = {"training": {"seed": 3}}
    assert recipes.merge(under, over) == {"a": 1, "training": {"seed": 3, "patience": 2}}


def test_a_section_whose_lines_are_all_commented_out_changes_nothing(
    package: dict[str, Any],
) -> None:
    under = {"tokenize": {"window": 256}}
    assert recipes.merge(under, {"tokenize": None}) == under
    told = recipes.arguments(package, {"repository": "/a", "tokenize": None})
    assert json.loads(told["config"]) == {"tokenize": {}}


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({"trainning": {}}, r"unknown setting trainning: did you mean training\?"),
        ({"training": {"sed": 1}}, r"unknown setting training\.sed: did you mean seed\?"),
        ({"training": {"seed": -1}}, r"training\.seed is -1"),
        ({"tokenize": {"windw": 1}}, r"unknown setting tokenize\.windw: did you mean window\?"),
        ({"model_size": "huge"}, "model_size is 'huge'; it must be one of tiny, small, medium"),
        ({"modelsize": "tiny"}, r"unknown setting modelsize: did you mean model_size\?"),
        ({}, "repository is missing: give --repository"),
        ({"repository": ""}, "repository is missing: give --repository"),
        ({"repository": "/bad\udcff"}, r"repository is '/bad\\udcff', which is not UTF-8"),
        ({"tokenize": 5}, "tokenize is 5; it must map settings to values"),
    ],
)
def test_a_fault_is_told_before_anything_runs(
    package: dict[str, Any], document: dict[str, Any], told: str
) -> None:
    given = {"repository": "/r", **document} if document else {}
    with pytest.raises(InputError, match=told):
        recipes.arguments(package, given)


@pytest.mark.parametrize(
    ("pipeline", "told", "said"),
    [
        ("data", {"vocab_size": 10}, "^vocab_size is 10: .*greater than or equal to 512$"),
        ("data", {"opt_out": "nofile.txt"}, "^opt_out holds 'nofile.txt'"),
        ("data", {"licenses": "Aapche-2.0"}, r"did you mean Apache-2.0\?"),
        ("collect", {"max_pulls": -1}, "^max_pulls is -1: .*greater than or equal to 0$"),
        ("collect", {"max_repositories": 0}, "^max_repositories is 0: "),
    ],
)
def test_what_a_step_would_refuse_is_told_before_the_first(
    tmp_path: Path, pipeline: str, told: dict[str, Any], said: str
) -> None:
    packages.compile_into(pipeline, tmp_path / "package.yaml")
    with pytest.raises(InputError, match=said):
        recipes.arguments(packages.read(tmp_path / "package.yaml"), told, partial=True)


def test_a_parameter_is_named_as_the_user_knows_it(package: dict[str, Any]) -> None:
    handed = {name: field for name, _, field in recipes.fields_of(package)}
    assert handed["model_size"] == "size"
    free = copy.deepcopy(package)
    del free["root"]["inputDefinitions"]["parameters"]["model_size"]["literals"]
    with pytest.raises(InputError, match=r"^model_size is 'huge': Input should be 'tiny'"):
        recipes.arguments(free, {"repository": "/r", "model_size": "huge"})


def test_a_resumed_run_need_not_name_its_repository_again(package: dict[str, Any]) -> None:
    assert recipes.arguments(package, {"model_size": "tiny"}, partial=True) == {
        "model_size": "tiny"
    }


def test_the_recipes_lie_where_the_package_looks() -> None:
    assert (Path(recipes.folder()) / "history-laptop.yaml").is_file()


def test_a_resumed_run_cannot_lose_its_repository(package: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="repository is missing"):
        recipes.arguments(package, {"repository": ""}, partial=True)


def test_a_resumed_run_keeps_the_settings_that_are_not_asked_for_anew() -> None:
    earlier = {"repository": "/r", "config": '{"training": {"seed": 1, "patience": 2}}'}
    told = recipes.over(earlier, {"config": '{"training": {"seed": 3}}'})
    assert told["repository"] == "/r"
    assert json.loads(told["config"]) == {"training": {"seed": 3, "patience": 2}}


def test_no_two_sections_are_so_alike_that_one_is_taken_for_a_slip(package: dict[str, Any]) -> None:
    names = list(recipes.sections_of(package))
    for name in names:
        others = [other for other in names if other != name]
        settings.refuse_misspelled([name], others)


@pytest.fixture(scope="module")
def gpu_package(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("package") / "history.yaml"
    packages.compile_into("history", path, Cluster(pool="a100"))
    return packages.read(path)


def test_a_group_under_the_name_of_a_parameter_is_its_value_and_no_section(
    gpu_package: dict[str, Any],
) -> None:
    document = {
        "repository": "/r",
        "gpu_node_selector": {"pool": "h100"},
        "gpu_tolerations": [{"operator": "Exists"}],
        "training": {"seed": 1},
    }
    told = recipes.arguments(gpu_package, document)
    assert json.loads(told["gpu_node_selector"]) == {"pool": "h100"}
    assert json.loads(told["gpu_tolerations"]) == [{"operator": "Exists"}]
    assert json.loads(told["config"]) == {"training": {"seed": 1}}


def test_what_a_pool_says_is_taken_by_a_package_for_gpus(gpu_package: dict[str, Any]) -> None:
    for pool in POOLS:
        told = recipes.arguments(gpu_package, {"repository": "/r", **pool_arguments(pool)})
        assert told["gpu_count"] == POOLS[pool].gpu_count


def test_a_number_is_held_against_choices_that_are_texts(gpu_package: dict[str, Any]) -> None:
    told = recipes.arguments(gpu_package, {"repository": "/r", "gpu_count": 1})
    assert told["gpu_count"] == "1"
    with pytest.raises(InputError, match="gpu_count is '2'; it must be one of 0, 1"):
        recipes.arguments(gpu_package, {"repository": "/r", "gpu_count": 2})


def test_the_recipe_that_a_report_names_lays_no_section_under_those_of_the_run(
    package: dict[str, Any],
) -> None:
    bare = recipes.load("history", recipes.NONE)
    for name in recipes.names("history"):
        told = recipes.arguments(package, {**recipes.load("history", name), "repository": "/r"})
        sections = settings.document(told.pop(recipes.CONFIG, ""))
        again = recipes.arguments(package, {**bare, **told, **sections})
        assert settings.document(again.pop(recipes.CONFIG, "")) == sections
        assert again == told
