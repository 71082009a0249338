"""The embedded broker: real Apache Kafka, one node on loopback, its data under HOME."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from hangarstack.broker.config import LOOPBACK
from hangarstack.broker.embedded.archive import ensure_archive
from hangarstack.broker.embedded.files import log_options, properties, write_logging, write_properties
from hangarstack.broker.embedded.jars import fetch
from hangarstack.broker.embedded.java import find_java
from hangarstack.broker.embedded.jvm import Jvm
from hangarstack.broker.embedded.node import Node, wait_ready
from hangarstack.broker.embedded.progress import Progress, silent
from hangarstack.broker.embedded.readiness import answers
from hangarstack.broker.embedded.storage import format_storage
from hangarstack.errors import BrokerError, SettingsError
from hangarstack.settings import Settings

_HIGHEST_PORT: Final = 65_534


class EmbeddedKafka:
    """Apache Kafka as a process that somebody else may own: prepare it, run ``command``, wait until it is ready.

    Not thread-safe. One node at a time may use a HOME; Kafka itself refuses a second one.

    Args:
        settings: ``home``, ``cache_dir`` and ``broker_port`` matter; its controller takes the next port.
        extra: properties of Kafka's that win over ours.

    Raises:
        SettingsError: the port or the directory cannot be used by Kafka.
    """

    def __init__(self, settings: Settings, *, extra: Mapping[str, str] | None = None) -> None:
        if not 0 < settings.broker_port <= _HIGHEST_PORT:
            raise SettingsError(
                f"Kafka cannot listen on port {settings.broker_port} and the next one",
                where="HANGARSTACK_BROKER_PORT",
                remedy=f"Choose one between 1 and {_HIGHEST_PORT}",
            )
        self._directory = settings.home.absolute() / "kafka"
        if "," in str(self._directory):
            raise SettingsError(
                "Kafka takes a comma for the end of a directory's name",
                where=str(self._directory),
                remedy="Set HANGARSTACK_HOME to a directory without one",
            )
        self._cache_dir: Final = settings.cache_dir
        self._port: Final = settings.broker_port
        self._extra: Final = dict(extra or {})
        self._config: Final = self._directory / "server.properties"
        self._logging: Final = self._directory / "log4j2.xml"
        self._jvm: Jvm | None = None
        self._node: Node | None = None
        self.data: Final = self._directory / "data"
        self.log: Final = self._directory / "kafka.log"

    @property
    def bootstrap_servers(self) -> str:
        """Where clients connect."""
        return f"{LOOPBACK}:{self._port}"

    @property
    def pid(self) -> int | None:
        """The process id of the node that ``start`` started, or None when it does not run."""
        return self._node.pid if self._node is not None else None

    def prepare(self, progress: Progress = silent) -> None:
        """Fetch what is missing, write the configuration, format the data directory unless it has data.

        Blocks for milliseconds when all that was done before; the first time on a machine for the download of 45 MB and
        a trial run of some ten seconds.

        Raises:
            KafkaNotFetchedError: the jars or a Java cannot be had.
            BrokerError: the directory cannot be written or formatted.
        """
        java = find_java()
        bare = Jvm(java=java, jars=fetch(self._cache_dir, progress=progress))
        self._jvm = Jvm(java=java, jars=bare.jars, archive=ensure_archive(bare, progress))
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            write_logging(self._logging)
            values = properties(self.data, self._port, self._extra)
            write_properties(self._config, values)
            format_storage(self._jvm, values, log_options(self._logging, self.log))
        except OSError as error:
            raise BrokerError(
                f"Kafka's directory cannot be written: {error.strerror}",
                where=str(self._directory),
                remedy="Make room or set HANGARSTACK_HOME to a directory that can be written",
            ) from error

    def command(self) -> list[str]:
        """Return the command line of the node; ``prepare`` comes first."""
        if self._jvm is None:
            raise BrokerError("the embedded Kafka was not prepared", where=str(self._directory))
        options = log_options(self._logging, self.log)
        return self._jvm.command("kafka.Kafka", str(self._config), options=options)

    def is_ready(self) -> bool:
        """Tell whether it serves requests now; blocks at most about two seconds."""
        return answers(LOOPBACK, self._port)

    def wait_ready(self, timeout_s: float, alive: Callable[[], bool] = lambda: True) -> None:
        """Wait until it serves requests; blocks at most about ``timeout_s``.

        Args:
            timeout_s: seconds.
            alive: tells whether the process still runs, so that nobody waits for a dead one.

        Raises:
            BrokerUnavailableError: it died or was not ready in time; says what Kafka logged last as an error.
        """
        wait_ready(self._port, self.log, timeout_s, alive)

    def start(self, timeout_s: float = 30.0) -> None:
        """Prepare it, run it as a child of this process and wait until it is ready.

        Raises:
            KafkaNotFetchedError: as ``prepare``.
            BrokerUnavailableError: it died or was not ready in time.
        """
        self.prepare()
        self._node = Node(self.command(), self._port, self.log)
        self._node.start(timeout_s)

    def stop(self) -> None:
        """Stop what ``start`` started, as SIGTERM does; blocks at most 10 s."""
        if self._node is not None:
            self._node.stop()

    def kill(self) -> None:
        """End what ``start`` started, as SIGKILL does."""
        if self._node is not None:
            self._node.kill()
