"""Pages about the contracts, for people who browse: one for each contract, and an index."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hangarstack.contracts.docs.index import index_body
from hangarstack.contracts.docs.markup import Html, document
from hangarstack.contracts.docs.page import contract_body
from hangarstack.contracts.docs.style import CSS
from hangarstack.contracts.impact import Declared
from hangarstack.contracts.lock import unreleased
from hangarstack.contracts.model import ContractTree

INDEX = ""
"""The name of the page that lists all contracts."""
STYLESHEET = "contracts.css"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a page says, for whoever frames it.

    Args:
        title: the event's class, or what the index is called.
        body: HTML without scripts and styles, with one heading of the first level.
    """

    title: str
    body: Html


def bodies(
    tree: ContractTree, declarations: Sequence[Declared], *, address: Callable[[str], str]
) -> Mapping[str, Page]:
    """Return every page by its name: ``INDEX``, or the contract's directory.

    Args:
        tree: the contracts.
        declarations: which fields consumers say that they read.
        address: where the page of that name will be.

    Raises:
        ContractTreeError: the lock is damaged.
    """
    new = unreleased(tree)
    found = {
        contract.directory.name: Page(
            title=contract.name, body=contract_body(contract, declarations, address(INDEX), unreleased=new)
        )
        for contract in tree.contracts
    }
    return {INDEX: Page(title="Contracts", body=index_body(tree, address, unreleased=new)), **found}


def pages(tree: ContractTree, declarations: Sequence[Declared] = ()) -> Mapping[str, str]:
    """Return the text of every file by its name: HTML without scripts and inline styles, and one style sheet.

    Args:
        tree: the contracts.
        declarations: which fields consumers say that they read.
    """
    found = bodies(tree, declarations, address=_file)
    return {_file(name): document(page.title, page.body) for name, page in found.items()} | {STYLESHEET: CSS}


def _file(name: str) -> str:
    return f"{name or 'index'}.html"


__all__ = ["INDEX", "STYLESHEET", "Page", "bodies", "pages"]
