from pathlib import Path

from histories import history, line, text

from codekiln.core.git import objects
from codekiln.core.git.command import Git


def test_objects_come_in_order_and_a_missing_one_is_none(tmp_path: Path) -> None:
    made = history(tmp_path)
    first, second = made.blob("one\n"), made.blob(b"\0" * 100_000)
    git = Git(variables={"GIT_DIR": str(tmp_path)})
    read = list(objects.stream(git, [first, "0" * 40, second, first], longest=10))
    assert [one.data if one else None for one in read] == [b"one\n", None, b"\0" * 10, b"one\n"]
    assert [one.size if one else None for one in read] == [4, None, 100_000, 4]


def test_sizes_are_told_of_what_is_there(tmp_path: Path) -> None:
    made = history(tmp_path)
    shas = [made.blob("one\n"), "0" * 40, made.blob("")]
    git = Git(variables={"GIT_DIR": str(tmp_path)})
    assert objects.sizes(git, shas) == {shas[0]: 4, shas[2]: 0}
    assert objects.sizes(git, []) == {}


def test_a_dialogue_is_asked_for_many_at_once_and_never_waits_for_itself(tmp_path: Path) -> None:
    made = history(tmp_path)
    large, small = made.blob(b"x" * 100_000), made.blob("y")
    shas = [large, "0" * 40, small] * 300
    with Git(variables={"GIT_DIR": str(tmp_path)}).dialogue("cat-file", "--batch") as process:
        told = list(objects.asked(process, shas, longest=5))
    assert len(told) == 600
    assert dict(told) == {
        large: objects.Object("blob", 100_000, b"xxxxx"),
        small: objects.Object("blob", 1, b"y"),
    }


def test_a_dialogue_answers_each_question(tmp_path: Path) -> None:
    made = history(tmp_path)
    sha = made.blob("one\n")
    with Git(variables={"GIT_DIR": str(tmp_path)}).dialogue("cat-file", "--batch") as process:
        for _ in range(2):
            assert objects.ask(process, sha) == objects.Object("blob", 4, b"one\n")
            assert objects.ask(process, "1" * 40) is None


def test_names_that_are_commits_are_found_by_any_unique_beginning(tmp_path: Path) -> None:
    made = line(tmp_path, 1)
    sha = text(made.path, "rev-parse", "main")
    names = [sha, sha[:9], "f" * 12, made.blob("x")]
    git = Git(variables={"GIT_DIR": str(tmp_path)})
    assert objects.commits_named(git, names) == {sha: sha, sha[:9]: sha}


def test_one_git_names_commits_as_often_as_it_is_asked(tmp_path: Path) -> None:
    made = line(tmp_path, 1)
    sha = text(made.path, "rev-parse", "main")
    unknown = [f"{number:012x}" for number in range(2 * objects.QUESTIONS)]
    with objects.naming(Git(variables={"GIT_DIR": str(tmp_path)})) as commits_named:
        assert commits_named([]) == {}
        for _ in range(2):
            assert commits_named([*unknown, made.blob("x"), sha[:9]]) == {sha[:9]: sha}


def test_parents_end_where_the_author_begins() -> None:
    commit = b"tree 1\nparent 2\nparent 3\nauthor A\nparent 4\n\nparent 5\n"
    assert objects.parents(commit) == ["2", "3"]
