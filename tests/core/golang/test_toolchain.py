import logging
import os
import subprocess
from pathlib import Path

import pytest
from killing import begun

from codekiln.core import scratch
from codekiln.core.errors import ServiceError
from codekiln.core.golang import toolchain

BUILDING = (
    'if [ "$1" = version ]; then cat "$(dirname "$0")/version"; exit 0; fi\n'
    'echo built >> "$(dirname "$0")/builds"; while [ "$1" != -o ]; do shift; done\n'
    'printf "#!/bin/sh\\n" > "$2"; chmod +x "$2"'
)
"""A Go whose version is in a file, and that counts what it builds."""


def go_that(folder: Path, script: str) -> Path:
    path = folder / "go"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_go_beside_python_comes_before_that_on_the_path(tmp_path: Path) -> None:
    beside, on_path = tmp_path / "a", tmp_path / "b"
    for folder in (beside, on_path):
        folder.mkdir()
    second = go_that(on_path, "exit 0")
    environ = {"PATH": str(on_path)}
    assert toolchain.find_go(environ, beside) == second
    first = go_that(beside, "exit 0")
    assert toolchain.find_go(environ, beside) == first


def test_without_go_there_is_no_judge_and_one_line_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert toolchain.judge({"PATH": str(tmp_path)}, tmp_path) is None
    (record,) = caplog.records
    assert "syntax stays unknown" in record.getMessage()


def test_a_go_that_fails_is_said_with_its_words_and_leaves_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    go_that(tmp_path, '[ "$1" = version ] && echo go1 && exit 0; echo out of luck >&2; exit 1')
    environ = {"PATH": os.environ["PATH"], "XDG_CACHE_HOME": str(tmp_path / "cache")}
    assert toolchain.judge(environ, tmp_path) is None
    assert "out of luck" in caplog.text
    assert not list(toolchain.cache_folder(environ).iterdir())


def test_a_judge_that_does_not_run_is_none(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    script = (
        '[ "$1" = version ] && exit 0; while [ "$1" != -o ]; do shift; done\n'
        'printf "#!/bin/sh\\necho no room >&2; exit 1\\n" > "$2"; chmod +x "$2"'
    )
    go_that(tmp_path, script)
    environ = {"PATH": os.environ["PATH"], "XDG_CACHE_HOME": str(tmp_path / "cache")}
    assert toolchain.judge(environ, tmp_path) is None
    assert "no room" in caplog.text


def test_a_judge_is_compiled_once_a_version_of_go(tmp_path: Path) -> None:
    go_that(tmp_path, BUILDING)
    environ = {"PATH": os.environ["PATH"], "XDG_CACHE_HOME": str(tmp_path / "cache")}
    made = []
    for version in ("go1.26", "go1.26", "go1.27"):
        (tmp_path / "version").write_text(version)
        made.append(toolchain.judge(environ, tmp_path))
    assert made[0] == made[1] != made[2]
    assert (tmp_path / "builds").read_text().split() == ["built", "built"]


def test_processes_that_ask_at_once_compile_one_judge_and_say_so(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes all cores for a while; two at once take twice as long, for nothing."""
    go_that(tmp_path, f"sleep 0.2\n{BUILDING}")
    (tmp_path / "version").write_text("go1.27")
    monkeypatch.setenv("CODEKILN_RUNNER", "local")
    environ = {"PATH": os.environ["PATH"], "XDG_CACHE_HOME": str(tmp_path / "cache")}
    asking = [begun(lambda: toolchain.judge(environ, tmp_path)) for _ in range(3)]
    assert [os.waitpid(pid, 0)[1] for pid in asking] == [0, 0, 0]
    assert (tmp_path / "builds").read_text().split() == ["built"]
    assert "judges of Go compiled" in capfd.readouterr().err


def test_what_a_killed_compile_left_goes_with_the_next(tmp_path: Path) -> None:
    """Go's own cache is in it, a hundred megabytes."""
    go_that(tmp_path, BUILDING)
    (tmp_path / "version").write_text("go1.27")
    environ = {"PATH": os.environ["PATH"], "XDG_CACHE_HOME": str(tmp_path / "cache")}
    left = toolchain.cache_folder(environ) / "build-killed"
    (left / "cache").mkdir(parents=True)
    (left / scratch.LOCK).touch()
    made = toolchain.judge(environ, tmp_path)
    assert list(toolchain.cache_folder(environ).iterdir()) == [made]


def test_the_source_of_the_judge_is_as_gofmt_writes_it() -> None:
    go = toolchain.find_go(os.environ)
    if go is None:
        pytest.skip("no Go here")
    root = subprocess.run([go, "env", "GOROOT"], capture_output=True, text=True, check=True)
    gofmt = Path(root.stdout.strip()) / "bin" / "gofmt"
    told = subprocess.run(
        [gofmt, "-l", toolchain.SOURCE], capture_output=True, text=True, check=True
    )
    assert not told.stdout


def test_a_judge_that_is_shipped_needs_no_go(tmp_path: Path) -> None:
    program = tmp_path / "judge"
    program.write_text("#!/bin/sh\nexit 0\n")
    program.chmod(0o755)
    environ = {"PATH": "/usr/bin:/bin", toolchain.SHIPPED: str(program)}
    assert toolchain.judge(environ, tmp_path / "none") == program


def test_a_judge_that_was_to_be_shipped_and_is_not_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    environ = {"PATH": "/usr/bin:/bin", toolchain.SHIPPED: str(tmp_path / "none")}
    assert toolchain.judge(environ, tmp_path) is None
    assert "none" in caplog.text


def test_the_version_is_told_by_go_itself_or_by_the_judge_that_was_shipped(tmp_path: Path) -> None:
    environ = {"PATH": os.environ["PATH"]}
    assert toolchain.version({"PATH": str(tmp_path)}, tmp_path) == ""
    go_that(tmp_path, "echo go version go1.98.1 linux/amd64")
    assert toolchain.version(environ, tmp_path) == "go1.98.1"
    judge = tmp_path / "judge"
    judge.write_text("#!/bin/sh\nprintf 'V\\000\\000\\000\\006go1.99'\ncat >/dev/null\n")
    judge.chmod(0o755)
    assert toolchain.version({**environ, toolchain.SHIPPED: str(judge)}, tmp_path) == "go1.99"


@pytest.mark.parametrize("script", ["exit 1", "echo nonsense"])
def test_a_go_that_cannot_tell_its_version_is_no_reason_to_go_on_without(
    tmp_path: Path, script: str
) -> None:
    go = go_that(tmp_path, script)
    environ = {"PATH": os.environ["PATH"]}
    with pytest.raises(ServiceError, match="Go does not work here"):
        toolchain.version(environ, tmp_path)
    with pytest.raises(ServiceError, match="is no judge of Go that works"):
        toolchain.version({**environ, toolchain.SHIPPED: str(go)}, tmp_path)
