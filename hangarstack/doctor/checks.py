"""The five checks."""

from __future__ import annotations

from typing import Final

from hangarstack.doctor.connection import check_connection
from hangarstack.doctor.delivery import check_producer
from hangarstack.doctor.examination import Check
from hangarstack.doctor.membership import check_consumer
from hangarstack.doctor.round_trip import check_end_to_end
from hangarstack.doctor.schemas import check_registry

CHECKS: Final = (
    Check(name="connection", run=check_connection),
    Check(name="producer", run=check_producer, needs=("connection",)),
    Check(name="consumer", run=check_consumer, needs=("connection",)),
    Check(name="registry", run=check_registry),
    Check(name="end to end", run=check_end_to_end, needs=("connection", "producer", "registry")),
)
"""In the order in which their parts depend on each other."""
