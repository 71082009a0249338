from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.metrics_core import Metric

from hangarstack.consumers.runtime.latency import LatencyHistogram
from hangarstack.consumers.runtime.metrics import ConsumerMetrics
from hangarstack.producers.metrics import DeliveryCollector
from hangarstack.web import metrics as web

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "metrics.md").read_text(encoding="utf-8")
(RULES,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def _consumers() -> list[Metric]:
    registry = CollectorRegistry()
    ConsumerMetrics(["a topic"], LatencyHistogram(), registry)
    return list(registry.collect())


def _names() -> set[str]:
    """Return every metric by the name that it is asked for by."""
    site = [
        family
        for each in vars(web).values()
        if isinstance(each, Counter | Gauge | Histogram)
        for family in each.collect()
    ]
    families = [*_consumers(), *DeliveryCollector().collect(), *site]
    return {f"{each.name}_total" if each.type == "counter" else each.name for each in families}


def test_the_page_names_every_metric_and_no_other() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)) == _names()


@pytest.mark.parametrize("rule", yaml.safe_load(RULES)["groups"][0]["rules"], ids=lambda rule: rule["alert"])
def test_alerts_ask_for_metrics_that_there_are(rule: dict[str, Any]) -> None:
    asked = set(re.findall(r"hangarstack_\w+", rule["expr"]))
    assert asked
    assert asked <= _names()
    assert rule["annotations"]["summary"]


def test_counters_of_what_is_read_begin_at_zero() -> None:
    samples = {each.name: each.value for family in _consumers() for each in family.samples if each.labels}
    for name in ("lost_records", "looked_again", "skipped_records", "holds"):
        assert samples[f"hangarstack_consumer_{name}_total"] == 0
