"""First check: is there a cluster, and does it let us in?"""

from __future__ import annotations

from hangarstack.broker.admin import Admin
from hangarstack.settings import Settings

_ANSWER_S = 5.0


def check_connection(settings: Settings) -> str:
    """Return what the cluster says of itself; blocks at most some six seconds.

    Raises:
        HangarStackError: unreachable, refused, or settings that do not fit each other.
    """
    admin = Admin(settings, timeout_s=_ANSWER_S)
    if settings.broker == "memory":
        metadata = admin.metadata()
        cluster, brokers = metadata.cluster_id, len(metadata.brokers)
    else:
        described = admin.ask(
            "cannot describe the cluster", lambda client, timeout: client.describe_cluster(request_timeout=timeout)
        )
        cluster, brokers = described.cluster_id, len(described.nodes)
    count = "1 broker" if brokers == 1 else f"{brokers} brokers"
    return f"cluster {cluster}, {count}, over {settings.security_protocol} at {admin.where}"
