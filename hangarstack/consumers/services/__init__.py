"""The five consumer services, one module each, on the runtime that keeps their events exactly once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from hangarstack.consumers.runtime.service import Service
from hangarstack.consumers.services.catalogue_changes import CatalogueChanges
from hangarstack.consumers.services.journeys import Journeys
from hangarstack.consumers.services.popularity import Popularity
from hangarstack.consumers.services.reads import Reads
from hangarstack.consumers.services.search_insights import SearchInsights
from hangarstack.consumers.services.system_health import SystemHealth

SERVICES: Final[Mapping[str, Callable[[], Service]]] = {
    "popularity": Popularity,
    "journeys": Journeys,
    "search-insights": SearchInsights,
    "catalogue-changes": CatalogueChanges,
    "system-health": SystemHealth,
}
"""Makes each service, by the name that ``hangarstack consume`` takes."""

READS: Final[Mapping[str, tuple[Reads, ...]]] = {
    each.name: each.reads for each in (Popularity, Journeys, SearchInsights, CatalogueChanges, SystemHealth)
}
"""What each service reads, by its name."""

__all__ = ["READS", "SERVICES"]
