"""The changes of a commit's files as records: made from git's rows, scored when read."""

from codekiln.core.corpus.commits import FileChange
from codekiln.mine_commits import complexity


def unread(row: str, path: str, original_path: str | None) -> FileChange:
    """Return the change that a raw row tells of, without what its patch will tell."""
    old_mode, new_mode, old_blob, new_blob, kind = row[1:].split(" ")
    return FileChange(
        path=path,
        original_path=original_path,
        change_type=kind[0],
        insertions=0,
        deletions=0,
        hunks=0,
        complexity=0.0,
        diff_text="",
        diff_truncated=False,
        is_binary=False,
        old_mode=int(old_mode, 8),
        new_mode=int(new_mode, 8),
        old_blob=old_blob,
        new_blob=new_blob,
    )


def scored(files: list[FileChange]) -> list[FileChange]:
    """Give each of `files` that has hunks its complexity."""
    for file in files:
        if file.hunks:
            file.complexity = complexity.file_score(file.insertions + file.deletions, file.hunks)
    return files
