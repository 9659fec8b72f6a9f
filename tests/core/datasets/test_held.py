from collections.abc import Callable

import pytest

from codekiln.core.datasets import held
from codekiln.core.errors import InputError, ServiceError
from codekiln.core.storage.lease import Pace
from codekiln.core.storage.objects import Objects

PACE = Pace(beat_s=0.05, expiry_s=0.6, patience_s=0.3)


def test_a_part_has_one_writer(opened: Callable[[], Objects]) -> None:
    with held.writer(opened(), "shard-1-of-2", PACE) as first:
        with (
            pytest.raises(ServiceError, match="another run"),
            held.writer(opened(), "shard-1-of-2", PACE),
        ):
            pass
        with held.writer(opened(), "shard-2-of-2", PACE):
            first.check()
    with held.writer(opened(), "shard-1-of-2", PACE) as second:
        assert second.number == first.number + 1


def test_a_part_stays_inside(opened: Callable[[], Objects]) -> None:
    with pytest.raises(InputError), held.writer(opened(), "../elsewhere"):
        pass
