"""Beginning a new version: the files of the current one, copied under the next number."""

from __future__ import annotations

import json
from pathlib import Path

from hangarstack.contracts.lock import unreleased
from hangarstack.contracts.model import Contract, ContractTree
from hangarstack.contracts.report.model import relative
from hangarstack.errors import ContractTreeError


def begin_version(tree: ContractTree, contract: Contract, reason: str) -> tuple[Path, ...]:
    """Copy the current version and its examples, and note in ``contract.toml`` why the next one comes.

    Args:
        tree: the contract's tree.
        contract: the contract.
        reason: why there is a new version; one line that is not empty.

    Returns:
        The files that are new or changed.

    Raises:
        ContractTreeError: the current version is not released yet, so the change belongs there; or a file is in the
            way, or cannot be written.
    """
    current = contract.current
    if current in unreleased(tree):
        raise ContractTreeError(
            f"version {current.number} is not released yet",
            where=str(current.path),
            remedy="Make the change there; `hangarstack contracts lock` releases it",
        )
    number = current.number + 1
    examples = contract.directory / "examples" / f"v{number}"
    copies = {contract.directory / f"v{number}.avsc": current.text}
    for example in current.examples:
        copies[examples / example.path.name] = example.path.read_text(encoding="utf-8")
    in_the_way = next((path for path in copies if path.exists()), None)
    if in_the_way is not None:
        raise ContractTreeError("there is such a file already", where=str(in_the_way), remedy="Move it away")
    table = contract.directory / "contract.toml"
    text = table.read_text(encoding="utf-8")
    try:
        # The schema comes last but one: without it nobody looks at the examples, without a reason nothing is loaded.
        for path in reversed(copies):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(copies[path], encoding="utf-8")
        entry = f"[versions.{number}]\nreason = {json.dumps(reason, ensure_ascii=False)}\n"
        table.write_text(f"{text.rstrip()}\n\n{entry}", encoding="utf-8")
    except OSError as error:
        raise ContractTreeError(
            f"a file cannot be written: {error.strerror}", where=str(error.filename), remedy="Allow it, and try again"
        ) from error
    return (*copies, table)


def checklist(contract: Contract, *, generates: str, options: str, base: Path) -> tuple[str, ...]:
    """Return what is left to do for a version that has just been begun.

    Args:
        contract: as it was before.
        generates: the command that generates the code, quoted.
        options: what every other command needs to find the tree; empty, or with a space before it.
        base: directory that paths are relative to.
    """
    name, number = contract.directory.name, contract.current.number + 1
    schema = relative(contract.directory / f"v{number}.avsc", base)
    examples = relative(contract.directory / "examples" / f"v{number}", base)
    readers = ", ".join(contract.consumers) or "nobody reads it yet"
    return (
        f"Change {schema}: every new field has a doc, and a default where {contract.compatibility} asks for one.",
        f"Give the records of {examples} the new fields.",
        f"`hangarstack contracts lint{options}` finds nothing.",
        f"`hangarstack contracts diff {name}{options}` says what you mean.",
        f"`hangarstack contracts check{options}` passes.",
        f"`hangarstack contracts impact {name}{options}` touches nobody whom you have not spoken to ({readers}).",
        f"{generates} writes the classes; the producers fill the new fields.",
        f"`hangarstack migrate new{options}` writes the step that registers it.",
        f"`hangarstack contracts lock{options}` releases it, in the same pull request.",
    )
