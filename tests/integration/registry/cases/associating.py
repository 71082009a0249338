"""Associating topics with subjects, and what serializers do with that."""

from __future__ import annotations

import json
from typing import Any

from confluent_kafka.schema_registry import AssociationCreateOrUpdateInfo, AssociationCreateOrUpdateRequest
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.schema_registry.serde import SubjectNameStrategyType
from confluent_kafka.serialization import MessageField, SerializationContext

from tests.integration.registry.cases.case import Refused, Talk, case, unique, wider

_NAMESPACE = "case"


def _request(topic: str, subject: str, **fields: Any) -> dict[str, Any]:
    resource = {"resourceName": topic, "resourceNamespace": _NAMESPACE, "resourceId": topic, "resourceType": "topic"}
    return {**resource, "associations": [{"subject": subject, "associationType": "value", **fields}]}


def _associated(talk: Talk, **fields: Any) -> tuple[str, str]:
    topic, subject = talk.topic(), talk.subject()
    talk.register(subject, unique())
    info = AssociationCreateOrUpdateInfo(subject=subject, association_type="value", **fields)
    talk.client.create_association(
        AssociationCreateOrUpdateRequest(
            resource_name=topic,
            resource_namespace=_NAMESPACE,
            resource_id=topic,
            resource_type="topic",
            associations=[info],
        )
    )
    return topic, subject


@case([1, True, "value"])
def a_topics_subject_is_found_by_its_association(talk: Talk) -> object:
    topic, subject = _associated(talk, lifecycle="WEAK")
    found = talk.client.get_associations_by_resource_name(topic, _NAMESPACE, "topic", ["value"])
    return [len(found), found[0].subject == subject, found[0].association_type]


@case([True, []])
def a_topic_without_an_association_has_none(talk: Talk) -> object:
    answer = talk.ask("GET", f"/associations/resources/-/{talk.topic()}")
    return [answer.status == 200, answer.body if answer.status == 200 else None]


@case([1, []])
def an_association_ends_and_its_subject_stays(talk: Talk) -> object:
    topic, subject = _associated(talk, lifecycle="WEAK")
    talk.client.delete_associations(topic)
    return [len(talk.client.get_versions(subject)), talk.client.get_associations_by_resource_name(topic, "-")]


@case([1, 2])
def a_serializer_registers_under_the_associated_subject(talk: Talk) -> object:
    topic, subject = _associated(talk, lifecycle="WEAK")
    text = json.dumps(wider(json.loads(str(talk.client.get_latest_version(subject).schema.schema_str))))
    conf = {
        "subject.name.strategy.type": SubjectNameStrategyType.ASSOCIATED,
        "subject.name.strategy.conf": {"subject.name.strategy.kafka.cluster.id": _NAMESPACE},
    }
    AvroSerializer(talk.client, text, conf=conf)({"a": 1, "b": None}, SerializationContext(topic, MessageField.VALUE))
    return talk.client.get_versions(subject)


@case(Refused(409, 40904))
def an_associated_subject_is_not_deleted(talk: Talk) -> object:
    _, subject = _associated(talk, lifecycle="WEAK")
    return talk.refusal("DELETE", f"/subjects/{subject}")


@case(Refused(409, 40907))
def a_subject_that_is_not_there_is_not_associated(talk: Talk) -> object:
    return talk.refusal("POST", "/associations", _request(talk.topic(), talk.subject(), lifecycle="WEAK"))


@case(Refused(422, 42212))
def a_shared_association_is_not_frozen(talk: Talk) -> object:
    body = _request(talk.topic(), talk.subject(), lifecycle="WEAK", frozen=True)
    return talk.refusal("POST", "/associations", body)


@case(Refused(404, 40410))
def an_association_that_is_not_there_does_not_end(talk: Talk) -> object:
    return talk.refusal("DELETE", f"/associations/resources/{talk.topic()}")
