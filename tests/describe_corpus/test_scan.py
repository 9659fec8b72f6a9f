from collections import Counter
from pathlib import Path

from example_folders import built, example

from codekiln.core.corpus import example_source, examples
from codekiln.describe_corpus import scan
from codekiln.describe_corpus.card import Folders
from codekiln.describe_corpus.scan import NO_STEP


def test_columns_tell_what_the_examples_do(left: Folders) -> None:
    found = list(examples.read(left.cleaned))
    seen = scan.scan(example_source.source(left.cleaned))
    assert seen.examples == len(found)
    assert seen.repositories == Counter(one.repository for one in found)
    assert seen.years == Counter(one.merged_at.year for one in found)
    assert seen.intents == Counter((one.plan[0].intent, one.plan[0].target_kind) for one in found)
    assert seen.lengths["code"].sum == sum(len(one.solution.code) for one in found)
    assert seen.lengths["code"].longest == max(len(one.solution.code) for one in found)
    titles = [one.problem.title + one.problem.details for one in found]
    assert seen.lengths["problem"].sum == sum(map(len, titles))
    assert seen.pulls.lengths().total() == len({(one.repository_id, one.number) for one in found})


def test_a_plan_without_a_step_is_counted_as_such(tmp_path: Path) -> None:
    folder = built(tmp_path, [example(1), example(2, plan=()), example(3)])
    seen = scan.scan(example_source.source(folder))
    assert seen.intents == Counter({("FIX", "func"): 2, (NO_STEP, NO_STEP): 1})
    assert seen.steps == Counter({1: 2, 0: 1})


def test_a_repository_has_all_licenses_of_its_examples(tmp_path: Path) -> None:
    told = ("GPL-2.0-only", "MIT", "MIT")
    folder = built(tmp_path, [example(n, license=one) for n, one in enumerate(told)])
    [name] = (seen := scan.scan(example_source.source(folder))).repositories
    assert seen.licenses_of(name) == "MIT, GPL-2.0-only"
    assert not seen.licenses_of("acme/other")


def test_of_no_examples_nothing_is_seen(tmp_path: Path) -> None:
    seen = scan.scan(example_source.source(built(tmp_path, [])))
    assert seen.examples == 0
    assert not seen.pulls.lengths()
