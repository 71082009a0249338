"""The GUID of a schema: the same in every registry that computes it as Confluent's does."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

from hangarstack.contracts.schema import parse_schema
from hangarstack.registry.embedded import rules
from hangarstack.registry.embedded.documents import Document
from hangarstack.registry.embedded.records import Reference


def guid(**fields: Any) -> str:
    base: dict[str, Any] = {"references": (), "metadata": None, "rule_set": None}
    return Document(text='"int"', schema=parse_schema("int"), **{**base, **fields}).guid


def md5(data: bytes) -> str:
    return str(uuid.UUID(bytes=hashlib.md5(data, usedforsecurity=False).digest()))


def test_it_is_the_md5_of_the_text() -> None:
    assert guid() == md5(b'"int"')


def test_references_count_with_their_version_in_four_bytes() -> None:
    assert guid(references=(Reference("n", "s", 258),)) == md5(b'"int"ns\x00\x00\x01\x02')


def test_empty_metadata_differs_from_none() -> None:
    assert guid(metadata={}) == md5(b'"int"\x01')


def test_metadata_counts_in_sorted_order() -> None:
    metadata = rules.metadata({"tags": {"b": ["2", "1"], "a": []}, "properties": {"y": "1", "x": "2"}})
    assert guid(metadata=metadata) == md5(b'"int"\x01ab12x2y1')


def test_rules_count_in_the_order_of_their_attributes() -> None:
    rule = {"name": "n", "type": "t", "params": {"b": "2", "a": "1"}, "tags": ["z", "y"], "expr": "e", "disabled": True}
    rule_set = rules.rule_set({"domainRules": [rule]})
    assert guid(rule_set=rule_set) == md5(b'"int"\x01nTRANSFORMWRITEREADtyza1b2e\x01')
