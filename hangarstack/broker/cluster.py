"""Which cluster and which topics these are: a broker may be replaced and a topic made anew under the same name."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from confluent_kafka import TopicCollection

from hangarstack.broker.admin import Admin
from hangarstack.errors import BrokerError


class ClusterIdentity(NamedTuple):
    """The ids that offsets must be keyed by."""

    cluster_id: str
    topic_ids: dict[str, str]


def cluster_identity(admin: Admin, topics: Collection[str]) -> ClusterIdentity:
    """Return the cluster's id and the id of each named topic; blocks at most twice ``admin.timeout_s``.

    Raises:
        TopicError: a topic does not exist.
        BrokerUnavailableError: no answer in time.
        BrokerRefusedError: wrong credentials, or not allowed.
    """
    cluster = admin.ask(
        "cannot describe the cluster",
        lambda client, timeout: client.describe_cluster(request_timeout=timeout),
    )
    described = admin.ask_each(
        "cannot describe topic",
        lambda client, timeout: client.describe_topics(TopicCollection(list(topics)), request_timeout=timeout),
    )
    ids = {}
    for topic, found in described.items():
        if isinstance(found, BrokerError):
            raise found
        ids[topic] = str(found.topic_id)
    return ClusterIdentity(cluster.cluster_id, ids)
