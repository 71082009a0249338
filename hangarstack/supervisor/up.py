"""``up``: from nothing to a page in a browser, and back."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Mapping
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import Final

from rich.console import Console

from hangarstack.broker.embedded.announcing import announced
from hangarstack.broker.embedded.kafka import EmbeddedKafka
from hangarstack.broker.embedded.memory import MemoryBroker
from hangarstack.broker.embedded.progress import Progress, shown
from hangarstack.errors import KafkaNotFetchedError, PlatformError, SettingsError
from hangarstack.registry.address import without_credentials
from hangarstack.settings import Settings
from hangarstack.supervisor.checks import require_free
from hangarstack.supervisor.child import ChildSpec
from hangarstack.supervisor.lock import StateLock
from hangarstack.supervisor.orphans import stop_orphans
from hangarstack.supervisor.parts import (
    PROBED,
    kafka_part,
    preparation,
    probe_port,
    probed_part,
    registry_part,
    web_part,
)
from hangarstack.supervisor.platform import Platform
from hangarstack.supervisor.stop import StopRequest, stopped_by_signals

_LEAST_FREE_BYTES: Final = 300 * 1024 * 1024
_LAST_PORT: Final = 65_535
_IN_MEMORY: Final = (
    "Events live only as long as this process: the broker is in memory."
    " Other commands find it with HANGARSTACK_BROKER=memory."
)


def up(settings: Settings, *, bare: bool, console: Console) -> None:
    """Run everything until Ctrl-C or SIGTERM; blocks.

    Args:
        settings: with ``bootstrap_servers`` or ``registry_url`` set, those are used instead of embedded ones; with
            ``broker="memory"`` the one inside librdkafka, whose events live only as long as this process.
        bare: run broker and registry alone.
        console: where progress and the lines for the operator go.

    Raises:
        PlatformError: a port is taken, another ``up`` runs here, a part does not start, the disk is full.
    """

    def say(line: str) -> None:
        console.print(line, soft_wrap=True, markup=False)

    stop = StopRequest()
    with ExitStack() as stack:
        stack.callback(stop.close)
        lock = StateLock(settings.home)
        stack.callback(lock.close)
        stack.enter_context(stopped_by_signals(stop))
        for name in stop_orphans(settings.home):
            say(f"{name} was left by a platform that was killed: stopped it.")
        _require_room(settings)
        if not bare:
            _require_aircraft(settings.root / "data")
        _require_ports(settings, bare=bare)
        settings, parts = _infrastructure(settings, console, stack)
        platform = Platform(settings, say, stop)
        stack.callback(platform.stop)
        with console.status("Starting …") as status:
            _bring_up(platform, settings, parts, status.update, bare=bare)
        if not stop.is_set():
            registry = without_credentials(settings.registry_url)
            place = f"Kafka at {settings.bootstrap_servers}, registry at {registry}"
            say(f"HangarStack is up: {place if bare else settings.address} (Ctrl-C stops it)")
            platform.watch()
        say("Stopping …")
    say("Stopped." if settings.broker == "memory" else "Stopped. Events and counts are kept.")


def _infrastructure(settings: Settings, console: Console, stack: ExitStack) -> tuple[Settings, list[ChildSpec]]:
    """Return the settings that lead to a broker and a registry, and the parts to run where neither is given."""
    parts = []
    if not settings.bootstrap_servers:
        kafka = None if settings.broker == "memory" else _prepared_kafka(settings, console)
        if kafka is None:
            broker = stack.enter_context(MemoryBroker())
            stack.enter_context(announced(settings.home, broker.bootstrap_servers))
            console.print(_IN_MEMORY, soft_wrap=True)
            settings = dataclasses.replace(settings, broker="memory", bootstrap_servers=broker.bootstrap_servers)
        else:
            parts.append(kafka_part(kafka, settings))
            settings = dataclasses.replace(settings, bootstrap_servers=kafka.bootstrap_servers)
    if not settings.registry_url:
        settings = dataclasses.replace(settings, registry_url=f"http://127.0.0.1:{settings.registry_port}")
        parts.append(registry_part(settings))
    return settings, parts


def _bring_up(
    platform: Platform,
    settings: Settings,
    infrastructure: list[ChildSpec],
    progress: Callable[[str], None],
    *,
    bare: bool,
) -> None:
    """Start everything in the order of need; returns early when a stop is asked for."""
    progress("Starting the broker and the registry …")
    stores = None if bare else platform.run_preparation(*preparation(settings, "stores"))
    platform.wait_ready(platform.start(infrastructure))
    if stores is not None:
        platform.finish_preparation(stores)
    if platform.is_stopping():
        return
    progress("Registering contracts and making topics …")
    platform.finish_preparation(platform.run_preparation(*preparation(settings, "contracts", "topics")))
    if bare or platform.is_stopping():
        return
    progress("Starting the web app, the relay and five services …")
    parts = [web_part(settings), *(probed_part(settings, name) for name in PROBED)]
    platform.wait_ready(platform.start(parts))


def _prepared_kafka(settings: Settings, console: Console) -> EmbeddedKafka | None:
    kafka = EmbeddedKafka(settings)
    try:
        with shown(console) if console.is_terminal else nullcontext(_told(console)) as progress:
            kafka.prepare(progress)
    except KafkaNotFetchedError as error:
        console.print(str(error), soft_wrap=True, markup=False)
        return None
    return kafka


def _told(console: Console) -> Progress:
    """Return a progress that says each step once, for output that nobody sees move."""
    said: set[str] = set()

    def tell(step: str, done: int, total: int) -> None:  # noqa: ARG001 - the signature is Progress's
        if step not in said:
            said.add(step)
            console.print(f"{step} …", soft_wrap=True, markup=False)

    return tell


def _require_room(settings: Settings) -> None:
    free = shutil.disk_usage(settings.home).free
    if free < _LEAST_FREE_BYTES:
        raise PlatformError(
            f"only {free // 1024**2} MB are free on the disk, {_LEAST_FREE_BYTES // 1024**2} MB are needed",
            where=str(settings.home),
            remedy="Make room, or set HANGARSTACK_HOME to a directory on another disk",
        )


def _require_aircraft(data: Path) -> None:
    if not data.is_dir():
        raise PlatformError(
            "there are no aircraft to show",
            where=str(data),
            remedy="Give --bare for services of your own, or set HANGARSTACK_ROOT to a checkout",
        )


def _require_ports(settings: Settings, *, bare: bool) -> None:
    wanted = [] if bare else [("the web app", settings.http_host, settings.http_port, "HANGARSTACK_HTTP_PORT")]
    if not settings.registry_url:
        wanted.append(("the registry", "127.0.0.1", settings.registry_port, "HANGARSTACK_REGISTRY_PORT"))
    if not settings.bootstrap_servers and settings.broker != "memory":
        ports = (settings.broker_port, settings.broker_port + 1)
        wanted += [("Kafka", "127.0.0.1", port, "HANGARSTACK_BROKER_PORT") for port in ports]
    if settings.probe_port and not bare:
        wanted += [
            (f"the metrics of {name}", settings.probe_host, probe_port(settings, name), "HANGARSTACK_PROBE_PORT")
            for name in PROBED
        ]
    seen: dict[int, str] = {}
    for what, host, port, variable in wanted:
        clash = _clash(port, seen)
        if clash:
            raise SettingsError(f"the port of {what} {clash}", where=variable, remedy="Set it to a port of its own")
        seen[port] = what if what != "Kafka" else f"Kafka on port {port}"
        require_free(host, port, what=what, variable=variable)


def _clash(port: int, seen: Mapping[int, str]) -> str:
    """Return what is wrong with a port that is wanted, nothing if nothing is."""
    if port == 0:
        return "must be a certain one, not 0"
    if port > _LAST_PORT:
        return f"would be {port}, and the last one is {_LAST_PORT}"
    return f"is the one of {seen[port]}, too" if port in seen else ""
