"""Handlers that tell about the server itself."""

from __future__ import annotations

from typing import Any

import hangarstack
from hangarstack.registry.embedded.calls import Call


def root(_call: Call) -> dict[str, Any]:
    """GET /: nothing, which says that the server is there."""
    return {}


def cluster(_call: Call) -> dict[str, Any]:
    """GET /v1/metadata/id."""
    clusters = {"kafka-cluster": "", "schema-registry-cluster": "hangarstack"}
    return {"scope": {"path": [], "clusters": clusters}, "id": ""}


def version(_call: Call) -> dict[str, Any]:
    """GET /v1/metadata/version."""
    return {"version": f"hangarstack-{hangarstack.__version__}", "commitId": ""}
