"""The page about one contract."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence

from hangarstack.contracts.diff import diff
from hangarstack.contracts.diff.types import named_types
from hangarstack.contracts.docs.markup import UNRELEASED, Content, Html, html, prose, table, tag
from hangarstack.contracts.fieldpaths import FIRST_PATHS_ONLY, fields_shown
from hangarstack.contracts.impact import Declared, lifted_or_read_by
from hangarstack.contracts.model import Contract, Version
from hangarstack.contracts.pii import is_pii
from hangarstack.contracts.readers import declared_of
from hangarstack.contracts.schema import MISSING, Enum
from hangarstack.contracts.schema.matching import short_name
from hangarstack.contracts.typetext import type_text

_DAY_MS = 86_400_000


def contract_body(
    contract: Contract, declarations: Sequence[Declared], index: str, *, unreleased: Collection[Version]
) -> Html:
    """Return what the page says, below its frame.

    Args:
        contract: what it is about.
        declarations: which fields consumers say that they read; those of other events are left out.
        index: address of the page that lists all contracts.
        unreleased: versions that no lock holds yet.
    """
    mark = [" ", UNRELEASED] if contract.current in unreleased else ""
    versions = [_version(contract, version, unreleased) for version in reversed(contract.versions)]
    parts: list[Content] = [
        tag("nav", tag("a", "All contracts", href=index), class_="crumbs"),
        tag("h1", contract.name, " ", tag("small", f"v{contract.current.number}", mark)),
        tag("p", prose(contract.description), class_="lead"),
        _facts(contract),
        _section("fields", "Fields", _fields(contract)),
        _section("enums", "Enums", _enums(contract)),
        _section("who", "Producers and consumers", _who(contract, declarations)),
        _section("pii", "Personal data", _pii(contract)),
        _section("history", "History", versions),
        _section("compatibility", "Compatibility", _compatibility(contract)),
        _section("examples", "Examples", _examples(contract)),
    ]
    return html(parts)


def _section(anchor: str, title: str, content: Content) -> Html:
    return tag("section", tag("h2", title), content, id=anchor)


def _facts(contract: Contract) -> Html:
    retention = "for ever" if contract.retention_ms < 0 else f"{contract.retention_ms / _DAY_MS:.3g} days"
    facts: list[tuple[str, Content]] = [
        ("Topic", tag("code", contract.topic)),
        ("Subject", tag("code", contract.subject)),
        ("Key", tag("code", contract.key)),
        ("Compatibility", contract.compatibility),
        ("Owner", contract.owner),
        ("Partitions", str(contract.partitions)),
        ("Kept", f"{retention}, {contract.cleanup_policy}"),
    ]
    return tag("dl", [(tag("dt", name), tag("dd", value)) for name, value in facts])


def _fields(contract: Contract) -> Content:
    found, everywhere = fields_shown(contract.current.schema)
    rows = [
        (
            tag("code", path),
            tag("code", type_text(field.type)),
            "" if field.default is MISSING else tag("code", json.dumps(field.default, ensure_ascii=False)),
            [prose(field.doc or ""), " ", tag("strong", "PII", class_="pii") if is_pii(field) else ""],
        )
        for path, field in found
    ]
    note = "" if everywhere else tag("p", FIRST_PATHS_ONLY)
    return note, table("Fields", ("Field", "Type", "Default", "Meaning"), rows)


def _enums(contract: Contract) -> Content:
    found = [named for _, named in named_types(contract.current.schema).values() if isinstance(named, Enum)]
    if not found:
        return tag("p", "There are none.")
    rows = [
        (
            tag("code", short_name(enum)),
            _spaced(tag("code", symbol) for symbol in enum.symbols),
            tag("code", enum.default) if enum.default else "",
            prose(enum.doc or ""),
        )
        for enum in found
    ]
    return table("Enums", ("Enum", "Symbols", "Taken for an unknown symbol", "Meaning"), rows)


def _who(contract: Contract, declarations: Sequence[Declared]) -> Content:
    declared = declared_of(contract, declarations)
    producers = tag("p", "Written by ", ", ".join(contract.producers) or "nobody yet", ".")
    consumers = dict.fromkeys([*contract.consumers, *declared])
    if not consumers:
        return producers, tag("p", "Nobody reads it yet.")
    rows = [
        (
            name,
            f"v{declared[name].version}" if name in declared else "not declared",
            _spaced(tag("code", path) for path in declared[name].fields) if name in declared else "taken to be all",
        )
        for name in consumers
    ]
    return producers, table("Consumers", ("Consumer", "Reads version", "Fields"), rows)


def _pii(contract: Contract) -> Html:
    if not contract.pii:
        return tag("p", "No field is tagged as personal data.")
    return tag("ul", [tag("li", tag("code", path)) for path in contract.pii])


def _version(contract: Contract, version: Version, unreleased: Collection[Version]) -> Content:
    mark = [" ", UNRELEASED] if version in unreleased else ""
    changes: Content = ""
    if version.number > 1:
        found = diff(contract.versions[version.number - 2].schema, version.schema)
        changes = tag(
            "ul",
            [
                tag(
                    "li",
                    f"{each.mark} ",
                    tag("code", each.path),
                    " ",
                    prose(each.sentence),
                    class_=each.mark.name.lower(),
                )
                for each in found
            ],
            class_="changes",
        )
    schema = tag("details", tag("summary", "Schema"), tag("pre", version.text.rstrip()))
    return (
        tag("h3", f"Version {version.number}", mark, id=f"v{version.number}"),
        tag("p", prose(version.reason)),
        changes,
        schema,
    )


def _compatibility(contract: Contract) -> Html:
    rows = []
    for reader in contract.versions:
        cells: list[Content] = [tag("strong", f"v{reader.number} reads")]
        for writer in contract.versions:
            reading = lifted_or_read_by(contract, reader, writer)
            if not reading.possible:
                asked = contract.compatibility.asks(reader.number, writer.number)
                cells.append(tag("span", f"no: {'; '.join(reading.refusals)}", class_="no" if asked else ""))
            elif reading.misreadings:
                wrong = "; ".join(f"{each.path}: {each.sentence}" for each in reading.misreadings)
                cells.append(tag("span", f"yes, but {wrong}", class_="but"))
            else:
                lifted = [", lifted by ", tag("code", reading.lifted_by)] if reading.lifted_by else ""
                cells.append(tag("span", "yes", lifted, class_="yes"))
        rows.append(cells)
    return table("Who reads whom", ["", *(f"events of v{writer.number}" for writer in contract.versions)], rows)


def _examples(contract: Contract) -> Content:
    return [
        (
            tag("h3", f"v{version.number}: {example.name.replace('_', ' ')}"),
            tag("pre", json.dumps(example.record, indent=2, ensure_ascii=False)),
        )
        for version in reversed(contract.versions)
        for example in version.examples
    ]


def _spaced(parts: Iterable[Html]) -> Html:
    return Html(" ".join(parts))
