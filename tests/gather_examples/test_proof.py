from codekiln.core.corpus.example_entries import Given, Made, Wanted
from codekiln.core.datasets.dataset import Shard
from codekiln.gather_examples.proof import Proof, proof


def pair(name: str, *lacks: str, made_with: str = "now") -> tuple[Wanted, Made]:
    shards = tuple(Shard(sha256=n, rows=1, size=1, first=1, last=1) for n in ("x", "y", *lacks))
    wanted = Wanted(key=name, name=name, license="MIT", shards=shards)
    given = {digest: Given(None, {"files": 2}) for digest in ("x", "y")}
    made = Made(key=name, name=name, license="MIT", made_with=made_with, given=given)
    return wanted, made


def told(*pairs: tuple[Wanted, Made | None], made_with: str = "") -> Proof:
    return proof(iter(pairs), made_with)


def test_what_was_counted_of_all_repositories_is_added_up() -> None:
    found = told(pair("a/a"), pair("a/b"))
    assert (found.problem, found.digest, found.counts) == ("", "now", {"files": 8})


def test_a_repository_without_examples_or_with_those_of_other_shards_is_named() -> None:
    found = told(pair("a/a"), pair("a/b", "z"), (pair("a/c")[0], None))
    assert found.problem == (
        "2 of 3 repositories have no examples of these pull requests yet: a/b, a/c"
    )


def test_examples_of_shards_that_are_not_wanted_any_more_are_too_many() -> None:
    wanted, made = pair("a/a")
    fewer = Wanted(key="a/a", name="a/a", license="MIT", shards=wanted.shards[:1])
    assert told((fewer, made)).lacking == ["a/a"]


def test_those_made_with_other_settings_than_most_are_named() -> None:
    others = [pair(f"b/{n}", made_with="before") for n in range(5)]
    found = told(*(pair(f"a/{n}") for n in range(6)), *others)
    assert "5 of 11 repositories were made with other settings" in found.problem
    assert found.problem.endswith("b/0, b/1, b/2 and 2 more")


def test_all_alike_are_none_of_a_run_that_was_told_something_else() -> None:
    found = told(pair("a/a"), pair("a/b"), made_with="before")
    assert found.problem == (
        "2 of 2 repositories were made with other settings, or another Go, than this run told "
        "build_examples: a/a, a/b"
    )
    assert (found.digest, told(pair("a/a"), made_with="now").problem) == ("before", "")
