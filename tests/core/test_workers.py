import subprocess
import sys

import pytest
from worked_jobs import killed, refused, squared

from codekiln.core.errors import ServiceError
from codekiln.core.workers import workers


@pytest.mark.parametrize("many", [1, 2])
def test_answers_come_in_the_order_of_the_jobs_and_all_that_is_done_is_told(many: int) -> None:
    told: list[int] = []
    with workers(many, lambda done, _: told.append(done)) as pool:
        assert list(pool.each(squared, range(9))) == [n * n for n in range(9)]
        assert sorted(pool.ready(squared, range(4))) == [0, 1, 4, 9]
    assert told[-1] == 13
    assert told == sorted(told)


@pytest.mark.parametrize("many", [1, 2])
def test_what_a_job_raises_is_raised_here(many: int) -> None:
    with pytest.raises(ValueError, match="no threes"), workers(many) as pool:
        list(pool.ready(refused, range(9)))


def test_a_worker_that_was_killed_is_told_and_may_be_tried_again() -> None:
    with pytest.raises(ServiceError, match="for want of memory"), workers(2) as pool:
        list(pool.each(killed, range(9)))


PROGRAM = """
import sys, time
from codekiln.core.workers import workers
with workers(2) as pool:
    answers = pool.ready(time.sleep, [0, 60, 60])
    next(answers)
    print("at work", flush=True)
    next(answers)
"""


def test_workers_go_with_the_process_that_gives_the_jobs() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "at work\n"
        process.kill()
        process.wait()
        # Its workers hold the other end of the pipe: it closes when the last of them is gone.
        assert process.stdout.read() == ""
