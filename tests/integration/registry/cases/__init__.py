"""Calls of real clients, each with the answer that Confluent's reference documents; importing collects them all."""

from tests.integration.registry.cases import checking, contracts, deleting, reading, registering, settings, transport
from tests.integration.registry.cases.case import CASES

__all__ = ["CASES", "checking", "contracts", "deleting", "reading", "registering", "settings", "transport"]
