"""Dead letters to ``<topic>.dlq`` in Kafka."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence, Set
from typing import Any, Final

from confluent_kafka import KafkaError, KafkaException, Producer

from hangarstack.broker.config import LARGEST_MESSAGE_BYTES, producer_config
from hangarstack.broker.failures import failure, late
from hangarstack.broker.quiet import librdkafka_log
from hangarstack.broker.specs import dead_letter_topic
from hangarstack.consumers.runtime.letter import DeadLetter
from hangarstack.consumers.runtime.standing import Place
from hangarstack.settings import Settings

_log: Final = logging.getLogger(__name__)
_WAIT_S: Final = 1.5
"""Nothing is polled meanwhile, and a new client needs half a second to a second for its first answer; what is on its
way for longer is waited for in later calls."""
_SILENT_S: Final = 10.0
"""A client that has nothing to lose and was told nothing for so long gives way to another one."""
_SENDING: Final = {
    "linger.ms": 0,
    # Until then the client sends again what is not acknowledged, and the broker knows it for the same letter. What is
    # given up may be written all the same, by a broker that was frozen; another client would write it once more.
    "delivery.timeout.ms": 300_000,
    # A topic that is not there is to be told at once: the letters are sent again anyway.
    "topic.metadata.propagation.max.ms": 0,
    # A letter is its record and the reasons; what is too large is for the topic to say.
    "message.max.bytes": LARGEST_MESSAGE_BYTES,
    # A broker calls a batch too large, and every letter in it with it; alone each is judged for itself.
    "batch.num.messages": 1,
}
_TOO_LARGE: Final = frozenset({KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.RECORD_LIST_TOO_LARGE})


class KafkaDeadLetters:
    """Writes letters and waits a moment until they are stored; connects with the first one.

    A letter that was sent and is not acknowledged yet is not written again when it comes again: its answer is awaited.

    Args:
        settings: address and security.
        group: the consumer group that could not handle the records.
    """

    def __init__(self, settings: Settings, group: str) -> None:
        self._settings = settings
        self._group = group
        self._producer: Any = None
        self._answered_at = 0.0
        self._under_way: set[Place] = set()
        self._answers: dict[Place, KafkaError | None] = {}
        """What became of letters; those whose sender did not wait so long are kept until they come again."""
        self._too_large: set[Place] = set()

    def send(self, letters: Sequence[DeadLetter], acknowledged: Callable[[DeadLetter], None]) -> None:
        """Write the letters, each to its topic's ``.dlq``, and wait for all, about 1.5 s at most.

        A record that the topic of dead letters does not take, because it takes more room there than where it came from,
        is left out of its letter, which says so; waiting for it would stop its partition for ever.

        Raises:
            BrokerError: not all were acknowledged; those that were have been told of.
        """
        waiting = {_place(letter): letter for letter in letters}
        failed: list[tuple[DeadLetter, KafkaError]] = []
        until = time.monotonic() + _WAIT_S
        self._connect()
        earlier = frozenset(self._under_way)
        while waiting:
            self._produce(waiting)
            left = until - time.monotonic()
            if not waiting.keys() & self._answers.keys():
                self._producer.poll(max(0.0, left))
            for place in [place for place in self._answers if place in waiting]:
                letter, error = waiting.pop(place), self._answers.pop(place)
                if error is None:
                    acknowledged(letter)
                else:
                    failed.append((letter, error))
            if left <= 0:
                break
        if failed or waiting:
            self._give_way(earlier, told=bool(failed))
            letter, error = failed[0] if failed else (next(iter(waiting.values())), late())
            raise failure(error, "a dead letter cannot be written", where=dead_letter_topic(letter.topic))
        first = letters[0]
        where = {"topic": first.topic, "partition": first.partition, "offset": first.offset}
        _log.error("dead-lettered: %s", first.reason, extra={**where, "records": len(letters)})

    def close(self) -> None:
        """Let go of connections; what is under way may still arrive."""
        self._producer = None

    def _connect(self) -> None:
        """Make a client if there is none, and hear what has become of earlier letters."""
        if self._producer is None:
            config = producer_config(self._settings, f"{self._group}.dead-letters")
            self._producer = Producer({**config, **_SENDING, "logger": librdkafka_log()})
            self._answered_at = time.monotonic()
        self._producer.poll(0)

    def _produce(self, letters: Mapping[Place, DeadLetter]) -> None:
        """Hand over what is not on its way already, as far as there is room."""
        for place, letter in letters.items():
            if place in self._under_way or place in self._answers:
                continue
            try:
                self._hand_over(place, letter)
            except BufferError:
                # Large records: there is room when those before are acknowledged.
                return

    def _hand_over(self, place: Place, letter: DeadLetter) -> None:
        whole = place not in self._too_large
        record = letter.record
        try:
            self._producer.produce(
                dead_letter_topic(letter.topic),
                value=record.value() if whole else None,
                key=record.key() if whole else None,
                headers=letter.headers(self._group) if whole else letter.headers_alone(self._group),
                on_delivery=lambda error, _message: self._told(place, error, whole=whole),
            )
        except KafkaException as error:
            self._told(place, error.args[0], whole=whole)
        else:
            self._under_way.add(place)

    def _told(self, place: Place, error: KafkaError | None, *, whole: bool) -> None:
        self._under_way.discard(place)
        # What was taken back has not been written.
        if error is not None and error.code() == KafkaError._PURGE_QUEUE:  # noqa: SLF001 - public in spite of its name
            return
        self._answered_at = time.monotonic()
        if error is not None and whole and error.code() in _TOO_LARGE:
            _log.error("a record that is too large for dead letters is left out of its letter", extra=place._asdict())
            self._too_large.add(place)
            return
        self._too_large.discard(place)
        self._answers[place] = error

    def _give_way(self, earlier: Set[Place], *, told: bool) -> None:
        """Take back what has not left: the partition may be another member's before there is an answer.

        Nothing is taken back while letters of earlier calls are under way: they have left, yet wait in the same queue
        to be sent again when their connection was lost.

        A client that was told of an error, or has not been told anything for long, gives way to another one: a fatal
        error stays with a client for ever.
        """
        if not earlier & self._under_way:
            self._producer.purge(in_queue=True, in_flight=False, blocking=False)
            self._producer.poll(0)
        silent = time.monotonic() - self._answered_at > _SILENT_S
        if not self._under_way and (told or silent):
            self._producer = None


def _place(letter: DeadLetter) -> Place:
    return Place(letter.topic, letter.partition, letter.offset, letter.record.timestamp()[1])


__all__ = ["KafkaDeadLetters"]
