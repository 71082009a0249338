from __future__ import annotations

import os
from dataclasses import replace

from hangarstack.deadletters.kafka_outlet import KafkaOutlet
from hangarstack.deadletters.ports import Outgoing
from hangarstack.errors import BrokerError
from hangarstack.settings import Settings
from tests.support.consumer_runs import read_all
from tests.support.kafka import Kafka


def test_each_record_is_stored_as_it_is_or_told_to_be_refused(kafka: Kafka, kafka_settings: Settings) -> None:
    topic = kafka.topic()
    headers: tuple[tuple[str, bytes | None], ...] = (("ce_id", b"1"), ("nothing", None))
    values = [b"first", os.urandom(1_500_000), None]
    records = [Outgoing(topic=topic, key=b"key", value=value, headers=headers) for value in values]
    nowhere = replace(records[0], topic="t" * 600)
    first, too_large, impossible, last = KafkaOutlet(kafka_settings).send([*records[:2], nowhere, records[2]])
    assert (first, last) == (None, None)
    assert isinstance(too_large, BrokerError)
    assert isinstance(impossible, BrokerError)
    found = read_all(kafka_settings, topic, 1, 2)
    assert [(one.key(), one.value(), one.headers()) for one in found] == [
        (b"key", b"first", list(headers)),
        (b"key", None, list(headers)),
    ]
