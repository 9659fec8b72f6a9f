from pathlib import Path

import pytest

from codekiln.core.errors import InputError
from codekiln.discover_repos import names


def listed(folder: Path, text: str) -> str:
    path = folder / "list.txt"
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("told", ["a/b c/d", "a/b,c/d", " a/b\nc/d\n"])
def test_names_are_words(told: str) -> None:
    assert names.read(told).names == ("a/b", "c/d")


def test_a_file_has_a_name_a_line_and_comments(tmp_path: Path) -> None:
    told = names.read(listed(tmp_path, "# ours\n\na/b  # the router\nc/d\n"))
    assert told.names == ("a/b", "c/d")


@pytest.mark.parametrize(
    "word",
    ["https://github.com/a/b.c", "https://github.com/a/b.c.git", "git@github.com:a/b.c.git",
     "github.com/a/b.c/", "ssh://git@github.com/a/b.c"],
)  # fmt: skip
def test_addresses_that_people_copy_are_names_too(word: str) -> None:
    assert names.read(word).names == ("a/b.c",)


def test_a_repository_that_is_called_like_a_host_is_no_host() -> None:
    assert names.read("gohugoio/hugo.io").names == ("gohugoio/hugo.io",)


def test_a_name_counts_once_however_it_is_written() -> None:
    told = names.read("Acme/Router acme/router https://github.com/acme/router")
    assert (told.names, told.doubled) == (("Acme/Router",), 2)


def test_each_wrong_line_is_named_with_what_was_found_and_wanted(tmp_path: Path) -> None:
    place = listed(tmp_path, "a/b\nrouter\nc/d\na/b/c\n")
    with pytest.raises(InputError) as caught:
        names.read(place)
    assert str(caught.value) == (
        f"{place}, line 2: found 'router', wanted owner/name; "
        f"{place}, line 4: found 'a/b/c', wanted owner/name"
    )


def test_many_wrong_lines_are_counted(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"line 3: .* and 7 more$"):
        names.read(listed(tmp_path, "x\n" * 10))


def test_an_empty_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="names no repository; give an owner/name a line"):
        names.read(listed(tmp_path, "# nothing\n"))


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="which cannot be read as text"):
        names.read(str(tmp_path / "gone.txt"))
    (tmp_path / "list.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="which cannot be read as text"):
        names.read(str(tmp_path / "list.txt"))


def test_a_name_is_a_name_even_where_a_folder_is_called_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "acme" / "router").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert names.read("acme/router").names == ("acme/router",)
