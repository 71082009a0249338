"""Every drill at full size, with the ground that it stands on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from drills import brokers, clocks, consumers, memory, outages, poison, rebalances, spools, versions, web
from drills.disk import small_disk
from drills.row import Row
from drills.stage import Stage, Tell, stage
from hangarstack.broker.embedded.kafka import EmbeddedKafka
from hangarstack.settings import Secret, Settings
from tests.support.kafka import embedded_kafka
from tests.support.kafka_cluster import kafka_cluster
from tests.support.platform import Up
from tests.support.ports import free_port
from tests.support.registry import RegistryProcess
from tests.support.stores import postgres_server


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a run of one drill is given.

    Args:
        home: an empty directory.
        seed: of its random choices.
        tell: shows progress.
    """

    home: Path
    seed: int
    tell: Tell


Drill = Callable[[Place], Row]


@contextmanager
def _kafka(place: Place) -> Iterator[EmbeddedKafka]:
    kafka = embedded_kafka(place.home / "kafka")
    kafka.start()
    try:
        yield kafka
    finally:
        kafka.kill()


@contextmanager
def _registry(place: Place) -> Iterator[RegistryProcess]:
    settings = Settings(home=place.home / "registry", registry_port=free_port(), log_level="error")
    with RegistryProcess(settings).wait_ready() as registry:
        yield registry


def _settings(place: Place, servers: str, registry: RegistryProcess) -> Settings:
    home = place.home / "state"
    home.mkdir(exist_ok=True)
    return Settings(home=home, bootstrap_servers=servers, registry_url=registry.registry.url, log_level="warning")


def _on_sqlite(drill: Callable[[Stage], Row]) -> Drill:
    def run(place: Place) -> Row:
        with _kafka(place) as kafka, _registry(place) as registry:
            settings = _settings(place, kafka.bootstrap_servers, registry)
            with stage(settings, seed=place.seed, tell=place.tell) as made:
                return drill(made)

    return run


def _on_postgres(drill: Callable[[Stage], Row]) -> Drill:
    def run(place: Place) -> Row:
        with _kafka(place) as kafka, _registry(place) as registry, postgres_server() as postgres:
            settings = _settings(place, kafka.bootstrap_servers, registry)
            with (
                postgres.database() as url,
                stage(replace(settings, database_url=Secret(url)), seed=place.seed, tell=place.tell) as made,
            ):
                row = drill(made)
        return replace(row, drill=f"{row.drill}, PostgreSQL")

    return run


def _with_kafka(drill: Callable[[Stage, EmbeddedKafka], Row]) -> Drill:
    def run(place: Place) -> Row:
        with _kafka(place) as kafka, _registry(place) as registry:
            settings = _settings(place, kafka.bootstrap_servers, registry)
            with stage(settings, seed=place.seed, tell=place.tell) as made:
                return drill(made, kafka)

    return run


def _on_versions(known: int, drill: Callable[[Stage], Row]) -> Drill:
    def run(place: Place) -> Row:
        with _kafka(place) as kafka, _registry(place) as registry:
            settings = _settings(place, kafka.bootstrap_servers, registry)
            with stage(settings, seed=place.seed, tell=place.tell, versions=known) as made:
                return drill(made)

    return run


def _on_three_brokers(place: Place) -> Row:
    with kafka_cluster(place.home / "kafkas") as kafkas, _registry(place) as registry:
        settings = _settings(place, kafkas.bootstrap_servers, registry)
        with stage(settings, seed=place.seed, tell=place.tell, replicas=3) as made:
            return brokers.two_of_three_killed(made, kafkas, rounds=4, pause_s=5, per_second=1500)


def _without_registry(place: Place) -> Row:
    with _kafka(place) as kafka, _registry(place) as registry:
        settings = _settings(place, kafka.bootstrap_servers, registry)
        with stage(settings, seed=place.seed, tell=place.tell) as made:
            return outages.registry_gone(made, registry, events=60_000, per_second=2000)


def _on_a_small_disk(place: Place) -> Row:
    with _kafka(place) as kafka, _registry(place) as registry, small_disk(place.home / "state") as mounted:
        settings = replace(_settings(place, kafka.bootstrap_servers, registry), spool_bytes=1_048_576)
        with stage(settings, seed=place.seed, tell=place.tell) as made:
            return outages.disk_full(made, mounted=mounted, full_s=30, per_second=1000)


def _on_the_platform(place: Place) -> Row:
    up = Up(place.home / "platform")
    try:
        up.start()
        return web.killed(up, seed=place.seed, tell=place.tell, kills=10, pause_s=2, rate=60)
    finally:
        up.end()


_KILLED: Final = partial(consumers.killed, events=200_000, kills=30, pause_s=4)

DRILLS: Final[Mapping[str, Drill]] = {
    "consumers-killed": _on_sqlite(_KILLED),
    "consumers-killed-postgres": _on_postgres(_KILLED),
    "takeover": _on_sqlite(partial(consumers.taken_over, kills=6, per_second=1500)),
    "consumer-frozen": _on_sqlite(partial(consumers.frozen, freezes=6, per_second=1500)),
    "consumer-frozen-postgres": _on_postgres(partial(consumers.frozen_in_transaction, freezes=6, per_second=1500)),
    "two-owners": _on_sqlite(partial(consumers.overtaken, events=60_000, per_second=2000)),
    "rebalances": _on_sqlite(partial(rebalances.rebalanced, rebalances=30, every_s=2, per_second=1500)),
    "web-killed": _on_the_platform,
    "broker-stopped": _with_kafka(partial(brokers.stopped, away_s=60, per_second=1500)),
    "broker-frozen": _with_kafka(partial(brokers.frozen, away_s=60, per_second=1500)),
    "broker-killed": _with_kafka(partial(brokers.killed, kills=10, pause_s=4, per_second=1500)),
    "brokers-killed": _on_three_brokers,
    "spool": _with_kafka(partial(spools.drained, away_s=240, per_second=2000)),
    "database-locked": _on_sqlite(partial(outages.database_away, away_s=30, per_second=1500)),
    "database-gone": _on_postgres(partial(outages.database_away, away_s=30, per_second=1500)),
    "registry-gone": _without_registry,
    "disk-full": _on_a_small_disk,
    "poison": _on_sqlite(partial(poison.poisoned, events=60_000, every=100, per_second=2000)),
    "clocks": _on_sqlite(partial(clocks.stepped, events=60_000, steps=30, pause_s=1)),
    "producers-first": _on_versions(
        1, partial(versions.deployed, order="producers first", old=1, phase_s=15, per_second=1500)
    ),
    "consumers-first": _on_versions(
        2, partial(versions.deployed, order="consumers first", old=2, phase_s=15, per_second=1500)
    ),
    "memory": _on_sqlite(partial(memory.flat, events=2_000_000, per_second=20_000)),
}
"""Every drill by the name that the command line knows."""

__all__ = ["DRILLS", "Place"]
