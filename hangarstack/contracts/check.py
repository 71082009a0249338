"""Whether versions of a contract keep to the contract's compatibility level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from hangarstack.contracts.compatibility.crowd import Crowd
from hangarstack.contracts.compatibility.shortcut import Shortcut
from hangarstack.contracts.model import Contract, ContractTree, Upcaster, Version
from hangarstack.contracts.problem import Problem
from hangarstack.contracts.schema import Schema
from hangarstack.contracts.schema.pointer import existing
from hangarstack.errors import InvalidSchemaError, SchemaTooLargeError


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Party:
    """A version as one side of a comparison.

    Args:
        label: what to call it, such as ``v2`` or ``v2 at git:main``.
        schema: parsed.
        json: what it was parsed from, where that is a file of the tree.
        number: of the version in the contract; 0 when it is not one of the tree's.
        released: the number under which it was released, when it is not one of the tree's; 0 when it is.
    """

    label: str
    schema: Schema = field(repr=False)
    json: object = field(default=None, repr=False)
    number: int = 0
    released: int = 0


class Judge:
    """Judges versions of one contract at its level.

    Args:
        contract: the contract.
    """

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._shortcut = Shortcut()

    def history(self) -> Iterator[Problem]:
        """Judge every version against those before it."""
        versions, level = self._contract.versions, self._contract.compatibility
        parties = [party(version) for version in versions]
        crowd = Crowd(self._shortcut)
        for index, version in enumerate(versions):
            if not level.transitive:
                yield from self.against(version, parties[max(index - 1, 0) : index])
                continue
            fine = (not level.reads_old or crowd.is_read_by(version.schema)) and (
                not level.is_read_by_old or crowd.reads(version.schema)
            )
            if not fine:
                yield from self.against(version, parties[:index])
            crowd.add(version.schema)

    def against(self, version: Version, earlier: Sequence[Party]) -> Iterator[Problem]:
        """Judge one version against others, given oldest first; newest come first in what is found."""
        level, new = self._contract.compatibility, party(version)
        for old in reversed(earlier):
            # Without a level in either direction nothing is compared at all.
            if level.reads_old:
                lifter = self._contract.lifting(reader=new.number, writer=old.number) if old.number else None
                found = self._pair(version, reader=new, writer=old)
                yield from found if lifter is None else (_lifted(problem, lifter) for problem in found)
            if level.is_read_by_old:
                yield from self._pair(version, reader=old, writer=new)

    def _pair(self, version: Version, *, reader: Party, writer: Party) -> Iterator[Problem]:
        try:
            verdict = self._shortcut.check(reader.schema, writer.schema)
        except SchemaTooLargeError:
            raise  # nothing is known, so nothing passes
        except InvalidSchemaError as error:
            place = error.where.partition("#")[2]
            yield self._problem("AMBIGUOUS_ALIAS", version, reader, writer, place, error.what, error.remedy)
            return
        for found in verdict.incompatibilities:
            # Only the new version can still be changed.
            fix = found.fix_in_writer if writer.number == version.number else found.fix
            problem = self._problem(found.type, version, reader, writer, found.place.pointer, found.sentence, fix)
            # Avro names the whole of a schema as if it were a member with an empty name.
            avro_path = "" if found.path == "/" else found.path
            yield replace(problem, avro_path=avro_path, near=_near(found.place.field, version))

    def _problem(
        self, kind: str, version: Version, reader: Party, writer: Party, path: str, sentence: str, fix: str
    ) -> Problem:
        return Problem(
            kind=kind,
            contract=self._contract.name,
            version=version.number,
            file=version.path,
            path=path if reader.json is None else existing(path, reader.json),
            side=reader.label,
            reader=reader.number,
            earlier=reader.label if writer.number == version.number else writer.label,
            old_reader=0 if writer.number != version.number else reader.number or reader.released,
            sentence=f"{reader.label} cannot read {writer.label}: {sentence}",
            fix=fix,
        )


def check_tree(tree: ContractTree) -> tuple[Problem, ...]:
    """Judge every version of every contract against those before it, at its contract's level."""
    return tuple(found for contract in tree.contracts for found in check_contract(contract))


def check_contract(contract: Contract) -> Iterator[Problem]:
    """Judge every version of a contract against those before it, at its level."""
    return Judge(contract).history()


def party(version: Version) -> Party:
    """Return a version of the tree as one side of a comparison."""
    return Party(label=f"v{version.number}", schema=version.schema, json=version.json, number=version.number)


def _lifted(problem: Problem, by: Upcaster) -> Problem:
    return replace(
        problem,
        sentence=f"{problem.sentence} (our code can: {by.function} lifts its events)",
        fix="Waive it in contracts/waivers.toml: other readers, and the registry, know nothing of the function",
    )


def _near(path: str, version: Version) -> str:
    """Return the pointer to the field of a version in which a dotted path of another one begins, if it has it."""
    name = path.partition(".")[0]
    found = (n for n, each in enumerate(version.schema.fields) if name in {each.name, *each.aliases})
    return next((f"/fields/{n}" for n in found), "")
