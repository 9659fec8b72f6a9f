"""What a pull request changes where there is no git behind it: plausible, and true to its seed."""

from collections.abc import Sequence

from codekiln.fake_github.dice import Dice, sha
from codekiln.fake_github.pulls import Changed, CommitFacts, FileFacts, Pull
from codekiln.fake_github.stories import Thing
from codekiln.fake_github.words import words


def changed(things: Sequence[Thing], pull: Pull, key: tuple[int, int]) -> Changed:
    """Return the commits and files of `pull` in the repository `key` (seed, ordinal)."""
    dice = Dice(*key, pull.index, "files")
    lines = pull.story.code.count("\n") + 1
    first = FileFacts(pull.story.path, "modified", dice.between(1, 4 * lines), dice.below(lines))
    files = {first.path: first}
    if not pull.author.is_bot:
        test = pull.story.path.replace(".go", "_test.go")
        files[test] = FileFacts(test, "modified", dice.between(5, 90), dice.below(9))
        for thing in dice.sample(things, dice.below(1 + dice.below(9))):
            more = FileFacts(thing.path, "modified", dice.between(1, 40), dice.below(30))
            files.setdefault(more.path, more)
    return Changed(
        pull.head_sha,
        pull.base_sha,
        pull.merge_sha,
        tuple(_commits(pull, dice)),
        tuple(files[path] for path in sorted(files)),
    )


def _commits(pull: Pull, dice: Dice) -> list[CommitFacts]:
    count = 1 if pull.author.is_bot else dice.between(1, 1 + dice.below(5))
    made = []
    for number in range(count):
        last = number == count - 1
        commit = pull.head_sha if last else sha(pull.head_sha, number)
        message = dice.pick(words("afterthoughts")) if number else pull.story.title
        made.append(CommitFacts(commit, pull.author, pull.created_at + 300 * number, message))
    return made
