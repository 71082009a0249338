"""The lock file as a baseline: it knows versions by their fingerprints alone."""

from __future__ import annotations

from hangarstack.contracts.against.baseline import Baseline, Past, PastVersion, file_identity
from hangarstack.contracts.lock import read_lock
from hangarstack.contracts.model import ContractTree


def read_locked(tree: ContractTree) -> Baseline:
    """Return what the tree's own lock file holds.

    Raises:
        ContractTreeError: there is none, or it is damaged.
    """
    return Baseline(
        label="contracts.lock",
        identify=file_identity,
        whole=False,
        contracts=tuple(
            Past(
                directory=directory,
                versions=tuple(PastVersion(number=number, identity=released[number]) for number in sorted(released)),
            )
            for directory, released in read_lock(tree.lock_path).items()
            if released
        ),
    )
