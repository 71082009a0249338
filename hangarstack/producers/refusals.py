"""What a failed delivery means for the record, its topic and the client."""
# ruff: noqa: SLF001 - the codes of librdkafka's own errors begin with an underscore and are public

from __future__ import annotations

from enum import Enum
from typing import Final

from confluent_kafka import KafkaError


class Refusal(Enum):
    """Who has to change before the record can be delivered."""

    RECORD = "the broker takes other records of this topic, but never this one as it is"
    TOPIC = "the broker takes no record of this topic now: authorization, unknown topic, too few replicas, time-out"
    CLIENT = "this client can send nothing any more and must be replaced"
    WITHDRAWN = "this process took the record back itself"


_RECORD: Final = frozenset(
    {
        KafkaError.MSG_SIZE_TOO_LARGE,
        KafkaError.INVALID_MSG,
        KafkaError.INVALID_MSG_SIZE,
        KafkaError.INVALID_RECORD,
        KafkaError.INVALID_TIMESTAMP,
        KafkaError.RECORD_LIST_TOO_LARGE,
        KafkaError.POLICY_VIOLATION,
        KafkaError._INVALID_ARG,
    }
)
_WITHDRAWN: Final = frozenset({KafkaError._PURGE_QUEUE, KafkaError._PURGE_INFLIGHT, KafkaError._DESTROY})
_UNKNOWN_TOPIC: Final = frozenset(
    {KafkaError._UNKNOWN_TOPIC, KafkaError._UNKNOWN_PARTITION, KafkaError.UNKNOWN_TOPIC_OR_PART}
)


def refusal_of(error: KafkaError) -> Refusal:
    """Return what the error of a delivery report, or of ``produce``, asks for."""
    code = error.code()
    if error.fatal() or code == KafkaError._FATAL:
        return Refusal.CLIENT
    if code in _RECORD:
        return Refusal.RECORD
    return Refusal.WITHDRAWN if code in _WITHDRAWN else Refusal.TOPIC


def is_unknown_topic(error: KafkaError) -> bool:
    """Tell whether the client believes that the topic does not exist, and should look again."""
    return error.code() in _UNKNOWN_TOPIC
