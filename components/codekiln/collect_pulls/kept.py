"""Which paths of a repository are worth their contents: its own Go code, written by people.

Others are listed with their status only, so their contents are never fetched.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase

SUFFIX = ".go"
VENDORED = ("vendor", "third_party", "Godeps", "_vendor", "node_modules")
GENERATED = (
    "*.pb.go", "*.pb.gw.go", "*_generated.go", "*.generated.go", "*.gen.go", "*_gen.go",
    "zz_generated*.go", "bindata.go", "*_bindata.go", "*_string.go", "*.deepcopy.go",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kept:
    """Paths that end in `suffix`, below none of `folders`, with a name like none of `names`."""

    suffix: str = SUFFIX
    folders: tuple[str, ...] = VENDORED
    names: tuple[str, ...] = GENERATED

    def holds(self, path: str) -> bool:
        """Tell whether `path` is kept."""
        if not path.endswith(self.suffix):
            return False
        *above, name = path.split("/")
        return not (
            any(part in self.folders for part in above)
            or any(fnmatchcase(name, pattern) for pattern in self.names)
        )

    def is_kin(self, path: str) -> bool:
        """Tell whether a kept file may have come from `path`: the suffix is in its name."""
        return self.suffix in path.rpartition("/")[2]

    @property
    def pathspecs(self) -> tuple[str, ...]:
        """What `holds`, as git's own patterns."""
        return (
            f":(glob)**/*{self.suffix}",
            *(f":(exclude,glob)**/{folder}/**" for folder in self.folders),
            *(f":(exclude,glob)**/{name}" for name in self.names),
        )

    @property
    def kin_pathspecs(self) -> tuple[str, ...]:
        """What `is_kin`, as git's own patterns."""
        return (f":(glob)**/*{self.suffix}*",)
