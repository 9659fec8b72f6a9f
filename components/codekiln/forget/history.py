"""Which versions hold, or held, a repository.

forgotten/KEY.json    {"key": ..., "name": ..., "versions": {"12": digest, ...}}

Versions are pruned, and lineage goes by their digests: so what held the repository is written down
beside each data set when it is forgotten, and models that are found years later can still be told.
"""

import json
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from codekiln.core.datasets.dataset import Dataset
from codekiln.core.datasets.traces import Looked
from codekiln.core.errors import InputError
from codekiln.core.storage.objects import MissingError
from codekiln.forget.identity import Repository

FOLDER = "forgotten"


def name_of(key: str) -> str:
    """Return the name of the record of the repository with this node id."""
    return f"{FOLDER}/{quote(key, safe='')}.json"


def recorded(dataset: Dataset, key: str) -> dict[int, str]:
    """Return the digests of the versions that were known to hold it, by number."""
    name = name_of(key)
    try:
        told = json.loads(dataset.store.read(name))["versions"]
        return {int(number): str(digest) for number, digest in told.items()}
    except MissingError:
        return {}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{dataset.store.location(name)} is damaged ({error}): put it back from a copy, or "
            "remove it; what had seen pruned versions is then not told"
        ) from error


def record(dataset: Dataset, repository: Repository, found: Iterable[Looked]) -> None:
    """Add versions that hold it to the record; nothing is written if it knows them all."""
    before = recorded(dataset, repository.key)
    versions: Mapping[int, str] = before | {one.number: one.digest for one in found}
    if versions != before:
        told = {
            "key": repository.key,
            "name": repository.name,
            "versions": {str(number): versions[number] for number in sorted(versions)},
        }
        dataset.store.write(name_of(repository.key), json.dumps(told).encode())
