"""Fakes of this package's own ports: a Kafka client that a test moves by hand, schema ids, a journal in memory."""

from __future__ import annotations

import errno
import os
import struct
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

from confluent_kafka import KafkaError, KafkaException, Message

from hangarstack.errors import EncodeError, RegistryError, SchemaNotFoundError, SpoolError
from hangarstack.producers.client import Report
from hangarstack.producers.record import Headers, Record, Stream
from tests.unit.producers.samples import VIEWS

_NO_MESSAGE = cast("Message", None)


@dataclass
class Sent:
    """A record that the fake client has been given."""

    topic: str
    value: bytes
    key: bytes
    headers: Headers
    report: Report


class FakeClient:
    """Takes records and keeps them until the test, or ``respond``, answers for the broker."""

    def __init__(self, respond: Callable[[Sent], KafkaError | None] | None = None, room: int = 1_000_000) -> None:
        self.errors: Counter[str] = Counter()
        self.problem = ""
        self.queue: deque[Sent] = deque()
        self.delivered: list[Sent] = []
        self.looked_at: list[str] = []
        self.connected = self.replaced = self.closed = 0
        self.refuse_at_once: KafkaError | None = None
        self.unfit = b""
        """The body of a record that this client cannot take, for a reason that is in no protocol."""
        self.hangs_at = ""
        """The name of the method that does not return until ``let_go`` is set."""
        self.hanging = False
        self.let_go = threading.Event()
        self.room = room
        self.respond = respond
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._broker = threading.Thread(target=self._serve, daemon=True)

    def connect(self) -> None:
        self._hang_at("connect")
        if not self.connected and self.respond is not None:
            self._broker.start()
        self.connected += 1

    def produce(self, topic: str, value: bytes, key: bytes, headers: Headers, report: Report) -> None:
        if len(self.queue) >= self.room:
            raise BufferError("queue full")
        if self.refuse_at_once is not None:
            raise KafkaException(self.refuse_at_once)
        if self.unfit and value.endswith(self.unfit):
            raise TypeError("a value that no client takes")
        self.queue.append(Sent(topic, value, key, headers, report))

    def answer(self, error: KafkaError | None = None, count: int = 1_000_000) -> None:
        """Answer for the broker, for as many records as there are, at most ``count``."""
        with self._lock:
            for _ in range(min(count, len(self.queue))):
                sent = self.queue.popleft()
                if error is None:
                    self.delivered.append(sent)
                sent.report(error, _NO_MESSAGE)

    def look_again(self, topic: str) -> None:
        self._hang_at("look_again")
        self.looked_at.append(topic)

    def replace(self) -> None:
        self.replaced += 1
        self.refuse_at_once = None
        self.answer(KafkaError(KafkaError._PURGE_QUEUE))

    def flush(self, timeout_s: float) -> None:
        self._hang_at("flush")
        time.sleep(min(timeout_s, 0.005))

    def close(self) -> None:
        self._hang_at("close")
        self._ended.set()
        if self._broker.ident is not None:
            self._broker.join()
        self.answer(KafkaError(KafkaError._PURGE_QUEUE))
        self.closed += 1

    def abandon(self) -> None:
        """Nothing here outlives a fork."""

    def _hang_at(self, what: str) -> None:
        if what == self.hangs_at:
            self.hanging = True
            self.let_go.wait()

    def _serve(self) -> None:
        assert self.respond is not None
        while not self._ended.wait(0.001):
            for _ in range(len(self.queue)):
                self.answer(self.respond(self.queue[0]), 1)


class FakeIds:
    """Gives every schema one id, unless ``error`` says otherwise."""

    def __init__(self) -> None:
        self.error: RegistryError | None = None
        self.asked: list[tuple[str, str]] = []

    def id_of(self, subject: str, schema_text: str) -> int:
        self.asked.append((subject, schema_text))
        if self.error is not None:
            raise self.error
        return 7


class ForgetfulDisk:
    """A disk that keeps, when the power is lost, what was forced to it and nothing else; what was deleted is gone.

    Args:
        directory: where the files are that may be forced.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.error: OSError | None = None
        self.unreadable = ""
        """The name of a file that cannot be read."""
        self.forcing: Callable[[], object] = lambda: None
        """Called before each answer to ``force``."""
        self._contents: dict[int, bytes] = {}
        self._names: dict[int, dict[str, int]] = {}

    def force(self, descriptor: int) -> None:
        self.forcing()
        if self.error is not None:
            raise self.error
        file = self._file(descriptor)
        self._contents[file.stat().st_ino] = file.read_bytes()

    def force_names(self, directory: Path) -> None:
        self._names[directory.stat().st_ino] = {path.name: path.stat().st_ino for path in directory.iterdir()}

    def try_reading(self, descriptor: int) -> None:
        if self._file(descriptor).name == self.unreadable:
            raise OSError(errno.EIO, "Input/output error")

    def lose_power(self, survivors: Path) -> None:
        """Write into a new directory what is left."""
        self._leave(self._directory, survivors)

    def _file(self, descriptor: int) -> Path:
        inode = os.fstat(descriptor).st_ino
        [file] = (path for path in self._directory.rglob("*") if path.stat().st_ino == inode)
        return file

    def _leave(self, directory: Path, survivors: Path) -> None:
        survivors.mkdir()
        for name, inode in self._names.get(directory.stat().st_ino, {}).items():
            if not (directory / name).exists():
                continue
            if (directory / name).is_dir():
                self._leave(directory / name, survivors / name)
            else:
                (survivors / name).write_bytes(self._contents.get(inode, b""))


def not_registered() -> SchemaNotFoundError:
    return SchemaNotFoundError("no such subject", where="registry", remedy="Run `hangarstack migrate apply`")


class MemoryJournal:
    """A journal without a disk."""

    def __init__(self) -> None:
        self.records: dict[int, Record] = {}
        self.unreadable: Record | None = None

    def add(self, value: bytes, stream: Stream = VIEWS) -> int:
        token = max(self.records, default=0) + 1
        self.records[token] = Record(stream, b"key", "ce_id:1", value)
        return token

    def read(self, token: int) -> Record:
        record = self.records[token]
        if record is self.unreadable:
            raise SpoolError("damaged")
        return record

    def release(self, token: int) -> None:
        del self.records[token]


@dataclass(frozen=True)
class View:
    """An event class as the generator makes them, as far as producers look."""

    aircraft_id: str
    number: int = 0
    note: str = ""
    event_id: UUID = field(default_factory=uuid4)
    occurred_at: datetime = field(default_factory=lambda: datetime.now(UTC))


class ViewCodec:
    """A codec as the generator makes them, as far as producers look."""

    event_type = View
    name = "View"
    version = 1
    schema_text = '{"type":"record","name":"View","namespace":"test","fields":[]}'

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self.subject = f"{topic}-value"

    def key(self, event: View) -> str:
        return event.aircraft_id

    def encode(self, event: View) -> bytes:
        if event.number < 0:
            raise EncodeError("the number is out of range", where="View.number")
        return struct.pack("<q", event.number) + event.note.encode()


CODECS: tuple[Any, ...] = (ViewCodec("test.views"),)


def number_in(value: bytes) -> int:
    """Return ``View.number`` of a framed record value."""
    return int(struct.unpack_from("<q", value, 5)[0])


def until(condition: Callable[[], object], timeout_s: float = 10.0) -> None:
    """Wait for a condition, and fail when it does not come."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.002)
