"""A corpus for tests: nights of pull requests, and the steps that make examples of them."""

from collections.abc import Sequence
from pathlib import Path

from go_changes import go, package
from pull_folders import collected, dataset
from pulls_made import changed, pull

from codekiln.build_examples.__main__ import build_examples
from codekiln.build_examples.settings import Settings as BuildSettings
from codekiln.core import manifest, program
from codekiln.core.corpus import example_source
from codekiln.core.corpus.example_entries import Made, made_of
from codekiln.core.corpus.pulls import PullRequest
from codekiln.core.datasets.dataset import Dataset, Shard, Version
from codekiln.core.manifest import Manifest
from codekiln.core.storage.objects import open_store
from codekiln.gather_examples.__main__ import gather_examples
from codekiln.gather_examples.settings import Settings as GatherSettings

OLD, NEW = package("func f() {}"), package("func f() { g() }", "func h() {}")


def merged(key: str, *numbers: int) -> list[PullRequest]:
    """Make pull requests of two examples each; those with even numbers have none."""
    files = {1: (go(OLD, NEW), changed("notes.md")), 0: (changed("notes.md"),)}
    return [
        pull(n, repository=f"acme/{key}", repository_id=key, files=files[n % 2]) for n in numbers
    ]


class Corpus:
    """Pull requests in one place, examples in another; a folder or `s3://` each."""

    def __init__(self, scratch: Path, root: str = "") -> None:
        """Keep folders of outputs in `scratch`, data below `root`."""
        self.scratch = scratch
        self.root = root or str(scratch)
        self.examples = Dataset(open_store(f"{self.root}/corpus/examples"))

    def night(self, **repositories: Sequence[int]) -> Version:
        """Let these be all pull requests, by repository: a shard for each ten numbers."""
        place = f"{self.root}/data"
        version = dataset(place, **{k: merged(k, *n) for k, n in repositories.items()})
        gone = version.entries.keys() - repositories.keys()
        version = Dataset(open_store(place)).commit(
            {key: lambda _: None for key in gone}, run="test"
        )
        collected(self.scratch / "collected", place, version)
        return version

    def build(self, *flags: str, into: str = "built") -> Manifest:
        """Run build_examples in this process, with one worker unless `flags` say otherwise."""
        place = self.scratch / into
        argv = ["--collected", str(self.scratch / "collected"), "--examples", str(place)]
        told = ["--corpus", f"{self.root}/corpus", "--workers", "1"]
        program.run(build_examples, BuildSettings, [*argv, *told, *flags])
        return manifest.read(place)

    def gather(self, *flags: str) -> Manifest:
        """Run gather_examples in this process."""
        into = self.scratch / "examples"
        argv = ["--collected", str(self.scratch / "collected"), "--examples", str(into)]
        argv += ["--corpus", f"{self.root}/corpus"]
        program.run(gather_examples, GatherSettings, [*argv, *flags])
        return manifest.read(into)

    def made(self) -> dict[str, Made]:
        """Return what the newest version holds, by repository."""
        newest = self.examples.newest()
        return {entry.key: made_of(entry) for entry in self.examples.entries(newest)}

    def shards_of(self, key: str) -> Sequence[Shard]:
        """Return the shards of examples of a repository."""
        entry = self.examples.entry(self.examples.newest(), key)
        return entry.tables.get("examples", ()) if entry else ()

    def numbers(self) -> list[tuple[str, int]]:
        """Return the repository and number of each example of the newest version."""
        found = example_source.of_version(self.examples, self.examples.newest())
        return [(one.repository_id, one.number) for part in found.parts for one in part.read()]
