from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from hangarstack.broker.specs import specs_from
from hangarstack.settings import Settings


@dataclass(frozen=True)
class _Contract:
    topic: str = "things.happened"
    partitions: int = 6
    retention_ms: int = 1000
    compression: str = "lz4"
    min_insync_replicas: int = 2
    cleanup_policy: str = "compact"
    max_message_bytes: int = 100_000


def test_a_contract_asks_for_its_topic_one_for_its_dead_letters_and_one_for_their_quarantine() -> None:
    main, dead, quarantine = specs_from([_Contract()], Settings(replication_factor=3))
    assert (main.name, main.partitions, main.replication_factor) == ("things.happened", 6, 3)
    assert main.configs == {
        "retention.ms": "1000",
        "compression.type": "lz4",
        "min.insync.replicas": "2",
        "cleanup.policy": "compact",
        "max.message.bytes": "100000",
    }
    assert (dead.name, dead.partitions, dead.replication_factor) == ("things.happened.dlq", 1, 3)
    assert quarantine == replace(dead, name="things.happened.dlq.quarantine")


def test_dead_letters_are_kept_whole_for_thirty_days_whatever_their_topic_does() -> None:
    _, dead, _ = specs_from([_Contract()], Settings())
    assert dead.configs["retention.ms"] == str(30 * 24 * 3600 * 1000)
    assert dead.configs["cleanup.policy"] == "delete"
    assert int(dead.configs["max.message.bytes"]) > 100_000


@pytest.mark.parametrize(("replicas", "in_sync"), [(1, "1"), (2, "2"), (3, "2")])
def test_no_more_replicas_must_be_in_sync_than_there_are(replicas: int, in_sync: str) -> None:
    for spec in specs_from([_Contract()], Settings(replication_factor=replicas)):
        assert spec.configs["min.insync.replicas"] == in_sync
