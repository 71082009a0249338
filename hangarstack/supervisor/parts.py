"""The parts of the platform as processes: what each is called, how it is run, how it shows that it works."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import socket
import sys
from collections.abc import Callable, Mapping
from typing import Final

from hangarstack.broker.embedded.kafka import EmbeddedKafka
from hangarstack.settings import PREFIX, Settings, environment
from hangarstack.supervisor.checks import http_ok, probe, tcp_open
from hangarstack.supervisor.child import ChildSpec

SERVICES: Final = ("popularity", "journeys", "search-insights", "catalogue-changes", "system-health")
"""The consumer services that ``up`` runs, one process each."""
PROBED: Final = ("relay", *SERVICES)
"""The parts whose health and metrics are on a port of their own."""

Check = Callable[[int], bool]

_STEP_BACK: Final = 5
_KAFKA_GRACE_S: Final = 10.0
_MARGIN_S: Final = 2.0
"""What a part may take beyond its own drain time before it is killed."""


def kafka_part(kafka: EmbeddedKafka, settings: Settings) -> ChildSpec:
    """Return the embedded broker."""
    return ChildSpec(
        name="kafka",
        command=kafka.command(),
        environment={key: value for key, value in os.environ.items() if not key.startswith(PREFIX)},
        ready=lambda _pid: kafka.is_ready(),
        alive=lambda _pid: tcp_open("127.0.0.1", settings.broker_port),
        grace_s=_KAFKA_GRACE_S,
        niceness=_STEP_BACK,
        own_log=kafka.log,
    )


def registry_part(settings: Settings) -> ChildSpec:
    """Return the embedded registry."""

    def answers(_pid: int) -> bool:
        return http_ok("127.0.0.1", settings.registry_port, "/")

    return _python_part(settings, "registry", ("registry", "serve"), answers, answers)


def web_part(settings: Settings) -> ChildSpec:
    """Return the web app."""
    host = "127.0.0.1" if settings.http_host in {"0.0.0.0", ""} else settings.http_host  # noqa: S104 - compared only

    def answers(path: str) -> bool:
        return http_ok(host, settings.http_port, path)

    return _python_part(settings, "web", ("web",), lambda _pid: answers("/readyz"), lambda _pid: answers("/healthz"))


def probed_part(settings: Settings, name: str) -> ChildSpec:
    """Return the relay, or the consumer service of that name."""
    arguments = ("relay",) if name == "relay" else ("consume", name)
    settings = dataclasses.replace(settings, probe_port=probe_port(settings, name))
    # By the newer protocol a member that was killed keeps its id from the next one until its session ends.
    if settings.broker != "memory" and settings.group_protocol == "classic" and not settings.group_instance_id:
        # A service that was killed has its partitions back at once, instead of after the session it left open.
        settings = dataclasses.replace(settings, group_instance_id=f"up-{_place(settings)}")
    ready, alive = probe(settings.home, name, "/readyz"), probe(settings.home, name, "/healthz")
    return dataclasses.replace(_python_part(settings, name, arguments, ready, alive), niceness=_STEP_BACK)


def probe_port(settings: Settings, name: str) -> int:
    """Return the port of a part's health and metrics: one after the other from the one that is set, 0 if that is 0."""
    return settings.probe_port and settings.probe_port + PROBED.index(name)


def preparation(settings: Settings, *steps: str) -> tuple[list[str], Mapping[str, str]]:
    """Return the command and environment of the one-off process that runs these steps of ``prepare``."""
    return [sys.executable, "-m", "hangarstack", "prepare", *steps], _environment(settings)


def _python_part(settings: Settings, name: str, arguments: tuple[str, ...], ready: Check, alive: Check) -> ChildSpec:
    return ChildSpec(
        name=name,
        command=[sys.executable, "-m", "hangarstack", *arguments],
        environment=_environment(settings),
        ready=ready,
        alive=alive,
        grace_s=settings.drain_s + _MARGIN_S,
    )


def _place(settings: Settings) -> str:
    """Return what tells this platform from one that shares its Kafka: each group has one member of it."""
    return hashlib.sha256(f"{socket.gethostname()}:{settings.home}".encode()).hexdigest()[:12]


def _environment(settings: Settings) -> dict[str, str]:
    outer = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
    return {**outer, **environment(settings), "MALLOC_ARENA_MAX": "2"}
