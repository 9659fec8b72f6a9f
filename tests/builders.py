"""Small real inputs for tests: what an earlier phase would have left."""

import dataclasses
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from codekiln.core import manifest
from codekiln.core.corpus.commits import Commit, FileChange, Writer, shard
from codekiln.core.tokens import folder as token_folder
from codekiln.core.tokens.folder import TokenInfo
from codekiln.tokenize import bpe

EMPTY: dict[type, Any] = {str: "", int: 0, bool: False, float: 0.0}


def finish(folder: Path, phase: str, counts: dict[str, int]) -> Path:
    """Write the manifest that makes `folder` the whole output of `phase`."""
    manifest.write(
        folder,
        manifest.Manifest(
            phase=phase,
            version="0",
            started="2026-01-01T00:00:00+00:00",
            seconds=1.0,
            settings={},
            settings_digest="0" * 64,
            inputs={},
            counts=counts,
            metrics={},
            files=manifest.files_of(folder),
            digest=manifest.digest_of(folder),
        ),
    )
    return folder


def blank(kind: type[Any]) -> dict[str, Any]:
    """Return a value for each field of a record: nothing, nowhere, never."""
    return {f.name: EMPTY.get(f.type, [] if "list" in str(f.type) else None) for f in fields(kind)}


def fields(kind: type[Any]) -> Sequence[Any]:
    """Return the fields of a record."""
    return dataclasses.fields(kind)


def commit(number: int, message: str = "work", diff: str = "", **told: Any) -> Commit:
    """Make the record of a commit at minute `number`, with one changed file if `diff` is given."""
    change = {**blank(FileChange), "path": "a.py", "change_type": "M", "diff_text": diff}
    known = {
        "order": number,
        "hash": f"{number:040x}",
        "abbrev_hash": f"{number:040x}"[-7:],
        "author_name": "Ann",
        "author_time": 1_700_000_000 + 60 * number,
        "committer_time": 1_700_000_000 + 60 * number,
        "dates_are_sane": True,
        "subject": message.split("\n")[0],
        "full_message": message,
        "diff_stats": [FileChange(**change)] if diff else [],
    }
    return Commit(**{**blank(Commit), **known, **told})


def mined(folder: Path, commits: Iterable[Commit]) -> Path:
    """Write a folder of commits as mine_commits leaves it."""
    folder.mkdir(parents=True, exist_ok=True)
    records = list(commits)
    with Writer(shard(folder, 0)) as writer:
        for record in records:
            writer.add(record)
    return finish(folder, "mine_commits", {"commits": len(records)})


def tokens(folder: Path, ids: Sequence[int], window: int = 8, overlap: int = 2) -> Path:
    """Write a token folder as tokenize leaves it, with a tokenizer of 300 ids or so."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = bpe.train(["def f(x): return x\n"] * 4, 300)
    tokenizer.save_pretrained(str(folder / token_folder.TOKENIZER))
    vocab_size = len(tokenizer)
    total = token_folder.write_ids(folder, [ids], vocab_size)
    info = TokenInfo(
        tokens=total,
        window=window,
        overlap=overlap,
        vocab_size=vocab_size,
        pad_id=tokenizer.pad_token_id,
        dtype=token_folder.dtype_for(vocab_size).str,
    )
    token_folder.write_info(folder, info)
    return finish(folder, "tokenize", {"sequences": len(info.windows), "unique_tokens": total})
