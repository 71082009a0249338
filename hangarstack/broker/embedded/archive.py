"""A prepared archive of Kafka's classes and code: start-up takes a third of the time and half of the work.

Java 25 writes one at the end of a run (JEP 514). It fits one build of Java, one class path and one set of flags only,
so those name the file; with another one Java would start without it, slowly. The file's checksum is in its name too,
because Java believes what it maps: a damaged archive can keep it from ever starting.
"""

from __future__ import annotations

import hashlib
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from hangarstack.broker.config import LOOPBACK
from hangarstack.broker.embedded.files import log_options, properties, write_logging, write_properties
from hangarstack.broker.embedded.jars import keep
from hangarstack.broker.embedded.jvm import Jvm
from hangarstack.broker.embedded.node import Node
from hangarstack.broker.embedded.ports import free_port_pair
from hangarstack.broker.embedded.progress import Progress
from hangarstack.broker.embedded.storage import format_storage
from hangarstack.errors import BrokerError

_STEP: Final = "Preparing a fast start"
_START_S: Final = 60.0
_WRITE_S: Final = 60.0
_KEPT: Final = 3
"""Archives kept: each virtual environment has its own Java, and each takes 75 MB."""


def ensure_archive(jvm: Jvm, progress: Progress) -> Path | None:
    """Return the archive for this Java, after making it by a trial run where there is none yet.

    Blocks for some ten seconds the first time. An archive only saves time, so whatever prevents it is no error.

    Args:
        jvm: Java, jars and flags, without an archive.
        progress: told that the trial run goes on.
    """
    if not jvm.can_archive:
        return None
    directory = jvm.jars[0].parent
    fingerprint = hashlib.sha256("\n".join([jvm.java.build, *jvm.flags, *map(str, jvm.jars)]).encode()).hexdigest()
    stem = f"start-{fingerprint[:16]}"
    if (archive := sound(directory, stem)) is None:
        progress(_STEP, 0, 0)
        with suppress(BrokerError, OSError):
            archive = _make(jvm, directory, stem)
            _forget_old(directory)
    return archive


def sound(directory: Path, stem: str) -> Path | None:
    """Return the archive that still is what was made; remove one that is not. Blocks while it is read, 0.1 s."""
    for archive in directory.glob(f"{stem}-*.aot"):
        if archive.name == name_of(archive, stem):
            return archive
        archive.unlink(missing_ok=True)
    return None


def name_of(archive: Path, stem: str) -> str:
    """Return the name that an archive with these contents has."""
    with archive.open("rb") as file:
        return f"{stem}-{hashlib.file_digest(file, 'sha256').hexdigest()[:16]}.aot"


def _make(jvm: Jvm, parent: Path, stem: str) -> Path:
    with tempfile.TemporaryDirectory(prefix=".archive-", dir=parent) as name:
        directory = Path(name)
        data, config, logging = directory / "data", directory / "server.properties", directory / "log4j2.xml"
        port = free_port_pair()
        values = properties(data, port, {})
        write_properties(config, values)
        write_logging(logging)
        log = directory / "kafka.log"
        format_storage(jvm, values, log_options(logging, log))
        made = directory / "made.aot"
        options = (f"-XX:AOTCacheOutput={made}", *log_options(logging, log))
        node = Node(jvm.command("kafka.Kafka", str(config), options=options), port, log)
        node.start(_START_S)
        try:
            _exercise(f"{LOOPBACK}:{port}")
        finally:
            node.stop(_WRITE_S)
        archive = parent / name_of(made, stem)
        keep(made, archive)
        return archive


def _exercise(bootstrap_servers: str) -> None:
    """Do once what every start does, so that its classes are in the archive: a topic, a record, a group."""
    # Imported here: only the trial run needs a client.
    from confluent_kafka import Consumer, KafkaException, Producer
    from confluent_kafka.admin import AdminClient
    from confluent_kafka.cimpl import NewTopic

    shared: dict[str, Any] = {"bootstrap.servers": bootstrap_servers, "log_level": 0}
    topic = "trial"
    admin = AdminClient(shared)
    with suppress(KafkaException):
        admin.create_topics([NewTopic(topic, 1, 1)])[topic].result(10)
    producer = Producer({**shared, "enable.idempotence": True, "compression.type": "lz4"})
    producer.produce(topic, b"value", b"key")
    producer.flush(10)
    consumer = Consumer({**shared, "group.id": topic, "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    consumer.consume(1, timeout=10)
    consumer.close()


def _forget_old(directory: Path) -> None:
    archives = sorted(directory.glob("start-*.aot"), key=lambda path: path.stat().st_mtime)
    for old in archives[:-_KEPT]:
        old.unlink()
