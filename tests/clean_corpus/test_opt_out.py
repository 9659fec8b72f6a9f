"""The list of those who asked to be left out."""

from pathlib import Path

import pytest

from codekiln.clean_corpus.opt_out import names_of
from codekiln.core.errors import InputError


def test_the_opt_out_list_is_words_or_a_file(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_text("acme/store # asked in May\n\nother, R_2\n")
    assert names_of(str(path)) == ["acme/store", "other", "R_2"]
    assert names_of("a/b c") == ["a/b", "c"]
    assert names_of("") == []


@pytest.mark.parametrize(
    "told",
    [
        "/no/such/file", "a/b/c", "nofile.txt", "lists/left-out.csv", "not a repo!!", "a.b", "a/",
        "https://github.com/a/b", '"a/b"', ".", "\ufeffacme",
    ],
)  # fmt: skip
def test_a_wrong_opt_out_list_is_one_clear_error(told: str) -> None:
    with pytest.raises(InputError, match=r"^[^\n]*opt[-_]out[^\n]*$"):
        names_of(told)


def test_an_opt_out_list_may_be_long_and_repositories_may_have_dots() -> None:
    names = [f"owner-{number}/next.js" for number in range(1000)]
    assert names_of(" ".join(names)) == names


def test_a_node_id_may_be_of_the_old_kind_and_is_spelled_as_in_the_data() -> None:
    assert names_of("MDEwOlJlcG9zaXRvcnkxMjk2MjY5MQ== R_kgDOAMXLgw") == ["R_kgDOAMXLgw"] * 2


def test_an_opt_out_list_that_an_editor_of_windows_wrote_is_read(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes("acme/store\r\nother\r\n".encode("utf-8-sig"))
    assert names_of(str(path)) == ["acme/store", "other"]
    path.write_bytes("acme/store".encode("utf-16"))
    with pytest.raises(InputError, match="save it as UTF-8"):
        names_of(str(path))
    path.write_text("acme/store\nnot a repo!!\n")
    with pytest.raises(InputError, match=r"holds 'repo!!'"):
        names_of(str(path))


def test_a_folder_is_no_opt_out_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "acme").mkdir()
    for told in (str(tmp_path), "acme"):
        with pytest.raises(InputError, match="a folder: give the file"):
            names_of(told)
    assert names_of("acme,") == ["acme"]
