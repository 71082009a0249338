"""Another directory as a baseline."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hangarstack.contracts.against.baseline import Baseline, file_identity
from hangarstack.contracts.against.snapshot import WANTED, contracts_in
from hangarstack.errors import BaselineError


def read_directory(root: Path, *, known: Mapping[bytes, str]) -> Baseline:
    """Read what the tree under another root released.

    Args:
        root: the directory that holds ``contracts/``.
        known: see ``contracts_in``.

    Raises:
        BaselineError: there is no tree, or a file of it is not what it should be.
    """
    home, label = root / "contracts", f"dir:{root}"
    if not (home / "avro").is_dir():
        raise BaselineError(
            "there are no contracts to compare with",
            where=str(home / "avro"),
            remedy="Name the directory that holds contracts/",
        )
    try:
        paths = [home / "contracts.lock", *sorted(home.glob("avro/*/*"))]
        files = {
            name: path.read_bytes()
            for path in paths
            if WANTED.fullmatch(name := path.relative_to(home).as_posix()) and path.is_file()
        }
    except OSError as error:
        raise BaselineError(
            f"the file cannot be read: {error.strerror}", where=str(error.filename), remedy="Make it readable"
        ) from error
    return Baseline(label=label, identify=file_identity, contracts=contracts_in(files, label=label, known=known))
