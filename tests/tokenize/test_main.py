import json
from pathlib import Path

import pytest
from builders import commit, mined
from transformers import GPT2Tokenizer

from codekiln.core import manifest, program
from codekiln.core.tokens import folder
from codekiln.tokenize import markers
from codekiln.tokenize.__main__ import tokenize
from codekiln.tokenize.settings import Settings


def run(commits: Path, tokens: Path, *more: str) -> manifest.Manifest:
    program.run(tokenize, Settings, ["--commits", str(commits), "--tokens", str(tokens), *more])
    return manifest.read(tokens)


@pytest.fixture
def commits(tmp_path: Path) -> Path:
    diff = "@@ -1 +1 @@\n-old = 1\n+new = 2\n"
    made = [commit(n, f"change {n}\n\nbecause {n}", diff) for n in range(40)]
    return mined(tmp_path / "commits", made)


SMALL = ("--vocab-size", "320", "--window", "64", "--overlap", "8")


def test_the_row_reads_back_as_the_commits_in_time_order(tmp_path: Path) -> None:
    late, early = commit(0, "late", committer_time=200), commit(1, "early", committer_time=100)
    made = run(mined(tmp_path / "c", [late, early]), tmp_path / "t", *SMALL)
    tokens = folder.open_tokens(tmp_path / "t")
    text = GPT2Tokenizer.from_pretrained(tokens.tokenizer).decode(tokens.ids)
    assert text.index("early") < text.index("late")
    assert text.count(markers.END) == made.counts["commits"] == 2


def test_both_counts_are_told_and_the_export_has_an_entry_a_sequence(
    commits: Path, tmp_path: Path
) -> None:
    counts = run(commits, tmp_path / "t", *SMALL).counts
    exported = json.loads((tmp_path / "t" / folder.SEQUENCES).read_text())
    assert len(exported) == counts["sequences"]
    assert sum(map(len, exported)) == counts["tokens_with_overlap"]
    assert counts["unique_tokens"] == counts["tokens_with_overlap"] - 8 * (len(exported) - 1)
    assert counts["padding_tokens"] == 64 * len(exported) - counts["tokens_with_overlap"]


def test_texts_longer_than_told_are_cut_counted_and_measured(commits: Path, tmp_path: Path) -> None:
    cut = run(commits, tmp_path / "cut", *SMALL, "--commit-chars", "200")
    long = commit(40, "long\n\n" + "word " * 300)
    mixed = run(
        mined(tmp_path / "m", [commit(0), long]),
        tmp_path / "mixed",
        *SMALL,
        "--commit-chars",
        "500",
    )
    whole = run(commits, tmp_path / "whole", *SMALL)
    assert (whole.counts["commits_cut"], mixed.counts["commits_cut"]) == (0, 1)
    assert mixed.counts["characters"] < 1000
    assert cut.counts["characters"] <= whole.counts["characters"]
    tokens = folder.open_tokens(tmp_path / "whole")
    text = GPT2Tokenizer.from_pretrained(tokens.tokenizer).decode(tokens.ids)
    assert whole.counts["characters"] == len(text)
    assert whole.metrics["characters_per_token"] == round(len(text) / len(tokens.ids), 3)


def test_a_tokenizer_learns_from_a_spread_of_a_history_too_long_for_it(tmp_path: Path) -> None:
    # Of 1 MiB of texts of 524,288 characters two are read: the first and the middle one.
    odd = ["alphabet", "umbrella", "alphabet", "umbrella"]
    made = [commit(n, f"{word} " * 50, committer_time=n + 1) for n, word in enumerate(odd)]
    told = ("--commit-chars", str(1 << 19), "--training-mib", "1")
    run(mined(tmp_path / "c", made), tmp_path / "t", *SMALL, *told)
    known = GPT2Tokenizer.from_pretrained(tmp_path / "t" / folder.TOKENIZER).get_vocab()
    assert [any(word in token for token in known) for word in ("alphabet", "umbrella")] == [
        True, False,
    ]  # fmt: skip


def test_the_same_commits_give_the_same_bytes(commits: Path, tmp_path: Path) -> None:
    one, two = run(commits, tmp_path / "1", *SMALL), run(commits, tmp_path / "2", *SMALL)
    assert one.digest == two.digest


def test_a_tokenizer_that_is_given_is_used_and_gets_the_markers(
    commits: Path, tmp_path: Path
) -> None:
    run(commits, tmp_path / "1", *SMALL)
    given = tmp_path / "1" / folder.TOKENIZER
    made = run(commits, tmp_path / "2", *SMALL, "--tokenizer", str(given))
    ids = [(tmp_path / name / folder.IDS).read_bytes() for name in ("1", "2")]
    assert ids[0] == ids[1]
    assert "tokenizer" in made.inputs


def test_a_folder_that_is_no_tokenizer_ends_with_code_2(
    commits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "none").mkdir()
    with pytest.raises(SystemExit) as stop:
        run(commits, tmp_path / "t", "--tokenizer", str(tmp_path / "none"))
    assert stop.value.code == 2
    assert "holds no GPT-2 tokenizer" in capsys.readouterr().err


def test_an_overlap_as_long_as_the_window_is_refused(commits: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as stop:
        run(commits, tmp_path / "t", "--window", "64", "--overlap", "64")
    assert stop.value.code == 2
    assert not (tmp_path / "t").exists()
