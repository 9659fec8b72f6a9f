"""What the mine_commits phase may be told."""

from pydantic import Field

from codekiln.core.settings import Output, Section


class Settings(Section):
    """Read every commit of a git repository, with its diff, into one record each."""

    repository: str = Field(description="path or URL of the git repository")
    commits: Output = Field(description="folder to write commits-*.parquet into")
    newest: int = Field(0, ge=0, description="mine only so many of the newest commits; 0: all")
    max_file_diff_kib: int = Field(32, ge=0, description="KiB of diff kept of one file")
    max_commit_diff_kib: int = Field(512, ge=0, description="KiB of diff kept of one commit")
    max_files: int = Field(10_000, ge=0, description="changed files listed with one commit")
    max_message_kib: int = Field(64, ge=1, description="KiB kept of one commit's text")
    max_diffed_file_mib: int = Field(
        50, ge=1, description="MiB of the largest file diffed as text; git needs 7 times as much"
    )
    max_branches: int = Field(20, ge=0, description="names of branches listed with one commit")
    range_commits: int = Field(
        2000, ge=1, description="commits in one file, and in one turn of a worker"
    )
    workers: int = Field(0, ge=0, le=256, description="processes at work; 0: one for each core")
