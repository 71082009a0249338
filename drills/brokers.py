"""Drills on brokers: stopped, frozen, killed; one that is alone, and some of three."""

from __future__ import annotations

import os
import random
import signal
import time
from dataclasses import replace

from drills.account import Books
from drills.members import Member, new_name, running
from drills.row import Figure, Row
from drills.stage import Stage
from drills.traffic import Traffic
from drills.waiting import wait_until
from hangarstack.broker.embedded.kafka import EmbeddedKafka
from tests.support.kafka_cluster import KafkaCluster

_SETTLED_S = 120.0


def stopped(stage: Stage, kafka: EmbeddedKafka, *, away_s: float, per_second: float) -> Row:
    """The only broker is shut down while events flow, and comes back.

    Args:
        stage: on that broker.
        kafka: the broker.
        away_s: for so long.
        per_second: events a second.
    """
    books = Books(stage, "the broker stopped", f"gone for {away_s:g} s, {per_second:g} events/s")
    with running(*_two(stage)), Traffic(stage, per_second=per_second) as traffic:
        stage.tell("the broker is gone", 0.2)
        time.sleep(1)
        kafka.stop()
        time.sleep(away_s)
        kafka.start()
        time.sleep(1)
        return _settled(books, traffic, Figure(name="slowest publish", value=1000 * traffic.slowest_s, unit="ms"))


def frozen(stage: Stage, kafka: EmbeddedKafka, *, away_s: float, per_second: float) -> Row:
    """The only broker hangs: connections stay open and nobody answers.

    Args:
        stage: on that broker.
        kafka: the broker.
        away_s: for so long.
        per_second: events a second.
    """
    books = Books(stage, "the broker frozen", f"SIGSTOP for {away_s:g} s, {per_second:g} events/s")
    with running(*_two(stage)) as members, Traffic(stage, per_second=per_second) as traffic:
        stage.tell("the broker hangs", 0.2)
        time.sleep(1)
        pid = kafka.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        try:
            time.sleep(away_s)
        finally:
            os.kill(pid, signal.SIGCONT)
        time.sleep(1)
        row = _settled(books, traffic, Figure(name="slowest publish", value=1000 * traffic.slowest_s, unit="ms"))
        # Clients have been seen to skip records here; that is mended, and told.
        skipped = sum(member.metric("skipped_records_total") for member in members)
        return replace(row, figures=(*row.figures, Figure(name="skipped by clients", value=skipped, unit="records")))


def killed(stage: Stage, kafka: EmbeddedKafka, *, kills: int, pause_s: float, per_second: float) -> Row:
    """SIGKILL of the only broker under load, again and again.

    Args:
        stage: on that broker.
        kafka: the broker.
        kills: how often.
        pause_s: seconds between two, on average.
        per_second: events a second.
    """
    books = Books(stage, "the broker killed", f"{kills} times SIGKILL, {per_second:g} events/s")
    choose = random.Random(stage.seed)
    with running(*_two(stage)), Traffic(stage, per_second=per_second) as traffic:
        for kill in range(kills):
            stage.tell("killing the broker", kill / kills)
            time.sleep(choose.uniform(0.5, 1.5) * pause_s)
            kafka.kill()
            kafka.start()
        time.sleep(pause_s)
        return _settled(books, traffic)


def two_of_three_killed(stage: Stage, kafkas: KafkaCluster, *, rounds: int, pause_s: float, per_second: float) -> Row:
    """One of three brokers is killed, then another one: with one left nothing is acknowledged, and all waits spooled.

    Args:
        stage: on these brokers, with three replicas.
        kafkas: the brokers.
        rounds: how often; another pair each time.
        pause_s: seconds between two changes.
        per_second: events a second.
    """
    books = Books(stage, "three brokers, two killed", f"{rounds} times one, then another, {per_second:g} events/s")
    choose = random.Random(stage.seed)
    waited = 0
    with running(*_two(stage)), Traffic(stage, per_second=per_second) as traffic:
        for turn in range(rounds):
            stage.tell("killing brokers", turn / rounds)
            first, second = choose.sample(range(3), 2)
            time.sleep(pause_s)
            kafkas.kill(first)
            # Two replicas of three are enough.
            wait_until(lambda: traffic.producer.spooled < per_second, "events flow on two brokers", 30)
            time.sleep(pause_s)
            kafkas.kill(second)
            time.sleep(pause_s)
            waited = max(waited, traffic.producer.spooled)
            kafkas.restart(first)
            time.sleep(pause_s)
            kafkas.restart(second)
        return _settled(books, traffic, Figure(name="spooled meanwhile", value=waited, unit="events"))


def _two(stage: Stage) -> tuple[Member, Member]:
    name = new_name()
    return Member(stage, name), Member(stage, name)


def _settled(books: Books, traffic: Traffic, *figures: Figure) -> Row:
    traffic.stop()
    books.settle([traffic], within_s=_SETTLED_S)
    return books.close([traffic], figures=figures)


__all__ = ["frozen", "killed", "stopped", "two_of_three_killed"]
