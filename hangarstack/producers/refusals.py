"""What a failed delivery means for the record, its topic and the client."""
# ruff: noqa: SLF001 - the codes of librdkafka's own errors begin with an underscore and are public

from __future__ import annotations

from enum import Enum
from typing import Final

from confluent_kafka import KafkaError


class Refusal(Enum):
    """Who has to change before the record can be delivered."""

    RECORD = "the broker takes other records of this topic, but never this one as it is"
    UNCLEAR = "refused with a batch, for one record in it or for all of them together: sent alone, it is told which"
    TOPIC = "the broker takes no record of this topic now: authorization, unknown topic, too few replicas, our clock"
    CLIENT = "this client can send nothing any more and must be replaced"
    WITHDRAWN = "this process took the record back itself"


_BATCH: Final = frozenset(
    {
        KafkaError.INVALID_RECORD,
        KafkaError.MSG_SIZE_TOO_LARGE,
        KafkaError.INVALID_MSG,
        KafkaError.INVALID_MSG_SIZE,
        KafkaError.RECORD_LIST_TOO_LARGE,
        KafkaError.POLICY_VIOLATION,
    }
)
_WITHDRAWN: Final = frozenset({KafkaError._PURGE_QUEUE, KafkaError._PURGE_INFLIGHT, KafkaError._DESTROY})
_UNKNOWN_TOPIC: Final = frozenset(
    {KafkaError._UNKNOWN_TOPIC, KafkaError._UNKNOWN_PARTITION, KafkaError.UNKNOWN_TOPIC_OR_PART}
)


def refusal_of(error: KafkaError, *, alone: bool) -> Refusal:
    """Return what the error of a delivery report, or of ``produce``, asks for.

    A broker takes a batch whole or not at all. librdkafka then says the same of each record in it: that the message is
    too large, though it may be its neighbour, or all of them together; or INVALID_RECORD, whatever the reason.

    Args:
        error: what was reported.
        alone: whether the record was in a batch of its own, or in none yet.
    """
    code = error.code()
    if error.fatal() or code == KafkaError._FATAL:
        return Refusal.CLIENT
    if code in _BATCH:
        return Refusal.RECORD if alone else Refusal.UNCLEAR
    return Refusal.WITHDRAWN if code in _WITHDRAWN else Refusal.TOPIC


def explained(error: KafkaError) -> str:
    """Return the error's text, with what to do where the text alone leads nowhere."""
    if error.code() == KafkaError.INVALID_TIMESTAMP:
        # The timestamp is that of the attempt, not of the event: the next one has another.
        return f"{error.str()}: the clocks of this machine and of the broker differ too much, set them"
    return error.str()


def is_unknown_topic(error: KafkaError) -> bool:
    """Tell whether the client believes that the topic does not exist, and should look again."""
    return error.code() in _UNKNOWN_TOPIC
