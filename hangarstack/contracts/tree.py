"""From the files under ``contracts/avro/`` to a ``ContractTree``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from hangarstack.contracts.compatibility import Level
from hangarstack.contracts.declared import Declared
from hangarstack.contracts.files import entries, is_directory, is_there, read_file
from hangarstack.contracts.fingerprint import CanonicalTexts, fingerprint_of_text
from hangarstack.contracts.majors import Upcasters, check_upcasters, read_upcasters
from hangarstack.contracts.model import Contract, ContractTree, Example, Upcaster, Version
from hangarstack.contracts.schema import Parser, Primitive, Record
from hangarstack.contracts.schema.jsontree import read_json
from hangarstack.contracts.schema.memory import Memory
from hangarstack.contracts.tomlfile import Table, read_toml
from hangarstack.contracts.versionfiles import MOST_VERSIONS, contract_directories, versions_in
from hangarstack.errors import ContractTreeError, InvalidSchemaError, UnreadableFileError, VersionGapError

_ESCAPED: Final = re.compile(r"\\u[dD][89a-fA-F]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_TOPIC: Final = re.compile(r"[A-Za-z0-9._-]{1,249}")
_CLEANUP: Final = ("delete", "compact", "compact,delete")
_COMPRESSION: Final = ("producer", "uncompressed", "gzip", "snappy", "lz4", "zstd")
_MOST_PARTITIONS: Final = 10_000
_MEBIBYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Seen:
    """What the versions of a tree have in common, looked at once."""

    memory: Memory = field(default_factory=Memory)
    texts: CanonicalTexts = field(default_factory=CanonicalTexts)


def load_tree(root: Path, *, history: bool = False) -> ContractTree:
    """Read every contract under ``root/contracts/avro/``.

    Args:
        root: the directory that holds ``contracts/``.
        history: read for a comparison with what was released: contracts and versions may be missing, their examples
            and reasons are not looked at.

    Raises:
        ContractTreeError: there is no contract, or a file is missing, misplaced, unreadable, or holds what it may not.
        SchemaMigrationError: a step of ``root/migrations/schemas/`` lifts a version that is not there.
        InvalidSchemaError: a version is no valid Avro schema; ``where`` is the file and a JSON pointer.
    """
    home = root / "contracts" / "avro"
    found = contract_directories(home)
    if not found and not (history and is_directory(home)):
        raise _nothing_in(root)
    seen = Seen()
    upcasters = read_upcasters(root)
    contracts = tuple(
        load_contract(directory, seen, history=history, upcasters=upcasters.get(directory.name, ()))
        for directory in found
    )
    if history:
        _refuse_twins(contracts)
    else:
        check_together(contracts, upcasters)
    return ContractTree(root=root, contracts=contracts)


def check_together(contracts: Sequence[Contract], upcasters: Upcasters) -> None:
    """Make sure that contracts, each sound by itself, go together.

    Raises:
        ContractTreeError: two have one name or one topic.
        SchemaMigrationError: an upcaster lifts a version that is not there.
    """
    _refuse_twins(contracts)
    check_upcasters(contracts, upcasters)


def _nothing_in(root: Path) -> ContractTreeError:
    home = root / "contracts" / "avro"
    what = "there is no contract in it" if is_directory(home) else "there is no such directory"
    if is_there(root / "contracts" / "contracts.lock"):
        return ContractTreeError(
            f"{what}, though contracts.lock says what was released",
            where=str(home),
            remedy="Restore it from the version control",
        )
    remedy = "Give --root, or HANGARSTACK_ROOT, the directory that holds contracts/"
    return ContractTreeError(what, where=str(home), remedy=f"{remedy}; `hangarstack contracts init` begins a tree")


def load_contract(
    directory: Path,
    seen: Seen,
    *,
    history: bool = False,
    upcasters: tuple[Upcaster, ...] = (),
) -> Contract:
    """Read one contract from its directory; takes and raises what ``load_tree`` does.

    Args:
        directory: of the contract.
        seen: of the contracts before, and of this one.
        history: see ``load_tree``.
        upcasters: those of the contract, which stand in the steps.
    """
    table = read_toml(directory / "contract.toml")
    topic = table.table("topic")
    reasons = table.table("versions")
    event = table.text("event")
    contract = Contract(
        name=event,
        directory=directory,
        key=table.text("key"),
        compatibility=Level(table.choice("compatibility", Level)),
        owner=table.text("owner"),
        description=table.text("description"),
        producers=table.texts("producers"),
        consumers=table.texts("consumers"),
        topic=_topic_name(topic),
        partitions=topic.integer("partitions", 1, _MOST_PARTITIONS),
        retention_ms=topic.integer("retention_ms", -1, 2**63 - 1),
        cleanup_policy=topic.choice("cleanup_policy", _CLEANUP),
        compression=topic.choice("compression", _COMPRESSION),
        min_insync_replicas=topic.integer("min_insync_replicas", 1, 100),
        max_message_bytes=topic.integer("max_message_bytes", 1024, 256 * _MEBIBYTE),
        versions=_history(directory, seen) if history else _versions(directory, reasons, seen),
        reads=_reads(table.table("reads"), event) if table.has("reads") else (),
        upcasters=upcasters,
    )
    for part in (topic, table) if history else (topic, reasons, table):
        part.done()
    _check_records(contract)
    return contract


def _topic_name(topic: Table) -> str:
    name = topic.text("name")
    if not _TOPIC.fullmatch(name) or name in {".", ".."}:
        raise topic.error("name", "must be a topic's name: up to 249 letters, digits, dots, _ and -")
    return name


def _reads(reads: Table, event: str) -> tuple[Declared, ...]:
    found = []
    for consumer in reads.rest():
        table = reads.table(consumer)
        version = table.integer("version", 1, MOST_VERSIONS)
        found.append(Declared(consumer=consumer, event=event, version=version, fields=table.texts("fields")))
        table.done()
    return tuple(found)


def _history(directory: Path, seen: Seen) -> tuple[Version, ...]:
    return tuple(_version(directory / f"v{number}.avsc", number, seen) for number in versions_in(directory))


def _versions(directory: Path, reasons: Table, seen: Seen) -> tuple[Version, ...]:
    numbers = versions_in(directory)
    if not numbers:
        raise ContractTreeError("the contract has no version", where=str(directory), remedy="Write v1.avsc")
    for expected, number in enumerate(numbers, start=1):
        if number != expected:
            raise VersionGapError(
                f"version {expected} is missing though version {numbers[-1]} is there",
                where=str(directory),
                remedy=f"Restore v{expected}.avsc: a released version stays",
            )
    return tuple(_explained(directory, number, reasons, seen) for number in numbers)


def _explained(directory: Path, number: int, reasons: Table, seen: Seen) -> Version:
    if not reasons.has(str(number)):
        raise ContractTreeError(
            f"nothing says why version {number} came",
            where=reasons.where,
            remedy=f'Add to contract.toml a table [versions.{number}] with a line: reason = "…"',
        )
    why = reasons.table(str(number))
    reason = why.text("reason")
    why.done()
    examples = _examples(directory / "examples" / f"v{number}")
    return replace(_version(directory / f"v{number}.avsc", number, seen), reason=reason, examples=examples)


def _version(path: Path, number: int, seen: Seen) -> Version:
    text = _read(path)
    value, canonical = _schema_json(text, path, seen)
    schema = Parser(memory=seen.memory).parse(value, side=str(path), text=text)
    if not isinstance(schema, Record) or not isinstance(value, dict):
        raise InvalidSchemaError("the value of a topic is a record", where=f"{path}#", remedy="Wrap it in a record")
    fingerprint = fingerprint_of_text(canonical)
    return Version(number=number, path=path, text=text, json=value, schema=schema, fingerprint=fingerprint)


def _schema_json(text: str, path: Path, seen: Seen) -> tuple[object, str]:
    """Return what the text of a schema says, its fields shared with other schemas, and its canonical text."""
    value = read_json(text, where=str(path))
    seen.memory.share(value)
    try:
        canonical = seen.texts.of(value)
    except RecursionError:
        raise InvalidSchemaError(
            "the schema nests too many levels to be released",
            where=f"{path}#",
            remedy="Name the inner types and refer to them",
        ) from None
    # A key that stands twice is lost with its colon; to look at each object while it is read takes far longer. (An
    # escape may stand for a colon, and needs a look of its own.)
    if "\\u" in text or text.count(":") != canonical.count(":"):
        _json(text, path)
    return value, canonical


def _examples(directory: Path) -> tuple[Example, ...]:
    return tuple(
        Example(name=path.stem, path=path, record=_json(_read(path), path))
        for path in entries(directory)
        if path.name.endswith(".json")
    )


def _read(path: Path) -> str:
    try:
        return _text(read_file(path))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise UnreadableFileError(
            f"the file cannot be read: {why}", where=str(path), remedy="Restore it, in UTF-8"
        ) from error


def _text(data: bytes) -> str:
    text = data.decode()
    # As a text file is read: whatever ends its lines.
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _json(text: str, path: Path) -> object:
    value = read_json(text, where=str(path), unique=True)
    # Only an escape can bring half a character into a file that is UTF-8; hardly any file has one.
    if "\\u" in text and _ESCAPED.search(text) and (half := _half_in(value)) is not None:
        raise UnreadableFileError(
            f"half a character (a surrogate without its other half) is no text: {half!a}",
            where=str(path),
            remedy="Write the whole character; UTF-8 and so Avro have no halves",
        )
    return value


def _half_in(value: object) -> str | None:
    rest = [value]
    while rest:
        item = rest.pop()
        if isinstance(item, dict):
            rest += [*item, *item.values()]
        elif isinstance(item, list):
            rest += item
        elif isinstance(item, str) and (found := _SURROGATE.search(item)):
            return item[max(0, found.start() - 20) : found.end() + 20]
    return None


def _check_records(contract: Contract) -> None:
    for version in contract.versions:
        if version.schema.name.rpartition(".")[2] != contract.name:
            raise ContractTreeError(
                f"the record is named {version.schema.name}, the event {contract.name}",
                where=str(version.path),
                remedy="Give both one name",
            )
        key = next((field for field in version.schema.fields if field.name == contract.key), None)
        if key is None or not isinstance(key.type, Primitive) or key.type.type != "string":
            raise ContractTreeError(
                f"the key {contract.key} is no string field of the record",
                where=str(version.path),
                remedy="Keep the key's field as it was: a new name or type puts events of one key into two partitions."
                " A new contract names a string field as key in contract.toml",
            )


def _refuse_twins(contracts: Sequence[Contract]) -> None:
    for what in ("name", "topic"):
        seen: dict[str, Contract] = {}
        for contract in contracts:
            first = seen.setdefault(getattr(contract, what), contract)
            if first is not contract:
                raise ContractTreeError(
                    f"{what} {getattr(contract, what)} is that of {first.directory.name} too",
                    where=str(contract.directory / "contract.toml"),
                    remedy="Rename one of them",
                )
