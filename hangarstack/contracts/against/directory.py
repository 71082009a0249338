"""Another directory as a baseline."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from hangarstack.contracts.against.baseline import Baseline, file_identity
from hangarstack.contracts.against.snapshot import WANTED, contracts_in, refuse_other_layout
from hangarstack.errors import BaselineError


def read_directory(root: Path, *, known: Mapping[bytes, str]) -> Baseline:
    """Read what the tree under another root released.

    Args:
        root: the directory that holds ``contracts/``.
        known: see ``contracts_in``.

    Raises:
        BaselineError: there is no tree, or it holds no contract, or a file of it is not what it should be.
    """
    home, label = root / "contracts", f"dir:{root}"
    try:
        paths = {path.relative_to(home).as_posix(): path for path in _files(home)}
        refuse_other_layout(paths, label)
        files = {name: path.read_bytes() for name, path in paths.items() if WANTED.fullmatch(name)}
    except OSError as error:
        raise BaselineError(
            f"the file cannot be read: {error.strerror}", where=str(error.filename), remedy="Make it readable"
        ) from error
    contracts = contracts_in(files, label=label, known=known)
    if not contracts:
        raise BaselineError(
            "there are no contracts to compare with",
            where=str(home / "avro"),
            remedy="Name the directory that holds contracts/",
        )
    return Baseline(label=label, identify=file_identity, contracts=contracts)


def _files(home: Path) -> Iterator[Path]:
    lock, avro = home / "contracts.lock", home / "avro"
    yield from [lock] if lock.is_file() else []
    for entry in sorted(avro.iterdir()) if avro.is_dir() else []:
        # A contract's directory may be a link; what lies within it is not followed, for it may lead round in circles.
        for directory, _, names in os.walk(entry, onerror=_fail) if entry.is_dir() else [(avro, (), [entry.name])]:
            yield from (path for name in sorted(names) if (path := Path(directory, name)).is_file())


def _fail(error: OSError) -> None:
    raise error
