from __future__ import annotations

from collections.abc import Collection

import pytest

from hangarstack.consumers.runtime.membership import QUIET_S, SETTLE_S, KafkaGroup, Membership
from hangarstack.errors import BrokerError, BrokerRefusedError, BrokerUnavailableError
from hangarstack.settings import Settings
from tests.support.consumer_fakes import TOPIC, ManualClock

SESSION_S = 6.0
PATIENCE_S = 2 * SESSION_S + SETTLE_S
"""From the loss to the new client: two sessions, and the second question."""


class FakeGroup:
    """A group as others see it."""

    def __init__(self) -> None:
        self.there: list[str] = []
        self.error: Exception | None = None
        self.asked = 0

    def members(self, topics: Collection[str]) -> Collection[str]:
        assert topics == [TOPIC]
        self.asked += 1
        if self.error is not None:
            raise self.error
        return self.there


class Member:
    """A member whose loop goes round twice a second and makes its client anew when told so."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.group = FakeGroup()
        self.membership = Membership(self.group, SESSION_S, self.clock.monotonic)
        self.id: str | None = ""
        self.restarts: list[float] = []

    def pass_time(self, seconds: float) -> None:
        until = self.clock.now + seconds
        while self.clock.now < until:
            self.clock.now += 0.5
            if self.membership.is_out([TOPIC], lambda: self.id):
                self.restarts.append(self.clock.now)


@pytest.fixture
def member() -> Member:
    return Member()


def test_a_member_that_never_joined_gets_another_client_once_brokers_answer(member: Member) -> None:
    member.pass_time(PATIENCE_S - 1)
    assert member.restarts == []
    member.pass_time(2)
    assert len(member.restarts) == 1


def test_a_member_that_was_lost_is_given_the_whole_time_to_join_by_itself(member: Member) -> None:
    member.id, member.group.there = "me", ["me"]
    member.membership.assigned()
    member.pass_time(QUIET_S - 1)
    member.group.there.clear()
    member.membership.lost()
    member.pass_time(PATIENCE_S - 1)
    assert member.restarts == []
    member.pass_time(2)
    assert len(member.restarts) == 1


def test_a_member_without_a_partition_keeps_its_client(member: Member) -> None:
    member.id, member.group.there = "me", ["other", "me"]
    member.membership.assigned()
    member.pass_time(3600)
    assert member.restarts == []
    assert member.group.asked <= 3600 / QUIET_S


def test_a_member_that_its_group_lists_without_a_word_to_its_client_is_known(member: Member) -> None:
    member.id, member.group.there = "me", ["me"]
    known = [member.membership.without_word]
    member.pass_time(2 * SESSION_S + 1)
    known.append(member.membership.without_word)
    for told in (member.membership.assigned, member.membership.lost):
        told()
        known.append(member.membership.without_word)
    assert known == [False, True, False, False]


def test_a_member_that_waits_for_its_group_to_rebalance_keeps_its_client(member: Member) -> None:
    member.membership.lost()
    member.id, member.group.there = "me", ["me", "one that hangs"]
    member.pass_time(3600)
    assert member.restarts == []


def test_a_member_whose_client_was_told_nothing_of_its_loss_gets_another_one(member: Member) -> None:
    member.id, member.group.there = "me", ["me"]
    member.membership.assigned()
    member.pass_time(300)
    member.group.there = ["other"]
    member.pass_time(QUIET_S + SETTLE_S + 1)
    assert len(member.restarts) == 1


def test_nobody_is_asked_while_records_come(member: Member) -> None:
    for _ in range(100):
        member.pass_time(10)
        member.membership.heard()
    assert member.group.asked == 0


@pytest.mark.parametrize("error", [BrokerUnavailableError("away"), BrokerRefusedError("not allowed")])
def test_a_client_is_kept_while_no_other_one_gets_further(member: Member, error: Exception) -> None:
    member.group.error = error
    member.pass_time(3600)
    assert member.restarts == []
    member.group.error = None
    member.pass_time(PATIENCE_S + 1)
    assert len(member.restarts) == 1


def test_each_client_that_does_not_join_either_is_given_twice_the_time_of_the_last_one(member: Member) -> None:
    member.pass_time(7200)
    waits = [later - earlier for earlier, later in zip(member.restarts, member.restarts[1:], strict=False)]
    assert waits[:3] == [factor * 2 * SESSION_S + SETTLE_S for factor in (2, 4, 8)]
    assert max(waits) == 600 + SETTLE_S


def test_a_member_that_has_joined_again_has_the_first_patience_again(member: Member) -> None:
    member.pass_time(PATIENCE_S * 8)
    member.membership.assigned()
    member.restarts.clear()
    member.membership.lost()
    member.pass_time(PATIENCE_S + 1)
    assert len(member.restarts) == 1


def test_a_client_that_joins_as_soon_as_the_broker_is_back_is_kept(member: Member) -> None:
    member.group.error = BrokerUnavailableError("away")
    member.pass_time(5 * SESSION_S)
    member.group.error = None
    while not member.membership._missed:
        member.pass_time(0.5)
    member.pass_time(SETTLE_S - 1)
    member.id, member.group.there = "me", ["me"]
    member.pass_time(3600)
    assert member.restarts == []


def test_a_member_that_joins_while_the_question_is_under_way_keeps_its_client(member: Member) -> None:
    member.pass_time(PATIENCE_S - 0.5)
    assert member.membership._missed
    ids = iter(["", "me"])
    member.clock.now += 1
    assert not member.membership.is_out([TOPIC], lambda: next(ids))
    member.id, member.group.there = "me", ["me"]
    member.pass_time(3600)
    assert member.restarts == []


def test_the_memory_broker_is_not_asked_and_says_so_at_once() -> None:
    with pytest.raises(BrokerError, match="memory broker"):
        KafkaGroup(Settings(broker="memory"), "group").members([TOPIC])
