"""The page that lists all contracts."""

from __future__ import annotations

from hangarstack.contracts.docs.markup import document, table, tag
from hangarstack.contracts.model import ContractTree


def index_page(tree: ContractTree) -> str:
    """Return the page."""
    rows = [
        (
            tag("a", contract.name, href=f"{contract.directory.name}.html"),
            f"v{contract.current.number}",
            tag("code", contract.topic),
            contract.compatibility,
            contract.owner,
            contract.description,
        )
        for contract in tree.contracts
    ]
    return document(
        "Contracts",
        tag("h1", "Contracts"),
        table(("Event", "Version", "Topic", "Compatibility", "Owner", "What it says"), rows),
    )
