"""Data contracts: metadata, rules, tags, GUIDs; and what serializers do with ids."""

from __future__ import annotations

import json
import uuid
from typing import Any

from confluent_kafka.schema_registry import (
    Metadata,
    MetadataProperties,
    Rule,
    RuleKind,
    RuleMode,
    RuleSet,
    header_schema_id_serializer,
)
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext, SerializationError

from tests.integration.registry.cases.case import Refused, Talk, avro, case, record, unique

_NOBODY = "00000000-0000-0000-0000-000000000000"
_FIELD = {"schemaEntity": {"entityPath": "test.R.a", "entityType": "sr_field"}, "tags": ["PII"]}


def _tagged() -> dict[str, Any]:
    return record({"name": "a", "type": "int", "confluent:tags": ["PII"]}, "b")


@case({"owner": "search"})
def metadata_are_kept(talk: Talk) -> object:
    subject = talk.subject()
    metadata = Metadata(None, MetadataProperties({"owner": "search"}), None)
    talk.register(subject, unique(), metadata=metadata)
    held = talk.client.get_latest_version(subject).schema.metadata
    return None if held is None or held.properties is None else held.properties.properties


@case(1)
def a_version_is_found_by_its_metadata(talk: Talk) -> object:
    subject = talk.subject()
    talk.register(subject, unique(), metadata=Metadata(None, MetadataProperties({"owner": "search"}), None))
    return talk.client.get_latest_with_metadata(subject, {"owner": "search"}).version


@case(["positive"])
def rules_are_kept(talk: Talk) -> object:
    subject = talk.subject()
    rule = Rule(
        "positive", None, RuleKind.CONDITION, RuleMode.WRITE, "CEL", None, None, "message.a > 0", None, None, False
    )
    talk.register(subject, unique(), rule_set=RuleSet([], [rule]))
    held = talk.client.get_latest_version(subject).schema.rule_set
    return None if held is None else [each.name for each in held.domain_rules or []]


@case(Refused(422, 42210))
def a_rule_set_that_is_not_allowed_is_refused(talk: Talk) -> object:
    rules = {"domainRules": [{"name": "r", "kind": "CONDITION", "mode": "UPGRADE", "type": "CEL", "expr": "true"}]}
    return talk.posted(talk.subject(), unique(), ruleSet=rules)


@case(["PII"])
def tags_written_into_a_schema_are_kept(talk: Talk) -> object:
    subject = talk.subject()
    talk.register(subject, _tagged())
    schema = json.loads(str(talk.client.get_latest_version(subject).schema.schema_str))
    return schema["fields"][0]["confluent:tags"]


@case([_FIELD])
def tags_are_found_by_id(talk: Talk) -> object:
    schema_id = talk.register(talk.subject(), _tagged())
    return talk.ask("GET", f"/schemas/ids/{schema_id}?findTags=PII").body.get("schemaTags")


@case([2, ["PII"], "2"])
def tags_are_added_as_a_new_version(talk: Talk) -> object:
    subject = talk.subject()
    talk.register(subject, record("a"))
    answer = talk.ask("POST", f"/subjects/{subject}/versions/latest/tags", {"tagsToAdd": [_FIELD]})
    if answer.status != 200:
        return answer.status
    held = talk.ask("GET", f"/subjects/{subject}/versions/latest").body
    tags = json.loads(held["schema"])["fields"][0]["confluent:tags"]
    return [held["version"], tags, held["metadata"]["properties"]["confluent:version"]]


@case(True)
def a_schema_is_read_by_its_guid(talk: Talk) -> object:
    schema = unique()
    guid = talk.client.register_schema_full_response(talk.subject(), avro(schema)).guid
    return guid is not None and json.loads(str(talk.client.get_schema_by_guid(guid).schema_str)) == schema


@case(Refused(404, 40403))
def an_unknown_guid_is_not_found(talk: Talk) -> object:
    return talk.refusal("GET", f"/schemas/guids/{_NOBODY}")


@case({"a": 7})
def a_record_goes_there_and_back_by_its_schema_id(talk: Talk) -> object:
    context = _context(talk)
    value = AvroSerializer(talk.client, json.dumps(record("a")))({"a": 7}, context)
    return AvroDeserializer(talk.client)(value, context)


@case({"s": "long enough for the client"})
def a_record_goes_there_and_back_by_a_guid_in_its_header(talk: Talk) -> object:
    headers: list[tuple[str, str | bytes | None]] = []
    context = _context(talk, headers=headers)
    text = json.dumps(record({"name": "s", "type": "string"}))
    conf = {"schema.id.serializer": header_schema_id_serializer}
    try:
        value = AvroSerializer(talk.client, text, conf=conf)({"s": "long enough for the client"}, context)
    except SerializationError as error:
        return str(error)
    assert value is not None
    assert value[:1] != b"\0"
    assert [name for name, _ in headers] == ["__value_schema_id"]
    return AvroDeserializer(talk.client)(value, context)


def _context(talk: Talk, **fields: Any) -> SerializationContext:
    topic = f"case-{uuid.uuid4().hex}"
    talk.subject(topic=topic)
    return SerializationContext(topic, MessageField.VALUE, **fields)
