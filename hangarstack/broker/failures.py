"""librdkafka's errors as ours: what happened, and what the reader can do."""
# ruff: noqa: SLF001 - the codes of librdkafka's own errors begin with an underscore and are public

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from confluent_kafka import KafkaError

from hangarstack.errors import BrokerError, BrokerRefusedError, BrokerUnavailableError, TopicError

_CREDENTIALS: Final = frozenset({KafkaError._AUTHENTICATION, KafkaError.SASL_AUTHENTICATION_FAILED})
_TLS: Final = frozenset({KafkaError._SSL})
_NOT_ALLOWED: Final = frozenset(
    {
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.GROUP_AUTHORIZATION_FAILED,
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
        KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
    }
)
_UNREACHABLE: Final = frozenset(
    {
        KafkaError._TRANSPORT,
        KafkaError._ALL_BROKERS_DOWN,
        KafkaError._RESOLVE,
        KafkaError._TIMED_OUT,
        KafkaError._MSG_TIMED_OUT,
        KafkaError.REQUEST_TIMED_OUT,
    }
)


def is_refusal(error: KafkaError) -> bool:
    """Tell whether waiting cannot help: wrong credentials or certificates."""
    return error.code() in _CREDENTIALS | _TLS


def is_unreachable(error: KafkaError) -> bool:
    """Tell whether the broker did not answer at all."""
    return error.code() in _UNREACHABLE


def are_all_down(reasons: Sequence[KafkaError]) -> bool:
    """Tell whether a client was told that it reaches none of its brokers."""
    return any(reason.code() == KafkaError._ALL_BROKERS_DOWN for reason in reasons)


def truest(error: KafkaError, reasons: Sequence[KafkaError]) -> KafkaError:
    """Return why the connection fails, where an error itself only says that time was up.

    Args:
        error: what a request or a message ended with.
        reasons: what the client's ``error_cb`` was told meanwhile, oldest first.
    """
    # "All brokers are down" only follows from the reason that came before it.
    told = [reason for reason in reasons if reason.code() != KafkaError._ALL_BROKERS_DOWN]
    refused = [reason for reason in told if is_refusal(reason)]
    return (refused or told)[-1] if told and is_unreachable(error) else error


def late() -> KafkaError:
    """Return the error of an answer that did not come in time."""
    return KafkaError(KafkaError._TIMED_OUT)


def failure(error: KafkaError, doing: str, *, where: str = "") -> BrokerError:
    """Return our error for librdkafka's.

    Args:
        error: what librdkafka reported.
        doing: what was tried, as in "Kafka cannot be asked for its topics".
        where: addresses, or topic[partition]@offset.
    """
    code, said = error.code(), error.str()
    if code in _CREDENTIALS:
        return BrokerRefusedError(
            f"{doing}: the broker refuses the credentials ({said})",
            where=where,
            remedy="Check HANGARSTACK_SASL_USERNAME, HANGARSTACK_SASL_PASSWORD and HANGARSTACK_SASL_MECHANISM",
        )
    if code in _TLS:
        return BrokerRefusedError(
            f"{doing}: no trusted TLS connection ({said})",
            where=where,
            remedy="Check HANGARSTACK_SSL_CA, HANGARSTACK_SECURITY_PROTOCOL and the host names in"
            " HANGARSTACK_BOOTSTRAP_SERVERS",
        )
    if code in _NOT_ALLOWED:
        return BrokerRefusedError(
            f"{doing}: not allowed ({said})",
            where=where,
            remedy="Grant this user the operation in the cluster's access rules",
        )
    if code in _UNREACHABLE:
        return BrokerUnavailableError(
            f"{doing}: no answer ({said})",
            where=where,
            remedy="Check HANGARSTACK_BOOTSTRAP_SERVERS, or start the embedded broker with `hangarstack up`",
        )
    if code == KafkaError.UNKNOWN_TOPIC_OR_PART:
        return TopicError(f"{doing}: {said}", where=where, remedy="Run `hangarstack topics apply`")
    return BrokerError(f"{doing}: {said}", where=where)
