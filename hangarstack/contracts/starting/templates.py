"""The texts of a new tree's files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Final

from hangarstack.contracts.starting.branches import main_branches
from hangarstack.contracts.starting.choices import UNKNOWN_REF, UNKNOWN_REPOSITORY, Choices

_TEXTS: Final = Path(__file__).parent / "files"
_SAMPLE: Final = "contracts/avro/sensor_reading"
_TREE: Final = {
    f"{_SAMPLE}/contract.toml": "contract.toml",
    f"{_SAMPLE}/v1.avsc": "v1.avsc",
    f"{_SAMPLE}/examples/v1/every_field.json": "every_field.json",
    f"{_SAMPLE}/examples/v1/nothing_optional.json": "nothing_optional.json",
    "contracts/README.md": "README.md",
    "contracts/lint.toml": "lint.toml",
    "contracts/waivers.toml": "waivers.toml",
}
_CI: Final = {".github/workflows/contracts.yml": "workflow.yml", ".pre-commit-config.yaml": "pre-commit.yaml"}


def tree_files(root: Path) -> Mapping[Path, str]:
    """Return the files of a tree with one contract, and their texts.

    Args:
        root: directory that shall hold ``contracts/``.
    """
    return {root / path: _text(name) for path, name in _TREE.items()}


def ci_files(root: Path, choices: Choices) -> Mapping[Path, str]:
    """Return the workflow and the hooks' configuration, which belong to the top of a checkout.

    Args:
        root: directory that shall hold ``contracts/``.
        choices: what differs from tree to tree.
    """
    here = root.resolve()
    top = next((each for each in (here, *here.parents) if (each / ".git").exists()), here)
    inside = here.relative_to(top).as_posix()
    values = {
        "repository": choices.repository or UNKNOWN_REPOSITORY,
        "ref": choices.ref or UNKNOWN_REF,
        "unset": "".join(f"# To be set before this works: {each}.\n" for each in choices.unset),
        "branches": f"[{', '.join(json.dumps(each) for each in main_branches(top))}]",
        "root": inside,
        "package": choices.package,
    }
    # In the words of the user, where the two are one place.
    home = root if top == here else top
    return {home / path: Template(_text(name)).substitute(values) for path, name in _CI.items()}


def _text(name: str) -> str:
    return (_TEXTS / name).read_text(encoding="utf-8")
