"""Calls of real clients, each with the answer that Confluent's reference documents; importing collects them all."""

from tests.integration.registry.cases import (
    associating,
    checking,
    contracts,
    deleting,
    exporting,
    keys,
    reading,
    registering,
    settings,
    transport,
)
from tests.integration.registry.cases.case import CASES

__all__ = [
    "CASES",
    "associating",
    "checking",
    "contracts",
    "deleting",
    "exporting",
    "keys",
    "reading",
    "registering",
    "settings",
    "transport",
]
