import pytest
from histories import git, history
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codekiln.collect_pulls.kept import Kept

PARTS = [
    "vendor", "a", "third_party", "vendored", "x.go", "Godeps", "api.pb.go", "zz_generated.x.go",
    "bindata.go", "kind_string.go", "string.go", "x.go.txt", ".go", "[a].go", "*.go", "pb.go",
]  # fmt: skip


@pytest.mark.parametrize("path", ["main.go", "a/b/c_test.go", "vendored/x.go", "string.go"])
def test_code_that_people_write_is_kept(path: str) -> None:
    assert Kept().holds(path)


@pytest.mark.parametrize(
    "path",
    [
        "README.md", "x.go.txt", "vendor/a/b.go", "pkg/vendor/x.go", "third_party/x.go",
        "api/v1/api.pb.go", "zz_generated.deepcopy.go", "mocks_generated.go", "go",
    ],
)  # fmt: skip
def test_vendored_and_generated_code_and_all_else_is_not(path: str) -> None:
    assert not Kept().holds(path)


def test_a_kept_file_may_come_from_any_that_has_the_suffix_in_its_name() -> None:
    kept = Kept()
    assert all(map(kept.is_kin, ["a.go", "vendor/a.go", "d/a.go.tmpl", "a.gotmpl", "x.pb.go"]))
    assert not any(map(kept.is_kin, ["a.md", "x.go.d/readme", "go.mod"]))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(paths=st.lists(st.lists(st.sampled_from(PARTS), min_size=1, max_size=4), max_size=20))
def test_the_patterns_given_to_git_say_the_same(
    tmp_path_factory: pytest.TempPathFactory, paths: list[list[str]]
) -> None:
    made = history(tmp_path_factory.mktemp("kept"))
    # No path may lie below another that is a file.
    names = {"/".join([*(f"{p}" if "go" not in p else f"{p}.d" for p in parts[:-1]), parts[-1]])
             for parts in paths}  # fmt: skip
    names = {n for n in names if not any(other.startswith(n + "/") for other in names)}
    blob = made.blob("x")
    tree = made.tree({name.encode(): ("100644", blob) for name in names})
    empty = made.tree({})
    kept = Kept()
    for patterns, holds in ((kept.pathspecs, kept.holds), (kept.kin_pathspecs, kept.is_kin)):
        told = git(made.path, "diff-tree", "-r", "--name-only", "-z", empty, tree, "--", *patterns)
        assert set(filter(None, told.decode().split("\0"))) == {n for n in names if holds(n)}
