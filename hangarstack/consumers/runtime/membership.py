"""Whether the group still has this member, as its coordinator says and not as the member's own client believes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from typing import Final, Protocol

from hangarstack.broker.admin import Admin
from hangarstack.broker.cluster import cluster_identity
from hangarstack.errors import BrokerError
from hangarstack.settings import Settings

_log: Final = logging.getLogger(__name__)
_ANSWER_S: Final = 2.0
SETTLE_S: Final = 5.0
"""A member that is not in its group is asked for once more so much later: where the broker has just come back, its
client may be about to join."""
QUIET_S: Final = 60.0
"""A member with an assignment asks after so long without a record: in an idle topic each question is for nothing."""
_LONGEST_S: Final = 600.0
"""A client made anew that does not join either is given twice the time of the last one, at most this."""


class Group(Protocol):
    """What others than the member's own client can tell of its group."""

    def members(self, topics: Collection[str]) -> Collection[str]:
        """Return the ids of the members, those that wait for an assignment, too; blocks for some seconds at most.

        Raises:
            BrokerError: the brokers, the topics or the group's coordinator cannot be had, or it is not allowed.
        """


class KafkaGroup:
    """Asks the coordinator by a client made for the question, which shares nothing with one that may be stuck.

    Args:
        settings: address and security.
        group: the consumer group.
    """

    def __init__(self, settings: Settings, group: str) -> None:
        self._settings = settings
        self._group = group

    def members(self, topics: Collection[str]) -> Collection[str]:
        """Ask for the members' ids; see ``Group``."""
        if self._settings.broker == "memory":
            # It would let each question time out.
            raise BrokerError("the memory broker cannot be asked for a group's members")
        admin = Admin(self._settings, timeout_s=_ANSWER_S)
        # A member of a group whose topics are not there does not join, and no other client would.
        cluster_identity(admin, topics)
        found = admin.ask(
            "cannot describe the group",
            lambda client, timeout: client.describe_consumer_groups([self._group], request_timeout=timeout)[
                self._group
            ],
        )
        return [member.member_id for member in found.members]


class Membership:
    """Tells when a member is out of its group although its brokers can be reached.

    Nothing that its client says counts, because one that has no connection says nothing. While records come there is
    nothing to ask. One that waits for its group to rebalance is a member, and so is one without a partition.

    Args:
        group: asked of the members.
        session_s: how long the broker keeps a member that is silent, in seconds.
        now: monotonic seconds.
    """

    def __init__(self, group: Group, session_s: float, now: Callable[[], float]) -> None:
        self._group = group
        # By then the broker has forgotten the session that was lost, and one more has been time to join.
        self._patience_s = 2 * session_s
        self._now = now
        self._assigned = False
        self._listed = False
        self._missed = False
        self._waits_s = self._patience_s
        self._ask_at = now() + self._patience_s

    @property
    def without_word(self) -> bool:
        """Whether the group has this member, though its client was not given any assignment."""
        return self._listed and not self._assigned

    def assigned(self) -> None:
        """Note that the client was given an assignment, be it an empty one."""
        self._assigned = True
        self.heard()

    def lost(self) -> None:
        """Note that the client has lost its partitions: the clock runs from now."""
        self._assigned = self._listed = False
        self._ask_in(self._waits_s)

    def heard(self) -> None:
        """Note that records came."""
        self._waits_s = self._patience_s
        self._ask_in(max(QUIET_S if self._assigned else 0.0, self._patience_s))

    def is_out(self, topics: Collection[str], member_id: Callable[[], str | None]) -> bool:
        """Tell whether this member's client must be made anew; blocks for some seconds when it is time to ask.

        Once it has said so, the next client is given twice the time.

        Args:
            topics: those that the member subscribes to; if one is not there, nobody can join.
            member_id: returns the id as its client knows it.
        """
        if self._now() < self._ask_at:
            return False
        before = member_id()
        try:
            members = self._group.members(topics)
        except BrokerError as error:
            # Nobody gets further than the member's own client, which goes on trying.
            _log.debug("whether the group has this member cannot be asked: %s", error)
            self._ask_in(self._waits_s)
            return False
        self._listed = before in members
        if self._listed:
            self.heard()
            return False
        # It may also have joined, under another id, while the question was under way.
        if not self._missed or before != member_id():
            self._ask_in(SETTLE_S)
            self._missed = True
            return False
        self._assigned = False
        self._waits_s = min(2 * self._waits_s, _LONGEST_S)
        self._ask_in(self._waits_s)
        return True

    def _ask_in(self, seconds: float) -> None:
        self._missed = False
        self._ask_at = self._now() + seconds


__all__ = ["QUIET_S", "SETTLE_S", "Group", "KafkaGroup", "Membership"]
