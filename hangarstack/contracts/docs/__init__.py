"""Pages about the contracts, for people who browse: one for each contract, and an index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hangarstack.contracts.docs.index import index_page
from hangarstack.contracts.docs.page import contract_page
from hangarstack.contracts.docs.style import CSS
from hangarstack.contracts.impact import Declared
from hangarstack.contracts.model import ContractTree

STYLESHEET = "contracts.css"


def pages(tree: ContractTree, declarations: Sequence[Declared] = ()) -> Mapping[str, str]:
    """Return the text of every file by its name: HTML without scripts and inline styles, and one style sheet.

    Args:
        tree: the contracts.
        declarations: which fields consumers say that they read.
    """
    found = {f"{contract.directory.name}.html": contract_page(contract, declarations) for contract in tree.contracts}
    return {"index.html": index_page(tree), **found, STYLESHEET: CSS}


__all__ = ["STYLESHEET", "pages"]
