"""A registry as a baseline: what is registered is released."""

from __future__ import annotations

from hangarstack.contracts.against.baseline import Baseline, Past, PastVersion
from hangarstack.contracts.against.snapshot import unreadable
from hangarstack.contracts.compatibility import Level
from hangarstack.contracts.files import is_there
from hangarstack.contracts.fingerprint import fingerprint
from hangarstack.contracts.lock import read_lock
from hangarstack.contracts.model import Contract, ContractTree, Version
from hangarstack.contracts.registry import Registry
from hangarstack.contracts.schema import REGISTRY_STORED, Schema, parse_schema, to_json
from hangarstack.contracts.schema.jsontree import read_json
from hangarstack.errors import BaselineError, InvalidSchemaError


def read_registry(tree: ContractTree, registry: Registry) -> Baseline:
    """Read what is registered under the subjects of a tree's contracts; blocks for a call a version
    and another for the level.

    Subjects of contracts that the tree does not have are somebody else's.

    Raises:
        RegistryError: no answer, or not the expected one.
        BaselineError: a registered schema cannot be read, or nothing is registered though versions are released.
        ContractTreeError: the lock is damaged.
    """
    level_of_all = registry.compatibility(None)
    contracts = [_past(contract, registry, level_of_all) for contract in tree.contracts]
    registered = tuple(past for past in contracts if past.versions)
    if not registered:
        _refuse_emptiness(tree)
    return Baseline(
        label="the registry",
        identify=_identity_of_version,
        contracts=registered,
        numbered=False,
        whole=False,
        note="" if registered else "No version is registered yet, so nothing was compared with the registry.",
    )


def _refuse_emptiness(tree: ContractTree) -> None:
    lock = read_lock(tree.lock_path) if is_there(tree.lock_path) else {}
    released = sum(map(len, lock.values()))
    if released:
        raise BaselineError(
            f"none of the contracts' subjects is there, though contracts.lock holds {released} released "
            f"version{'s' * (released > 1)}: there is nothing to compare with",
            where="the registry",
            remedy="Check HANGARSTACK_REGISTRY_URL and the context in it; a new registry gets the versions with "
            "`hangarstack migrate apply`, and is compared with afterwards",
        )


def _past(contract: Contract, registry: Registry, level_of_all: Level | None) -> Past:
    versions = registry.versions(contract.subject)
    level = registry.compatibility(contract.subject) if versions else None
    return Past(
        directory=contract.directory.name,
        topic=contract.topic,
        enforced=level or level_of_all,
        versions=tuple(
            _version(number, versions[number], f"{contract.subject} version {number}") for number in sorted(versions)
        ),
    )


def _version(number: int, text: str, where: str) -> PastVersion:
    try:
        schema = parse_schema(read_json(text, where=where), side=where, rules=REGISTRY_STORED)
        identity = _identity(schema)
    except (InvalidSchemaError, RecursionError) as error:
        raise unreadable(error, where) from error
    return PastVersion(number=number, identity=identity, schema=lambda: schema)


def _identity_of_version(version: Version) -> str:
    return _identity(version.schema)


def _identity(schema: Schema) -> str:
    # A registry may write a schema its own way, so two are compared by what they mean to Avro.
    return fingerprint(to_json(schema))
