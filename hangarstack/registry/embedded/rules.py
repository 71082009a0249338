"""Metadata and rule sets of data contracts: their one form, their check, how configured ones are merged in."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, TypeAlias

from hangarstack.registry.embedded import refusals

Metadata: TypeAlias = dict[str, Any]
RuleSet: TypeAlias = dict[str, Any]

VERSION_PROPERTY: Final = "confluent:version"

_MODES: Final = {
    "migrationRules": ("UPGRADE", "DOWNGRADE", "UPDOWN"),
    "domainRules": ("WRITE", "READ", "WRITEREAD"),
    "encodingRules": ("WRITE", "READ", "WRITEREAD"),
}
_TITLES: Final = {"migrationRules": "Migration", "domainRules": "Domain", "encodingRules": "Encoding"}
_KINDS: Final = ("TRANSFORM", "CONDITION")
_RULE_TEXTS: Final = ("name", "doc", "kind", "mode", "type", "expr", "onSuccess", "onFailure")


def metadata(value: object) -> Metadata | None:
    """Return metadata with sorted keys and without empty parts, or None for None.

    Raises:
        RefusalError: 422, it is not of the documented form.
    """
    if value is None:
        return None
    whole = _mapping(value, "metadata")
    tags = {str(k): sorted(set(_texts(v, "metadata.tags"))) for k, v in _sorted(whole.get("tags"))}
    properties = {str(k): _text(v, "metadata.properties") for k, v in _sorted(whole.get("properties"))}
    sensitive = sorted(set(_texts(whole.get("sensitive"), "metadata.sensitive")))
    parts = {"tags": tags, "properties": properties, "sensitive": sensitive}
    return {name: part for name, part in parts.items() if part}


def rule_set(value: object) -> RuleSet | None:
    """Return a rule set in its one form, checked, or None for None.

    Raises:
        RefusalError: 42210 a rule has no name or type, a name twice, or a mode that its kind does not take;
            422 it is not of the documented form.
    """
    if value is None:
        return None
    whole = _mapping(value, "ruleSet")
    result: RuleSet = {}
    for kind in _MODES:
        rules = [_rule(each, kind) for each in _list(whole.get(kind), f"ruleSet.{kind}")]
        _refuse_twice([rule["name"] for rule in rules])
        if rules:
            result[kind] = rules
    if whole.get("enableAt") is not None:
        result["enableAt"] = _text(whole["enableAt"], "ruleSet.enableAt")
    return result


def merged_metadata(older: Metadata | None, newer: Metadata | None) -> Metadata | None:
    """Return both together; the newer wins where they differ."""
    if older is None or newer is None:
        return older if newer is None else newer
    return metadata(
        {
            "tags": {**older.get("tags", {}), **newer.get("tags", {})},
            "properties": {**older.get("properties", {}), **newer.get("properties", {})},
            "sensitive": [*older.get("sensitive", []), *newer.get("sensitive", [])],
        }
    )


def merged_rule_set(older: RuleSet | None, newer: RuleSet | None) -> RuleSet | None:
    """Return the rules of both; of two with one name the newer stays."""
    if older is None or newer is None:
        return older if newer is None else newer
    result: RuleSet = {}
    for kind in _MODES:
        mine = newer.get(kind, [])
        names = {rule["name"] for rule in mine}
        rules = [rule for rule in older.get(kind, []) if rule["name"] not in names] + mine
        if rules:
            result[kind] = rules
    enable = newer.get("enableAt", older.get("enableAt"))
    return {**result, "enableAt": enable} if enable is not None else result


def rule_names(value: object) -> list[str] | None:
    """Return the names in a request's list of rules, or None for None.

    Raises:
        RefusalError: 422, it is not of the documented form.
    """
    return None if value is None else _texts(value, "rulesToRemove")


def without_rules(value: RuleSet | None, names: Collection[str]) -> RuleSet | None:
    """Return a rule set without the rules of some names."""
    if value is None or not names:
        return value
    kept = {kind: [rule for rule in value.get(kind, []) if rule["name"] not in names] for kind in _MODES}
    return {kind: rules for kind, rules in kept.items() if rules}


def stated_version(value: Metadata | None) -> str | None:
    """Return the ``confluent:version`` that the metadata carries."""
    found = (value or {}).get("properties", {}).get(VERSION_PROPERTY)
    return None if found is None else str(found)


def with_version(value: Metadata | None, version: int) -> Metadata:
    """Return the metadata with ``confluent:version`` set."""
    return merged_metadata(value or {}, {"properties": {VERSION_PROPERTY: str(version)}}) or {}


def without_version(value: Metadata | None) -> Metadata:
    """Return the metadata without ``confluent:version``."""
    properties = {k: v for k, v in (value or {}).get("properties", {}).items() if k != VERSION_PROPERTY}
    return metadata({**(value or {}), "properties": properties}) or {}


def has_type(value: RuleSet | None, rule_type: str) -> bool:
    """Tell whether a rule of that type is in the rule set."""
    return any(rule["type"] == rule_type for kind in _MODES for rule in (value or {}).get(kind, []))


def hash_parts(meta: Metadata | None, rules: RuleSet | None) -> Iterator[bytes]:
    """Yield what metadata and rules add to a schema's GUID, in Confluent's order."""
    if meta is not None:
        yield b"\x01"
        for key, tags in meta.get("tags", {}).items():
            yield from (text.encode() for text in (key, *tags))
        for key, text in meta.get("properties", {}).items():
            yield from (key.encode(), text.encode())
        yield from (text.encode() for text in meta.get("sensitive", []))
    if rules is not None:
        yield b"\x01"
        for kind in _MODES:
            for rule in rules.get(kind, []):
                yield from _rule_parts(rule)
        yield rules.get("enableAt", "").encode()


def _rule_parts(rule: Mapping[str, Any]) -> Iterator[bytes]:
    yield from (rule[name].encode() for name in _RULE_TEXTS[:5] if name in rule)
    yield from (text.encode() for text in rule.get("tags", []))
    for key, text in rule.get("params", {}).items():
        yield from (key.encode(), text.encode())
    yield from (rule[name].encode() for name in _RULE_TEXTS[5:] if name in rule)
    if rule["disabled"]:
        yield b"\x01"


def _rule(value: object, kind: str) -> dict[str, Any]:
    given = _mapping(value, f"ruleSet.{kind}")
    rule: dict[str, Any] = {"kind": "TRANSFORM", "mode": "WRITEREAD"}
    rule |= {name: _text(given[name], name) for name in _RULE_TEXTS if given.get(name) is not None}
    _check_name(rule.get("name"))
    if "type" not in rule:
        raise refusals.invalid_rule_set("Missing rule type")
    if rule["kind"] not in _KINDS:
        raise refusals.plain(422, f"Unknown rule kind: {rule['kind']}")
    if rule["mode"] not in _MODES[kind]:
        raise refusals.invalid_rule_set(f"{_TITLES[kind]} rules can only be {', '.join(_MODES[kind])}")
    tags = sorted(set(_texts(given.get("tags"), "tags")))
    params = {str(k): _text(v, "params") for k, v in _sorted(given.get("params"))}
    rule |= {name: part for name, part in (("tags", tags), ("params", params)) if part}
    rule["disabled"] = given.get("disabled") is True
    order = (*_RULE_TEXTS[:5], "tags", "params", *_RULE_TEXTS[5:], "disabled")
    return {name: rule[name] for name in order if name in rule}


def _check_name(name: str | None) -> None:
    if name is None:
        raise refusals.invalid_rule_set("Missing rule name")
    if not name:
        raise refusals.invalid_rule_set("Empty rule name")
    if not (name[0].isalpha() or name[0] == "_"):
        raise refusals.invalid_rule_set(f"Illegal initial character in rule name: {name}")
    if not re.fullmatch(r"\w+", name):
        raise refusals.invalid_rule_set(f"Illegal character in rule name: {name}")


def _refuse_twice(names: list[str]) -> None:
    for at, name in enumerate(names):
        if name in names[:at]:
            raise refusals.invalid_rule_set(f"Found rule with duplicate name '{name}'")


def _mapping(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise refusals.plain(422, f"{where} must be an object")
    return value


def _list(value: object, where: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise refusals.plain(422, f"{where} must be an array")
    return value


def _sorted(value: object) -> list[tuple[str, Any]]:
    return sorted(_mapping(value or {}, "metadata").items())


def _texts(value: object, where: str) -> list[str]:
    return [_text(each, where) for each in _list(value, where)]


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise refusals.plain(422, f"{where} must hold text")
    return value
