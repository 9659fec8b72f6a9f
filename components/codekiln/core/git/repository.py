"""Opening a repository, by path or URL, without trusting anything in it but its objects.

A local repository is seen through a *view*: an empty bare repository of ours whose object folder
is that of the source. The source's settings, attributes, hooks and grafts are not in the view;
nothing is copied but the list of its refs and of its shallow commits. A URL is cloned first.
"""

import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from codekiln.core import digest
from codekiln.core.errors import InputError, ServiceError
from codekiln.core.git import objects
from codekiln.core.git.command import Git, folder, last_words, version
from codekiln.core.scratch import run_folder

EMPTY_TREES = {
    "sha1": "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    "sha256": "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}
URL = re.compile(r"^(?:(?:https?|ssh|git|file)://|[^/\s:]+@[^/\s:]+:(?!//))")
PASSWORD = re.compile(
    r"\s*(?:[a-z][a-z0-9+.-]*://[^/?#@:]*:[^/?#]*@|https?://(?!git@[^@/?#]*(?:[/?#]|$))[^/?#]*@)",
    re.IGNORECASE,
)
"""A password, or over http a user alone: a token goes by as one (https://ghp_...@github.com)."""
CLONED = ("refs/heads/", "refs/tags/", "refs/remotes/")
HEADS = "refs/heads/"
REMOTES = "refs/remotes/"
TAGS = "refs/tags/"
ALIAS = re.compile(r"^refs/remotes/[^/]+/HEAD$")
PREFIX = "codekiln-git-"
"""How the names of folders of ours begin."""
SHA = re.compile(r"^[0-9a-f]{40}(?:[0-9a-f]{24})?$")


@dataclass(frozen=True, slots=True)
class Ref:
    """A name and the commit it leads to, tags peeled."""

    name: str
    commit: str

    @property
    def is_branch(self) -> bool:
        """Tell whether this is a local or remote-tracking branch."""
        return self.name.startswith((HEADS, REMOTES))

    @property
    def short(self) -> str:
        """Return the name as people say it: `main`, `origin/main`, `v1.0`."""
        for prefix in (HEADS, REMOTES, TAGS):
            if self.name.startswith(prefix):
                return self.name.removeprefix(prefix)
        return self.name


@dataclass(frozen=True, slots=True)
class Repository:
    """A view of a repository and every ref of it that leads to a commit.

    `refs` is sorted by name and holds `HEAD` (and the HEAD of each linked worktree, as
    `HEAD@1`, ...) where no branch stands for it. `broken_refs` counts refs that lead to
    something that is not there.
    """

    name: str
    git: Git
    refs: tuple[Ref, ...]
    head: str | None
    broken_refs: int
    shallow_file: Path

    @property
    def digest(self) -> str:
        """Return what two states of a history share only if their refs lead to the same commits."""
        return digest.of_json(sorted((ref.name, ref.commit) for ref in self.refs))


@contextmanager
def opened(source: str, scratch: Path | None = None) -> Iterator[Repository]:
    """Open the repository at `source` (a path or URL); `scratch` holds what that takes.

    What runs left there that were killed is removed.
    Raise InputError if `source` is no repository or a URL that carries a password, ServiceError
    if a URL does not answer.
    """
    refuse_password(source)
    version(Git())
    if scratch is not None:
        scratch.mkdir(parents=True, exist_ok=True)
    with run_folder(PREFIX, scratch) as work:
        path = Path(source).expanduser()
        if is_url(source):
            path = cloned(source, work / "clone.git")
        yield viewed(path, work / "view.git", name_of(source))


def is_url(source: str) -> bool:
    """Tell a URL from the path of what is here, whatever that is called."""
    return bool(URL.match(source)) and not Path(source).expanduser().exists()


def refuse_path(source: str) -> None:
    """Raise InputError if `source` is a path where no repository is; URLs are not asked."""
    if not is_url(source):
        places(Path(source).expanduser())


def refuse_password(source: str) -> None:
    """Raise InputError, without repeating it, if `source` is a URL with a password or a token."""
    if PASSWORD.match(source):
        raise InputError(
            "the URL of the repository carries a password or a token (all before its @ may be "
            "one), and parameters are written into logs and manifests: leave it out and let a git "
            "credential helper give it"
        )


def name_of(source: str) -> str:
    """Return the name of the repository at `source`: its last part, without `.git`."""
    last = re.split(r"[/:]", str(Path(source).resolve() if source in {".", ".."} else source))
    parts = [part for part in last if part and part != ".git"]
    return parts[-1].removesuffix(".git") if parts else "repository"


def cloned(url: str, into: Path) -> Path:
    """Fetch the branches, tags and remote-tracking branches of `url` into a new bare repository."""
    # The user's own settings may hold the proxy or the credentials that this URL needs.
    git = Git(variables={"GIT_CONFIG_GLOBAL": str(Path("~/.gitconfig").expanduser())})
    listed = git.attempt("ls-remote", "--symref", "--", url)
    if listed.returncode:
        raise unreachable(url, last_words(listed.stderr))
    git.output("init", "--quiet", "--bare", "--template=", folder(into))
    lines = listed.stdout.decode("utf-8", "surrogateescape").split("\n")
    point_head(into, lines)
    wanted = refspecs(lines)
    if wanted:
        told = ["--quiet", "--no-tags", "--no-auto-maintenance", "--no-write-fetch-head"]
        inside = Git(variables={**git.variables, "GIT_DIR": folder(into)})
        fetched = inside.attempt("fetch", *told, "--", url, *wanted)
        if fetched.returncode:
            raise unreachable(url, last_words(fetched.stderr))
    return into


