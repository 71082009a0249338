"""Second check: are the topics there, and is an event acknowledged?"""

from __future__ import annotations

import time
from typing import Any, Final

from confluent_kafka import KafkaError, Message, Producer, TopicCollection

from hangarstack.broker.admin import Admin
from hangarstack.broker.config import bootstrap_servers, producer_config
from hangarstack.broker.failures import failure, late, truest
from hangarstack.broker.specs import dead_letter_topic
from hangarstack.doctor.report import CODEC, COMPONENT, doctor_report
from hangarstack.errors import BrokerError, TopicError
from hangarstack.events import CODECS
from hangarstack.registry.ids import SchemaIds
from hangarstack.registry.serde import EventEncoder
from hangarstack.settings import Settings

_ANSWER_S: Final = 2.5
_DELIVERY_S: Final = 5.0


def check_producer(settings: Settings) -> str:
    """Return where an event was acknowledged; blocks at most some nine seconds.

    Raises:
        HangarStackError: a topic is missing, the schema's id is unknown, or the event was not acknowledged.
    """
    topics = [topic for codec in CODECS for topic in (codec.topic, dead_letter_topic(codec.topic))]
    if settings.broker != "memory":
        require_topics(Admin(settings, timeout_s=_ANSWER_S), topics)
    topic, key, value = EventEncoder([CODEC], SchemaIds(settings)).encode(doctor_report())
    began = time.monotonic()
    message = _deliver(settings, topic, key, value)
    took_ms = (time.monotonic() - began) * 1000
    place = f"{message.topic()}[{message.partition()}]@{message.offset()}"
    return f"{len(topics)} topics are there; {place} acknowledged in {took_ms:.0f} ms, connecting included"


def require_topics(admin: Admin, topics: list[str], option: str = "") -> None:
    """Make sure that topics are there.

    Args:
        admin: asked once.
        topics: their names.
        option: what a command line needs to find their contracts, with a blank before it, or nothing.

    Raises:
        TopicError: some are missing.
        BrokerError: the broker does not say.
    """
    described = admin.ask_each(
        "cannot describe topic",
        lambda client, timeout: client.describe_topics(TopicCollection(topics), request_timeout=timeout),
    )
    missing = [name for name, found in described.items() if isinstance(found, TopicError)]
    if missing:
        raise TopicError(
            f"missing topics: {', '.join(missing)}",
            where=admin.where,
            remedy=f"Run `hangarstack topics apply{option}`",
        )
    for found in described.values():
        if isinstance(found, BrokerError):
            raise found


def _deliver(settings: Settings, topic: str, key: bytes, value: bytes) -> Message:
    reasons: list[KafkaError] = []
    reports: list[tuple[KafkaError | None, Message]] = []
    config: dict[str, Any] = {
        **producer_config(settings, f"hangarstack-{COMPONENT}"),
        "delivery.timeout.ms": int(_DELIVERY_S * 1000),
        "error_cb": reasons.append,
        "log_level": 0,
    }
    producer = Producer(config)
    producer.produce(topic, value, key, on_delivery=lambda error, message: reports.append((error, message)))
    producer.flush(_DELIVERY_S + 1)
    error, message = reports[0] if reports else (late(), None)
    if error is not None or message is None:
        raise failure(
            truest(error or late(), reasons), f"no event is acknowledged by {topic}", where=bootstrap_servers(settings)
        )
    return message
