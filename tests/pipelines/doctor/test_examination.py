import threading
import time

from codekiln.core.errors import InputError, ServiceError
from codekiln_pipelines.doctor.examination import Examination
from codekiln_pipelines.doctor.finding import Check, Finding, State, Subject, fail, ok, skip, warn


def found(finding: Finding, name: str = "a.b", *, gates: bool = False) -> Check:
    return Check(name=name, look=lambda: finding, gates=gates)


def raising(error: BaseException, remedy: str = "do that") -> Check:
    def look() -> Finding:
        raise error

    return Check(name="a.b", look=look, remedy=remedy)


def examined(*subjects: Subject) -> list[tuple[str, State, str, str]]:
    return [
        (line.check, line.finding.state, line.finding.found, line.finding.remedy)
        for line in Examination(subjects).lines()
    ]


def of(*checks: Check, asked: bool = True) -> Subject:
    return Subject(name="a", checks=checks, asked=asked)


def test_subjects_run_side_by_side_and_are_told_in_their_order() -> None:
    second_began = threading.Event()

    def first() -> Finding:
        assert second_began.wait(5)
        return ok("1")

    def second() -> Finding:
        second_began.set()
        return ok("2")

    told = examined(
        of(Check(name="a.b", look=first)),
        Subject(name="c", checks=[Check(name="c.d", look=second)]),
    )
    assert [name for name, *_ in told] == ["a.b", "c.d"]


def test_what_hangs_is_cut_off_and_the_rest_is_told() -> None:
    never = threading.Event()

    def hang() -> Finding:
        never.wait(30)
        return ok("late")

    hanging = Check(name="a.hangs", look=hang, limit_s=0.2, remedy="look at the server")
    examination = Examination(
        [of(found(ok("1")), hanging, found(ok("never"))), of(found(ok("2"), "c.d"))]
    )
    began = time.monotonic()
    lines = list(examination.lines())
    never.set()
    assert time.monotonic() - began < 5
    assert [line.check for line in lines] == ["a.b", "a.hangs", "c.d"]
    assert lines[1].finding.state is State.FAIL
    assert lines[1].finding.remedy.endswith("else look at the server")
    assert examination.is_cut_off


def test_a_defect_is_a_line_with_its_type_and_place_but_not_its_words() -> None:
    ((_, state, told, remedy), after) = examined(
        of(raising(KeyError("planted-secret")), found(ok("still looked at")))
    )
    assert state is State.FAIL
    assert told.startswith("KeyError at test_examination.py:")
    assert "planted" not in told + remedy
    assert after[1] is State.OK


class PanicError(BaseException):
    """As a library in Rust raises: no Exception."""


def test_a_panic_of_a_library_is_a_line_and_not_the_end_of_the_others() -> None:
    (first, after) = examined(of(raising(PanicError()), found(ok("still looked at"))))
    assert first[1] is State.FAIL
    assert first[2].startswith("PanicError at test_examination.py:")
    assert after[1] is State.OK


def test_an_error_of_ours_is_split_into_what_was_found_and_what_to_do() -> None:
    ((_, state, told, remedy),) = examined(of(raising(InputError("no bucket b; create it"))))
    assert (state, told, remedy) == (State.FAIL, "no bucket b", "create it")


def test_an_error_without_a_remedy_gets_that_of_its_check() -> None:
    ((_, _, told, remedy),) = examined(of(raising(ServiceError("the server is away"))))
    assert (told, remedy) == ("the server is away", "do that")


def test_an_error_of_the_system_names_its_file() -> None:
    ((_, state, told, _),) = examined(of(raising(PermissionError(13, "Permission denied", "/x"))))
    assert (state, told) == (State.FAIL, "Permission denied: /x")


def test_checks_after_a_gate_that_failed_are_left_out() -> None:
    told = examined(of(found(fail("no", "do"), gates=True), found(ok("never"))))
    assert len(told) == 1


def test_checks_after_a_gate_that_warned_are_done() -> None:
    assert len(examined(of(found(warn("so", "do"), gates=True), found(ok("yes"))))) == 2


def test_what_is_not_configured_ends_its_subject() -> None:
    assert len(examined(of(found(skip("not configured"), gates=True), found(ok("never"))))) == 1


def test_what_nobody_asked_for_is_no_failure() -> None:
    ((_, state, told, remedy),) = examined(of(found(fail("gone", "mend it")), asked=False))
    assert (state, told, remedy) == (State.WARN, "gone", "mend it")


def test_what_a_subject_holds_is_let_go_of_after_a_failure_too() -> None:
    closed = threading.Event()
    subject = Subject(name="a", checks=[found(fail("no", "do"), gates=True)], close=closed.set)
    examined(subject)
    assert closed.is_set()


def test_a_close_that_fails_is_a_line() -> None:
    def close() -> None:
        raise ServiceError("the store is away")

    told = examined(Subject(name="a", checks=[found(ok("1"))], close=close))
    assert [name for name, *_ in told] == ["a.b", "a.close"]
    assert told[1][1] is State.FAIL
