"""What became of released versions, and whether new ones break them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from hangarstack.contracts.against.baseline import Baseline, Past, PastVersion
from hangarstack.contracts.check import Judge, Party
from hangarstack.contracts.diff import Difference, diff
from hangarstack.contracts.lock import read_lock
from hangarstack.contracts.model import Contract, ContractTree, Version
from hangarstack.contracts.problem import Problem
from hangarstack.contracts.schema import Record

_MOST_CHANGES: Final = 3
"""Of an edited version that are told."""
_LONGEST_CHANGE: Final = 200
"""Characters of one; it may quote any documentation."""

_KEYS: Final = {
    "EVENT_RENAMED": "/event",
    "TOPIC_RENAMED": "/topic/name",
    "KEY_CHANGED": "/key",
    "PARTITIONS_CHANGED": "/topic/partitions",
    "COMPATIBILITY_RELAXED": "/compatibility",
    "LEVEL_NOT_ENFORCED": "/compatibility",
}
"""Where ``contract.toml`` says what was changed."""
CHANGES: Final = frozenset(
    {
        "CONTRACT_DELETED",
        "CONTRACT_RENAMED",
        "EVENT_RENAMED",
        "TOPIC_RENAMED",
        "KEY_CHANGED",
        "PARTITIONS_CHANGED",
        "COMPATIBILITY_RELAXED",
        "LOCK_ENTRY_LOST",
        "LOCK_ENTRY_CHANGED",
        "LEVEL_NOT_ENFORCED",
    }
)
"""What only a baseline that tells of whole contracts can show."""


class Comparison:
    """A tree held against a baseline.

    Args:
        tree: the contracts as they are.
        baseline: what was released.
    """

    def __init__(self, tree: ContractTree, baseline: Baseline) -> None:
        self._baseline = baseline
        self._home = tree.root / "contracts" / "avro"
        self._lock_path = tree.lock_path
        self._by_directory = {contract.directory.name: contract for contract in tree.contracts}
        self._by_topic = {contract.topic: contract for contract in tree.contracts}
        self._by_version = {
            baseline.identify(version): contract for contract in tree.contracts for version in contract.versions
        }

    def problems(self) -> Iterator[Problem]:
        """Yield all that is wrong.

        Raises:
            BaselineError: a released schema cannot be read.
            ContractTreeError: the baseline has a lock, and there is none here, or a damaged one.
        """
        for past in self._baseline.contracts:
            contract = self._successor(past)
            if contract is None and (past.versions or not self._by_directory):
                # A draft may be given up, but where nothing at all is left the lock may have been emptied before.
                yield self._deleted(past)
            elif contract is not None and past.versions:
                yield from self._about(contract, past)
                yield from _History(contract, past, self._baseline, self._locked(contract, past)).problems()

    def added(self) -> Iterator[Version]:
        """Yield the versions that came after the last one that the baseline has, of each contract."""
        known = {(version.identity, self._number(version.number)) for version in self._released()}
        for contract in self._by_directory.values():
            identities = [self._baseline.identify(version) for version in contract.versions]
            for index in reversed(range(len(identities))):
                # What says the same as an older version is not that one: it came later, and others came between.
                is_repeated = not self._baseline.numbered and identities[index] in identities[:index]
                version = contract.versions[index]
                if (identities[index], self._number(version.number)) in known and not is_repeated:
                    break
                yield version

    def _released(self) -> Iterator[PastVersion]:
        return (version for past in self._baseline.contracts for version in past.versions)

    def _number(self, number: int) -> int:
        """Return a number as far as the baseline knows versions by it."""
        return number if self._baseline.numbered else 0

    def _locked(self, contract: Contract, past: Past) -> Mapping[int, str] | None:
        """Return what the lock here holds of a contract; ``None`` when the baseline has no entry to compare with."""
        if all(version.locked is None for version in past.versions):
            return None
        lock = read_lock(self._lock_path)
        return lock.get(contract.directory.name) or lock.get(past.directory or "") or {}

    def _successor(self, past: Past) -> Contract | None:
        here = self._by_directory.get(past.directory or "") or self._by_topic.get(past.topic or "")
        if here is not None:
            return here
        found = (self._by_version.get(version.identity) for version in past.versions)
        return next((contract for contract in found if contract is not None), None)

    def _deleted(self, past: Past) -> Problem:
        directory = past.directory or past.topic or ""
        count = len(past.versions)
        return Problem(
            kind="CONTRACT_DELETED",
            contract=past.event or directory,
            version=0,
            file=self._home / directory / "contract.toml",
            sentence=f"the contract {directory} is in {self._baseline.label} with "
            f"{count or 'no'} released version{'s' * (count != 1)}, and is gone",
            fix="Restore it: its events may still be in the topic",
        )

    def _about(self, contract: Contract, past: Past) -> Iterator[Problem]:
        label = self._baseline.label
        two_partitions = "events of one key would lie in two partitions"
        changes = (
            ("CONTRACT_RENAMED", "directory", past.directory, contract.directory.name, "consumers find it by its name"),
            ("EVENT_RENAMED", "event", past.event, contract.name, "the record's name is part of every version"),
            ("TOPIC_RENAMED", "topic", past.topic, contract.topic, "consumers of the old topic get nothing more"),
            ("KEY_CHANGED", "key", past.key, contract.key, two_partitions),
            ("PARTITIONS_CHANGED", "number of partitions", past.partitions, contract.partitions, two_partitions),
        )
        for kind, what, before, now, why in changes:
            if before is not None and before != now:
                sentence = f"the {what} is {now}, and was {before} in {label}: {why}"
                yield self._contract_problem(kind, contract, sentence, f"Keep {before}, or begin a new contract", now)
        before = past.compatibility
        if before is not None and contract.compatibility.relaxes(before):
            level = contract.compatibility
            sentence = f"the level is {level}, and was {before} in {label}: less is promised now"
            yield self._contract_problem("COMPATIBILITY_RELAXED", contract, sentence, f"Keep {before}", level)
        if past.enforced is not None and past.enforced.relaxes(contract.compatibility):
            sentence = (
                f"the level is {contract.compatibility}, and {label} enforces {past.enforced}: it takes what breaks"
            )
            fix = "Set it with `hangarstack migrate apply`; a step must say so"
            yield self._contract_problem("LEVEL_NOT_ENFORCED", contract, sentence, fix, past.enforced)

    def _contract_problem(self, kind: str, contract: Contract, sentence: str, fix: str, now: object) -> Problem:
        return Problem(
            kind=kind,
            contract=contract.name,
            version=0,
            file=contract.directory / "contract.toml",
            sentence=sentence,
            fix=fix,
            to=str(now),
            near=_KEYS.get(kind, ""),
        )


def _told(change: Difference) -> str:
    text = f"{change.mark} {change.path} {change.sentence}"
    return text if len(text) <= _LONGEST_CHANGE else f"{text[: _LONGEST_CHANGE - 1]}…"


class _History:
    """The versions of one contract, as they are and as they were released."""

    def __init__(self, contract: Contract, past: Past, baseline: Baseline, locked: Mapping[int, str] | None) -> None:
        self._contract = contract
        self._locked = locked
        self._past = past
        self._label = baseline.label
        self._numbered = baseline.numbered
        self._now = {version.number: baseline.identify(version) for version in contract.versions}
        self._released = {version.identity for version in past.versions}
        self._highest = 0

    def problems(self) -> Iterator[Problem]:
        lost = []
        for version in self._past.versions:
            if version.gone and version.number not in self._now:
                continue
            problem = self._fate(version) or self._entry(version)
            if problem is not None:
                yield problem
            if version.identity not in self._now.values():
                lost.append(version)
        yield from self._breaks(lost)

    def _fate(self, version: PastVersion) -> Problem | None:
        number, identity = version.number, version.identity
        places = [n for n, found in self._now.items() if found == identity]
        if self._numbered and number in places:
            return None
        if not self._numbered and places:
            return self._in_order(version, places)
        if places:
            kind = "VERSION_REORDERED" if number in self._now else "VERSION_RENAMED"
            there = f"v{places[0]}"
            return self._problem(kind, version, f"is {there} now", f"Move it back to v{number}.avsc", to=there)
        edited = next((each for each in self._contract.versions if each.number == number), None)
        if edited is not None:
            fix = f"Undo the change, and make it in v{self._next()}.avsc"
            what = f"has changed since{self._changes(version, edited)}"
            return self._problem("VERSION_EDITED", version, what, fix, to=edited.fingerprint)
        fix = "Restore it: events of that version may still be in the topic"
        return self._problem("VERSION_DELETED", version, "is gone", fix)

    def _entry(self, version: PastVersion) -> Problem | None:
        """Return what became of the entry in the lock of a version that is what it was."""
        entry = (self._locked or {}).get(version.number)
        if version.locked is None or entry == version.locked:
            return None
        unseen = "the version could be edited unseen from now on"
        if entry is None:
            fix = f"Put it back with `hangarstack contracts lock`: {unseen}"
            return self._problem("LOCK_ENTRY_LOST", version, "contracts.lock has lost its entry", fix)
        fix = f"Restore contracts.lock from the version control: {unseen}"
        return self._problem("LOCK_ENTRY_CHANGED", version, "contracts.lock has changed its entry", fix, to=entry)

    def _next(self) -> int:
        """Return the version that may still be changed, or is yet to be made."""
        newest = max(self._now)
        released = max(version.number for version in self._past.versions)
        return newest if newest > released else newest + 1

    def _changes(self, version: PastVersion, edited: Version) -> str:
        before = version.schema() if version.schema is not None else None
        found = diff(before, edited.schema) if isinstance(before, Record) else ()
        # What a file means to a reader comes first: a change of the documentation alone is told only by itself.
        told = sorted(found, key=lambda each: each.sentence.startswith("means now"))[:_MOST_CHANGES]
        more = f" and {len(found) - len(told)} more" if len(found) > len(told) else ""
        return f": {'; '.join(map(_told, told))}{more}" if told else ""

    def _in_order(self, version: PastVersion, places: list[int]) -> Problem | None:
        later = [place for place in places if place > self._highest]
        if later:
            self._highest = min(later)
            return None
        what = f"is v{places[0]} here, before v{self._highest}, which was registered earlier"
        fix = "Number the files in the order of the registry"
        return self._problem("VERSION_REORDERED", version, what, fix, to=f"v{places[0]}")

    def _problem(self, kind: str, version: PastVersion, what: str, fix: str, to: str = "") -> Problem:
        return Problem(
            kind=kind,
            contract=self._contract.name,
            version=version.number,
            file=self._file(version.number),
            sentence=f"v{version.number} was released in {version.source or self._label}, and {what}",
            fix=fix,
            to=to,
        )

    def _file(self, number: int) -> Path:
        return self._contract.directory / f"v{number}.avsc"

    def _breaks(self, lost: list[PastVersion]) -> Iterator[Problem]:
        """Judge the new versions against the released ones that this tree lost; the tree judges the others itself."""
        if not self._contract.compatibility.transitive:
            newest = max((version.number for version in self._past.versions if not version.gone), default=0)
            lost = [version for version in lost if version.number == newest]
        earlier = [
            Party(label=f"v{version.number} in {self._label}", schema=version.schema(), released=version.number)
            for version in lost
            if version.schema is not None
        ]
        judge = Judge(self._contract)
        for version in self._contract.versions:
            if earlier and self._now[version.number] not in self._released:
                yield from judge.against(version, earlier)
