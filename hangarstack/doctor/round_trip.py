"""Fifth check: does an event that is published come out at the other end as it went in?"""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from hangarstack.broker.config import bootstrap_servers, consumer_config
from hangarstack.broker.failures import failure
from hangarstack.doctor.report import CODEC, COMPONENT, GROUP, doctor_report
from hangarstack.errors import BrokerError, CheckFailedError, HangarStackError
from hangarstack.producers.producer import EventProducer
from hangarstack.registry.ids import SchemaIds
from hangarstack.registry.serde import EventDecoder
from hangarstack.settings import Settings

_ANSWER_S: Final = 2.0
_ARRIVAL_S: Final = 6.0
_SPOOL_BYTES: Final = 1 << 20


def check_end_to_end(settings: Settings) -> str:
    """Publish an event as every part does, read it back and compare; blocks at most some nine seconds.

    Nothing else is disturbed: the spool lives in a directory of its own for as long as the check, and the reader is
    a member of no group.

    Raises:
        HangarStackError: the event cannot be published, does not arrive, or is another one then.
    """
    event = doctor_report()
    with tempfile.TemporaryDirectory(prefix="hangarstack-doctor-") as directory:
        # The memory broker is found by the home that is left here.
        own = replace(
            settings,
            home=Path(directory),
            spool_bytes=_SPOOL_BYTES,
            bootstrap_servers=bootstrap_servers(settings),
        )
        decoder = EventDecoder([CODEC], SchemaIds(own))
        reader = _reader_from_now_on(own)
        producer = EventProducer(own, COMPONENT, codecs=[CODEC])
        began = time.monotonic()
        try:
            producer.publish(event)
            message, arrived = _find(reader, decoder, event.event_id, began + _ARRIVAL_S)
            if message is None:
                raise _not_arrived(producer, own)
            took_ms = (time.monotonic() - began) * 1000
        finally:
            reader.close()
            producer.close(0.5)
    if arrived != event:
        raise CheckFailedError(f"the event came back as another one: {arrived!r}, sent was {event!r}")
    place = f"{message.topic()}[{message.partition()}]@{message.offset()}"
    return f"published, read back at {place} and equal after {took_ms:.0f} ms"


def _reader_from_now_on(settings: Settings) -> Consumer:
    config: dict[str, Any] = {**consumer_config(settings, GROUP, f"hangarstack-{COMPONENT}"), "log_level": 0}
    consumer = Consumer(config)
    try:
        partitions = consumer.list_topics(CODEC.topic, timeout=_ANSWER_S).topics[CODEC.topic].partitions
        ends = []
        for number in partitions:
            _, high = consumer.get_watermark_offsets(TopicPartition(CODEC.topic, number), timeout=_ANSWER_S)
            ends.append(TopicPartition(CODEC.topic, number, high))
        consumer.assign(ends)
    except KafkaException as error:
        consumer.close()
        raise failure(error.args[0], f"cannot read {CODEC.topic}", where=bootstrap_servers(settings)) from error
    return consumer


def _find(consumer: Consumer, decoder: EventDecoder, event_id: object, deadline: float) -> tuple[Message | None, Any]:
    while time.monotonic() < deadline:
        message = consumer.poll(0.1)
        if message is None:
            continue
        error = message.error()
        if error is not None:
            raise failure(error, f"cannot read {CODEC.topic}")
        value = message.value()
        if message.key() != COMPONENT.encode() or not isinstance(value, bytes):
            continue
        arrived = decoder.decode(CODEC.topic, value)
        if arrived.event_id == event_id:
            return message, arrived
    return None, None


def _not_arrived(producer: EventProducer, settings: Settings) -> HangarStackError:
    problems = producer.status()["problems"]
    told = "; ".join(str(problem) for problem in problems) if isinstance(problems, list | tuple) else ""
    return BrokerError(
        f"the event did not arrive within {_ARRIVAL_S:g} s" + (f": {told}" if told else ""),
        where=f"{CODEC.topic} at {bootstrap_servers(settings)}",
        remedy="Mend what the other checks say, then look at the broker's log",
    )
