"""Handlers of ``/exporters``.

Source: https://docs.confluent.io/cloud/current/ccloud/exporters-v-1/ with the pages below it. It does not say that an
exporter must be paused before it is deleted; Confluent Platform 7.7 answers 40963 unless it is.
"""

from __future__ import annotations

import sqlite3
from typing import Any, Final

from hangarstack.registry.embedded.calls import Call
from hangarstack.registry.embedded.exporting import records, refused, requests
from hangarstack.registry.embedded.exporting.destination import shown
from hangarstack.registry.embedded.exporting.records import PAUSED, RUNNING, STARTING, Exporter

MOST: Final = 10
"""Exporters of one registry; each is a thread."""


def list_all(call: Call) -> list[str]:
    """GET /exporters: their names."""
    with call.store.read() as db:
        return call.page([each.name for each in records.everything(db)])


def create(call: Call) -> dict[str, Any]:
    """POST /exporters."""
    body = call.json()
    name = requests.posted_name(body)
    with call.store.write() as db:
        held = [each.name for each in records.everything(db)]
        definition = requests.definition(body, source=records.source_id(db))
        if name in held:
            raise refused.exists(name)
        if len(held) >= MOST:
            raise refused.too_many(MOST)
        records.put(db, name, definition, state=STARTING, position=0)
    return {"name": name}


def get(call: Call) -> dict[str, Any]:
    """GET /exporters/E."""
    exporter = _read(call)
    return exporter.definition.answer(exporter.name)


def get_status(call: Call) -> dict[str, Any]:
    """GET /exporters/E/status."""
    return _read(call).status()


def get_config(call: Call) -> dict[str, str]:
    """GET /exporters/E/config."""
    return shown(_read(call).definition.config)


def update(call: Call) -> dict[str, Any]:
    """PUT /exporters/E: what the body names; the rest stays."""
    return _updated(call, call.json())


def update_config(call: Call) -> dict[str, Any]:
    """PUT /exporters/E/config: the whole of it."""
    return _updated(call, {"config": call.json()})


def pause(call: Call) -> dict[str, Any]:
    """PUT /exporters/E/pause; one that is paused stays so."""
    with call.store.write() as db:
        exporter = records.get(db, call.path[0])
        records.put(
            db,
            exporter.name,
            exporter.definition,
            state=PAUSED,
            position=exporter.position,
            trace=exporter.trace,
        )
    return {"name": exporter.name}


def resume(call: Call) -> dict[str, Any]:
    """PUT /exporters/E/resume: from where it stopped."""
    with call.store.write() as db:
        exporter = records.get(db, call.path[0])
        if exporter.state == STARTING:
            raise refused.starting(exporter.name)
        if exporter.state == RUNNING:
            raise refused.running(exporter.name)
        records.put(db, exporter.name, exporter.definition, state=STARTING, position=exporter.position)
    return {"name": exporter.name}


def reset(call: Call) -> dict[str, Any]:
    """PUT /exporters/E/reset: the next resume begins anew."""
    with call.store.write() as db:
        exporter = _paused(db, call)
        records.put(db, exporter.name, exporter.definition, state=PAUSED, position=0)
    return {"name": exporter.name}


def delete(call: Call) -> None:
    """DELETE /exporters/E; what it has copied stays."""
    with call.store.write() as db:
        records.forget(db, _paused(db, call).name)


def _updated(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    with call.store.write() as db:
        held = _paused(db, call)
        definition = requests.definition(body, source=records.source_id(db), held=held.definition)
        records.put(db, held.name, definition, state=PAUSED, position=held.position)
    return {"name": held.name}


def _read(call: Call) -> Exporter:
    with call.store.read() as db:
        return records.get(db, call.path[0])


def _paused(db: sqlite3.Connection, call: Call) -> Exporter:
    exporter = records.get(db, call.path[0])
    if exporter.state != PAUSED:
        raise refused.not_paused(exporter.name)
    return exporter
