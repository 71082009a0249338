"""The page that lists all contracts."""

from __future__ import annotations

from collections.abc import Callable, Collection

from hangarstack.contracts.docs.markup import UNRELEASED, Content, Html, html, prose, table, tag
from hangarstack.contracts.model import ContractTree, Version


def index_body(tree: ContractTree, address: Callable[[str], str], *, unreleased: Collection[Version]) -> Html:
    """Return what the page says, below its frame.

    Args:
        tree: the contracts.
        address: of the page about a contract, by its directory.
        unreleased: versions that no lock holds yet.
    """
    rows = [
        (
            [tag("a", contract.name, href=address(contract.directory.name)), tag("p", prose(contract.description))],
            [f"v{contract.current.number}", [" ", UNRELEASED] if contract.current in unreleased else ""],
            tag("code", contract.topic),
            contract.compatibility,
            contract.owner,
        )
        for contract in tree.contracts
    ]
    parts: list[Content] = [
        tag("h1", "Contracts"),
        tag("section", table("All contracts", ("Event", "Version", "Topic", "Compatibility", "Owner"), rows)),
    ]
    return html(parts)
