"""What peek is shown: a folder of each kind, once for all tests; nobody writes into it."""

from collections.abc import Callable
from pathlib import Path

import builders
import example_folders
import packed_examples
import pull_folders
import pytest
from example_folders import example
from pulls_made import pull

from codekiln.clean_corpus.rejects import Rejects
from codekiln.core.errors import InputError
from codekiln.peek import command

Peek = Callable[..., str]


@pytest.fixture
def peek(capsys: pytest.CaptureFixture[str]) -> Peek:
    """Give a function that returns what is printed of a path."""

    def printed(path: Path | str, *flags: str) -> str:
        command.do(command.parser().parse_args([str(path), *flags]))
        return capsys.readouterr().out

    return printed


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Give a function that returns the one line that a wrong command ends with."""

    def line(*argv: object) -> str:
        with pytest.raises(SystemExit) as caught:
            command.main([str(word) for word in argv])
        assert caught.value.code == InputError.exit_code
        told = capsys.readouterr()
        assert told.out == ""
        assert told.err.count("\n") == 1
        return told.err

    return line


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Leave folders by name: examples, rejects, pulls, data, commits, history, packed ..."""
    root = tmp_path_factory.mktemp("shelf")
    some = [packed_examples.made(number) for number in range(60)]
    cleaned = packed_examples.cleaned(root / "examples", some, files=3)
    (root / "rejects").mkdir()
    with Rejects(root / "rejects", 50) as written:
        written.add(example(1), "near duplicate", "f" * 32)
        written.add(example(2), "robot", "")
    pull_folders.parquet(root / "pulls", [pull(number) for number in (1, 2, 3)])
    version = pull_folders.dataset(
        root / "data",
        R_1=[pull(number) for number in (4, 5, 15)],
        R_2=[pull(7, repository="acme/queue", repository_id="R_2")],
    )
    pull_folders.collected(root / "collected", root / "data", version)
    builders.mined(
        root / "commits", [builders.commit(n, f"subject {n}\n\nwhy", "@@") for n in (1, 2)]
    )
    builders.tokens(root / "history", [n % 250 for n in range(40)])
    tokenizer = packed_examples.tokenizer(root / "tokenizer")
    packed_examples.run(cleaned, tokenizer, root / "packed")
    shards = [[example(n, repository_id="R_1") for n in (1, 2)]]
    example_folders.gathered(root / "gathered", str(root / "corpus"), shards)
    return root
