from collections import Counter
from itertools import groupby

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from codekiln.describe_corpus.runs import Runs

KEYS = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 2)), max_size=12)


@settings(max_examples=30)
@given(st.lists(st.lists(KEYS, max_size=3), max_size=4))
def test_runs_are_the_same_however_the_stream_is_cut(
    parts: list[list[list[tuple[str, int]]]],
) -> None:
    total = Runs()
    for batches in parts:
        part = Runs()
        for batch in batches:
            owners = pa.array([owner for owner, _ in batch], pa.string())
            part.add(owners, pa.array([number for _, number in batch], pa.int64()))
        total.join(part)
    stream = [key for batches in parts for batch in batches for key in batch]
    assert total.lengths() == Counter(len(list(run)) for _, run in groupby(stream))
