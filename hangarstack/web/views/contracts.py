"""The contracts of the events that the site writes, to be read by people."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

from flask import Blueprint, Response
from markupsafe import Markup

from hangarstack.web.ports import ContractPage
from hangarstack.web.site import page, see, site, track
from hangarstack.web.troubles import nothing_here

blueprint = Blueprint("contracts", __name__, url_prefix="/contracts")

INDEX: Final = "/contracts"
ONE: Final = "/contracts/<name>"
_LONGEST_NAME: Final = 80
_LEAST_LIKENESS: Final = 0.4


@blueprint.get("")
def index() -> Response:
    """List the contracts."""
    track().page(INDEX)
    return _shown(INDEX, site().contracts()[""])


@blueprint.get("/<name>")
def contract(name: str) -> Response:
    """Show a contract: fields, history, compatibility, producers, consumers, personal data, examples."""
    found = {key: one for key, one in site().contracts().items() if key}
    if name not in found:
        return _unknown(name[:_LONGEST_NAME], found)
    track().page(ONE, attributes={"contract": name})
    return _shown(ONE, found[name])


def _shown(here: str, one: ContractPage) -> Response:
    return page("contract.html", here=here, title=one.title, body=Markup(one.body))  # noqa: S704 - its renderer escapes


def _unknown(name: str, found: Mapping[str, ContractPage]) -> Response:
    """Lead to the contract that is meant, however its name is written, or to those that are called alike."""
    plain = {_plain(key): key for key in found}
    if _plain(name) in plain:
        return see(f"{INDEX}/{plain[_plain(name)]}")
    near = get_close_matches(_plain(name), plain, cutoff=_LEAST_LIKENESS)
    links = {f"{INDEX}/{plain[one]}": found[plain[one]].title for one in near} or {INDEX: "All contracts"}
    return nothing_here(f"There is no contract called “{name}”.", links)


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name)).casefold()
