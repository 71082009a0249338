from __future__ import annotations

import json
from dataclasses import replace

from hangarstack.doctor.checks import CHECKS
from hangarstack.doctor.examination import examine
from hangarstack.events import CODECS
from hangarstack.settings import Settings
from tests.support.registry import Registry


def test_on_the_memory_broker_all_five_checks_pass_too(memory_settings: Settings, own_registry: Registry) -> None:
    for codec in CODECS:
        own_registry.register(codec.subject, json.loads(codec.schema_text))
    findings = list(examine(replace(memory_settings, registry_url=own_registry.url), CHECKS))
    assert all(finding.ok for finding in findings), findings
