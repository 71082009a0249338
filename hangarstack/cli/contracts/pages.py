"""The pages about the contracts, as the web app wants them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hangarstack.cli.contracts.declared import declarations
from hangarstack.web.ports import ContractPage


def contract_pages(root: Path) -> Mapping[str, ContractPage]:
    """Return them by their names, "" for the index; blocks for about a second.

    Args:
        root: the directory that holds ``contracts/``.

    Raises:
        ContractError: the contracts cannot be read.
    """
    # The judge of schemas is only needed once somebody asks for these pages.
    from hangarstack.contracts.docs import INDEX, bodies
    from hangarstack.contracts.tree import load_tree

    return bodies(
        load_tree(root), declarations(), address=lambda name: "/contracts" if name == INDEX else f"/contracts/{name}"
    )
