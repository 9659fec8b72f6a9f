"""The Go module that a made-up repository holds: files of declarations, which changes replace."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from codekiln.fake_github.stories import Change, Thing, catalogue

STANDARD = {
    "bufio": "bufio", "bytes": "bytes", "context": "context", "errors": "errors", "fmt": "fmt",
    "fs": "io/fs", "io": "io", "json": "encoding/json", "hex": "encoding/hex", "log": "log",
    "maps": "maps", "math": "math", "os": "os", "rand": "math/rand", "sha256": "crypto/sha256",
    "slices": "slices", "slog": "log/slog", "sort": "sort", "strconv": "strconv",
    "strings": "strings", "sync": "sync", "testing": "testing", "time": "time",
    "atomic": "sync/atomic", "http": "net/http", "filepath": "path/filepath",
}  # fmt: skip
"""Name of a package in code -> the path to import it by."""
_USE = re.compile(r"(?<![\w.\"`])([a-z][a-z0-9]+)\.[A-Z]")
_COMMENT = re.compile(r"//.*")
_TEXT = re.compile(r'"(?:[^"\\\n]|\\.)*"|`[^`]*`')

Tree = Mapping[str, "GoFile | str"]
"""Path -> what is there: Go that changes know how to change, or plain text."""
Edit = Callable[[Tree], Tree]


@dataclass(frozen=True, slots=True)
class GoFile:
    """A Go file: its package, then its declarations by name, in their order."""

    package: str
    declared: Mapping[str, str]
    thing: str = ""

    def text(self) -> str:
        """Write the file, formatted as gofmt would."""
        body = "\n".join(self.declared.values())
        bare = _TEXT.sub('""', _COMMENT.sub("", body))
        used = sorted(STANDARD[name] for name in set(_USE.findall(bare)) if name in STANDARD)
        head = f"package {self.package}\n\n"
        if len(used) == 1:
            head += f'import "{used[0]}"\n\n'
        elif used:
            head += "import (\n" + "".join(f'\t"{path}"\n' for path in used) + ")\n\n"
        return head + body

    def put(self, name: str, text: str) -> "GoFile":
        """Return the file with the declaration `name` added or replaced; "" takes it out."""
        declared = {**self.declared, name: text}
        return replace(self, declared={k: v for k, v in declared.items() if v})


ITEM = """\
// ITEM is one ONE, as it is stored and sent.
type ITEM struct {
	ID      string    `json:"id"`
	Owner   string    `json:"owner"`
	Size    int       `json:"size"`
	Tags    []string  `json:"tags,omitempty"`
	Expires time.Time `json:"expires"`
}
"""
THING = """\
// THING holds ITEMS by id.
type THING struct {
	mu    sync.Mutex
	items map[string]ITEM
	limit int
	ttl   time.Duration
	now   func() time.Time
}
"""
NEW = """\
// NewTHING returns an empty THING for up to limit ITEMS.
func NewTHING(limit int) *THING {
	return &THING{items: map[string]ITEM{}, limit: limit, ttl: time.Hour, now: time.Now}
}
"""
PUT = """\
// Put stores a ONE under its id, instead of what was there.
func (t *THING) Put(item ITEM) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.items[item.ID] = item
}
"""


def item_file(thing: Thing) -> GoFile:
    """Return the file that declares what `thing` holds."""
    return GoFile(thing.package, {"": thing.fill(ITEM)})


def thing_file(thing: Thing) -> GoFile:
    """Return the file of `thing` before any change: with what changes replace or remove."""
    declared = {"": thing.fill(THING), "New": thing.fill(NEW), "Put": thing.fill(PUT)}
    for change in catalogue():
        if change.before:
            declared[change.symbol] = thing.fill(change.before)
    return GoFile(thing.package, declared, thing.name)


def path_of(tree: Tree, thing: Thing) -> str:
    """Return where `thing` is declared; raises KeyError where it is not."""
    for path, file in tree.items():
        if isinstance(file, GoFile) and file.thing == thing.name:
            return path
    raise KeyError(thing.name)


def _go(tree: Tree, path: str, thing: Thing) -> GoFile:
    file = tree.get(path)
    return file if isinstance(file, GoFile) else GoFile(thing.package, {})


def apply_code(thing: Thing, change: Change) -> Edit:
    """Return the edit that makes `change` to `thing`."""

    def edit(tree: Tree) -> Tree:
        path = path_of(tree, thing)
        after = thing.fill(change.after)
        return {**tree, path: _go(tree, path, thing).put(change.symbol, after)}

    return edit


def apply_test(thing: Thing, change: Change) -> Edit:
    """Return the edit that adds the test of `change`."""

    def edit(tree: Tree) -> Tree:
        path = path_of(tree, thing).replace(".go", "_test.go")
        test = thing.fill(change.test)
        return {**tree, path: _go(tree, path, thing).put(change.symbol, test)}

    return edit


def move(thing: Thing) -> Edit:
    """Return the edit that gives the file of `thing`, and its tests, a clearer name."""

    def edit(tree: Tree) -> Tree:
        old = path_of(tree, thing)
        new = f"internal/{thing.package}/{thing.package}_{thing.suffix.lower()}.go"
        tests = {old: new, old.replace(".go", "_test.go"): new.replace(".go", "_test.go")}
        return {tests.get(path, path): file for path, file in tree.items()}

    return edit


def put_file(path: str, file: GoFile) -> Edit:
    """Return the edit that adds a Go file, unless there is one."""
    return lambda tree: tree if path in tree else {**tree, path: file}


def put_text(path: str, text: str) -> Edit:
    """Return the edit that writes a plain file."""
    return lambda tree: {**tree, path: text}


def append_text(path: str, text: str) -> Edit:
    """Return the edit that adds lines to a plain file."""
    return lambda tree: {**tree, path: f"{tree.get(path, '')}{text}"}
