"""What judges Go in tests: the real one, compiled once into the user's cache; and data sets."""

import os
from collections.abc import Iterator

import pytest

from codekiln.core.golang import toolchain
from codekiln.core.golang.judging import Judge


@pytest.fixture(scope="session")
def judge() -> Iterator[Judge]:
    program = toolchain.judge(os.environ)
    if program is None:
        pytest.skip("no Go here")
    with Judge(program) as made:
        yield made
