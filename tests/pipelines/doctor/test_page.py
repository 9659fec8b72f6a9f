import io
import json

from codekiln_pipelines.doctor import page
from codekiln_pipelines.doctor.finding import Line, State, fail, ok, skip

LINES = [
    Line("machine.python", ok("3.11.2")),
    Line("store.bucket", fail("no bucket [b]", "create it")),
    Line("gpu.driver", skip("none here")),
]


def test_people_read_a_line_a_check_its_remedy_under_it_and_a_summary() -> None:
    out = io.StringIO()
    page.told(LINES, [], out)
    assert out.getvalue().splitlines() == [
        "ok    machine.python            3.11.2",
        "fail  store.bucket              no bucket [b]",
        "                                -> create it",
        "skip  gpu.driver                none here",
        "1 ok, 0 warn, 1 fail, 1 skip",
    ]


def test_no_color_and_no_wrap_where_there_is_no_terminal() -> None:
    out = io.StringIO()
    page.told([Line("a.b", ok("x" * 500))], [], out)
    assert "\x1b" not in out.getvalue()
    assert "x" * 500 in out.getvalue()


def test_machines_read_one_document_with_stable_keys() -> None:
    out = io.StringIO()
    page.as_json(LINES, [], out)
    document = json.loads(out.getvalue())
    assert set(document) == {"checks", "summary"}
    assert document["checks"][1] == {
        "check": "store.bucket", "state": "fail", "found": "no bucket [b]", "remedy": "create it",
    }  # fmt: skip
    assert all(set(c) == {"check", "state", "found", "remedy"} for c in document["checks"])
    assert document["summary"] == {"ok": 1, "warn": 0, "fail": 1, "skip": 1}
    assert {str(state) for state in State} == {"ok", "warn", "fail", "skip"}


def test_a_secret_that_a_server_repeats_is_struck_out() -> None:
    for show in (page.told, page.as_json):
        out = io.StringIO()
        show([Line("a.b", fail("you sent planted-77", "not planted-77"))], ["planted-77"], out)
        assert "planted-77" not in out.getvalue()
        assert "***" in out.getvalue()


def test_control_characters_of_a_server_do_not_reach_the_terminal() -> None:
    out = io.StringIO()
    page.told([Line("a.b", ok("one\x1b[31m\ntwo"))], [], out)
    assert "one [31m two" in out.getvalue()
