from __future__ import annotations

import pytest
from confluent_kafka import KafkaError

from hangarstack.broker.failures import failure
from hangarstack.errors import BrokerError, BrokerRefusedError, BrokerUnavailableError, TopicError


@pytest.mark.parametrize(
    ("code", "kind", "remedy"),
    [
        (KafkaError._AUTHENTICATION, BrokerRefusedError, "SASL_PASSWORD"),
        (KafkaError._SSL, BrokerRefusedError, "SSL_CA"),
        (KafkaError.TOPIC_AUTHORIZATION_FAILED, BrokerRefusedError, "access rules"),
        (KafkaError.GROUP_AUTHORIZATION_FAILED, BrokerRefusedError, "access rules"),
        (KafkaError._ALL_BROKERS_DOWN, BrokerUnavailableError, "BOOTSTRAP_SERVERS"),
        (KafkaError._TIMED_OUT, BrokerUnavailableError, "BOOTSTRAP_SERVERS"),
        (KafkaError.UNKNOWN_TOPIC_OR_PART, TopicError, "topics apply"),
        (KafkaError.INVALID_CONFIG, BrokerError, ""),
    ],
)
def test_each_kind_of_failure_says_what_to_do_about_it(code: int, kind: type[BrokerError], remedy: str) -> None:
    error = failure(KafkaError(code, "said so"), "cannot do it", where="host:1")
    assert type(error) is kind
    assert "cannot do it" in error.what
    assert "said so" in error.what
    assert error.where == "host:1"
    assert remedy in error.remedy
