from __future__ import annotations

from hangarstack.broker.specs import TopicSpec
from hangarstack.broker.topics import ConfigChange, PartitionChange, Plan


def test_an_empty_plan_says_nothing() -> None:
    assert Plan().is_empty
    assert Plan().lines() == []


def test_a_plan_says_what_it_would_do_and_what_that_costs() -> None:
    plan = Plan(
        create=(TopicSpec(name="new", partitions=3, replication_factor=1, configs={}),),
        configure=(ConfigChange(topic="drifted", key="retention.ms", current="1", wanted="2"),),
        grow=(PartitionChange(topic="small", current=1, wanted=2),),
        keep=(PartitionChange(topic="big", current=9, wanted=2),),
    )
    create, configure, grow, keep = plan.lines()
    assert create == "create new: 3 partitions, 1 replica"
    assert configure == "set drifted retention.ms: 1 → 2"
    assert "order per key breaks once" in grow
    assert "none can be taken away" in keep
    assert not plan.is_empty


def test_a_topic_with_too_many_partitions_is_nothing_that_can_be_done() -> None:
    assert Plan(keep=(PartitionChange(topic="big", current=9, wanted=2),)).is_empty
