from __future__ import annotations

import json
from dataclasses import replace

from hangarstack.broker.config import bootstrap_servers, memory_broker_file
from hangarstack.doctor.checks import CHECKS
from hangarstack.doctor.examination import examine
from hangarstack.events import CODECS
from hangarstack.settings import Settings
from tests.support.registry import Registry


def test_on_the_memory_broker_all_five_checks_pass_too(memory_settings: Settings, own_registry: Registry) -> None:
    for codec in CODECS:
        own_registry.register(codec.subject, json.loads(codec.schema_text))
    # As `up --broker memory` leaves it: the address is in the home.
    file = memory_broker_file(memory_settings.home)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(bootstrap_servers(memory_settings))
    settings = replace(memory_settings, registry_url=own_registry.url, bootstrap_servers="")
    findings = list(examine(settings, CHECKS))
    assert all(finding.ok for finding in findings), findings
