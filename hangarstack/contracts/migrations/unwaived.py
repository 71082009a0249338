"""Breaks that a step registers and nobody has waived yet: what to write so that it may be applied."""

from __future__ import annotations

import datetime
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from hangarstack.contracts.check import check_contract
from hangarstack.contracts.migrations.steps import Action, Register
from hangarstack.contracts.model import Contract, ContractTree
from hangarstack.contracts.problem import Problem
from hangarstack.contracts.waivers import Waiver

_HELD: Final = datetime.timedelta(days=90)
"""That a waiver holds unless its owner says otherwise: a year is the most that is allowed."""


def unwaived(tree: ContractTree, actions: Iterable[Action], waivers: Collection[Waiver]) -> tuple[Problem, ...]:
    """Return the breaks of the versions that actions register under a relaxed level, and that no waiver is about.

    Args:
        tree: with those versions.
        actions: of a step.
        waivers: those of the tree; one that has ended is for its owner to renew.
    """
    relaxed = {(each.contract, each.version) for each in actions if isinstance(each, Register) and each.relaxed}
    return tuple(
        problem
        for contract in tree.contracts
        if any(name == contract.directory.name for name, _ in relaxed)
        for problem in check_contract(contract)
        if (contract.directory.name, problem.version) in relaxed and not any(each.covers(problem) for each in waivers)
    )


def waivers_of(contract: Contract, problems: Sequence[Problem], *, today: datetime.date) -> str:
    """Return waivers, as ``contracts/waivers.toml`` has them, that permit the breaks of one contract.

    Args:
        contract: that breaks its readers.
        problems: its breaks; one that several earlier versions share is waived once.
        today: the first day on which they hold.
    """
    readers: defaultdict[tuple[int, str, str, bool], set[int]] = defaultdict(set)
    for each in problems:
        readers[each.version, each.kind, each.path, each.old_reader > 0].add(each.old_reader)
    tables = []
    for (version, kind, path, forward), old in readers.items():
        lines = [f"contract = {_quoted(contract.name)}", f"versions = [{version}]"]
        lines += [f"readers = {sorted(old)}"] if forward else []
        lines.append(f"type = {_quoted(kind)}")
        lines += [f"path = {_quoted(path)}"] if path else []
        lines += [f"owner = {_quoted(contract.owner)}", 'reason = "…"', f"expires = {today + _HELD}"]
        tables.append("[[waiver]]\n" + "".join(f"{line}\n" for line in lines))
    return "\n".join(tables)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