def point_head(repository: Path, listed: Sequence[str]) -> None:
    """Let HEAD of `repository` point at the branch that `ls-remote --symref` names, if any."""
    for line in listed:
        told = re.match(r"^(ref: refs/heads/\S+)\tHEAD$", line)
        if told:
            (repository / "HEAD").write_text(told[1] + "\n", encoding="utf-8")


def refspecs(listed: Sequence[str]) -> list[str]:
    """Return what to fetch from a remote that lists these refs."""
    names = [line.partition("\t")[2] for line in listed]
    wanted = [f"+{kind}*:{kind}*" for kind in CLONED if any(n.startswith(kind) for n in names)]
    detached = "HEAD" in names and not any(line.startswith("ref: ") for line in listed)
    return [*wanted, "+HEAD:refs/codekiln/HEAD"] if detached else wanted


def unreachable(url: str, words: str) -> InputError | ServiceError:
    """Tell a URL that is wrong (InputError) from a host that does not answer (ServiceError)."""
    shown = re.sub(r"//[^/@]*@", "//", url)
    words = words.replace(url, shown)
    wrong = re.search(r"not found|does not (appear|exist)|not a git|denied|could not read", words)
    if wrong or url.startswith("file://"):
        return InputError(f"{shown} cannot be cloned: {words}; check the URL and your access to it")
    return ServiceError(f"{shown} did not answer: {words}; check the network and run again")


def viewed(path: Path, view: Path, name: str) -> Repository:
    """Make a view of the repository at `path` in the new folder `view`."""
    git_dir, common, objects, object_format = places(path)
    source = Git(variables={"GIT_DIR": str(git_dir)})
    make_view(view, object_format)
    shallow = common / "shallow"
    if shallow.is_file():
        shutil.copyfile(shallow, view / "shallow")
    # attr.tree: newer gits read attributes from HEAD in a bare repository; an empty tree has none.
    git = Git(
        variables={"GIT_DIR": folder(view), "GIT_OBJECT_DIRECTORY": str(objects)},
        settings={"attr.tree": EMPTY_TREES[object_format]},
    )
    named = named_objects(source)
    refs = peeled(git, named)
    head = head_of(source)
    return Repository(name, git, refs, head, len(named) - len(refs), view / "shallow")


def places(path: Path) -> tuple[Path, Path, Path, str]:
    """Return git folder, common folder, object folder and object format of the source."""
    if not path.exists():
        raise InputError(f"{path} does not exist: give the path or URL of a git repository")
    start = path if path.is_dir() else path.parent
    asked = ["--absolute-git-dir", "--path-format=absolute", "--git-common-dir"]
    asked += ["--git-path", "objects", "--show-object-format"]
    told = Git().attempt("-C", folder(start), "rev-parse", *asked)
    if told.returncode:
        words = last_words(told.stderr)
        raise InputError(f"{path} is not a git repository that can be read ({words})")
    *parts, object_format = told.stdout.decode("utf-8", "surrogateescape").rstrip("\n").split("\n")
    if len(parts) != 3:
        raise InputError(f"{path} has a line break in its path: move the repository")
    git_dir, common, objects = (Path(part) for part in parts)
    return git_dir, common, objects, object_format


def make_view(view: Path, object_format: str) -> None:
    """Write an empty bare repository by hand: no template, no default of anyone's."""
    for part in ("objects", "refs/heads"):
        (view / part).mkdir(parents=True)
    (view / "HEAD").write_text("ref: refs/heads/none\n", encoding="utf-8")
    extension = "[extensions]\n\tobjectFormat = sha256\n" if object_format == "sha256" else ""
    format_version = 1 if extension else 0
    text = f"[core]\n\trepositoryFormatVersion = {format_version}\n\tbare = true\n{extension}"
    (view / "config").write_text(text, encoding="utf-8")


def named_objects(source: Git) -> dict[str, str]:
    """Return the object of every ref that is not just another's name, and of each HEAD."""
    lines = source.text("for-each-ref", "--format=%(objectname) %(refname) %(symref)").split("\n")
    rows = [line.split(" ", 2) for line in lines if line]
    # A clone of a clone holds origin/HEAD as a ref of its own: no branch, but the name of one.
    found = {name: sha for sha, name, other in rows if not other and not ALIAS.match(name)}
    pointed = set(found.values())
    heads = [head_of(source), *worktree_heads(source)]
    for number, sha in enumerate(dict.fromkeys(heads)):
        if sha and sha not in pointed:
            found["HEAD" if number == 0 else f"HEAD@{number}"] = sha
    return found


def head_of(source: Git) -> str | None:
    """Return the commit that HEAD stands on, None where there is none yet."""
    told = source.attempt("rev-parse", "--verify", "--quiet", "HEAD").stdout.decode().strip()
    return told if SHA.match(told) else None


def worktree_heads(source: Git) -> list[str]:
    """Return where the HEAD of each linked worktree stands."""
    told = source.attempt("worktree", "list", "--porcelain").stdout
    shas = re.findall(rb"^HEAD ([0-9a-f]{40,64})$", told, re.MULTILINE)
    return [sha.decode() for sha in shas if sha.strip(b"0")]


def peeled(git: Git, named: dict[str, str]) -> tuple[Ref, ...]:
    """Return the refs that lead to a commit; one to a blob, a tree or nothing is left out."""
    commits = objects.commits_named(git, sorted(set(named.values())))
    return tuple(Ref(n, commits[sha]) for n, sha in sorted(named.items()) if sha in commits)
