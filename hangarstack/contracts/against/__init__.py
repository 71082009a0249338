"""The contracts of a tree held against what was released: the lock, a git ref, a directory, a registry."""

from hangarstack.contracts.against.baseline import Baseline, Past, PastVersion
from hangarstack.contracts.against.comparing import CHANGES, Comparison
from hangarstack.contracts.against.directory import read_directory
from hangarstack.contracts.against.git import read_git
from hangarstack.contracts.against.lock import read_locked
from hangarstack.contracts.against.registry import read_registry

__all__ = [
    "CHANGES",
    "Baseline",
    "Comparison",
    "Past",
    "PastVersion",
    "read_directory",
    "read_git",
    "read_locked",
    "read_registry",
]
