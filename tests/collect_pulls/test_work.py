"""What a run does when a name is another repository's by the time that it is asked for."""

from pathlib import Path

from collecting import EVERYTHING, ROUTER, bed_of

from codekiln.collect_pulls.collector import DONE, FAILED, GONE
from codekiln.fake_github.specs import RepositorySpec


def test_a_repository_that_took_the_name_of_another_is_not_stored_as_that(tmp_path: Path) -> None:
    specs = [RepositorySpec("acme/big", pulls=300), RepositorySpec(ROUTER, pulls=60)]
    bed = bed_of(tmp_path, *specs, rules=EVERYTHING, at_once=1)
    origins, key = bed.origins(), bed.world.known(ROUTER).node_id
    asked = 0

    def take_its_name(_asked: object) -> None:
        nonlocal asked
        asked += 1
        if asked == 4:
            bed.world.delete(ROUTER)
            bed.world.names.pop(ROUTER)
            bed.world.add(RepositorySpec(ROUTER, pulls=25))

    bed.hub.before = take_its_name
    bed.origins = lambda: origins  # type: ignore[method-assign]  # the list is older than that
    outcome = bed.run()
    assert outcome.repositories == {DONE: 1, FAILED: 1}
    assert outcome.sums.listed == 300
    assert key not in bed.entries() or not bed.entries()[key].tables
    assert bed.run().repositories[GONE] == 1
