"""A request's trace through every process that has to do with it, as a collector sees it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlencode

import pytest
import urllib3

from hangarstack.settings import Settings
from hangarstack.supervisor.prepare import STEPS, prepare
from tests.support.collector import Collector, collecting
from tests.support.machines import Machine, until, web_is_ready
from tests.support.platform import ROOT
from tests.support.ports import free_port
from tests.support.registry import running

PAGE = "/aircraft/cessna-172"
PERSONAL = ("user_agent", "client", "ip", "session", "cookie", "query", "Mozilla", "127.0.0.1")


@dataclass(frozen=True, slots=True)
class Request:
    """A browser's request that has a trace already."""

    trace: str
    span: str

    @property
    def headers(self) -> dict[str, str]:
        return {"traceparent": f"00-{self.trace}-{self.span}-01", "User-Agent": "Mozilla/5.0"}


def asked() -> Request:
    return Request(secrets.token_hex(16), secrets.token_hex(8))


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with collecting() as started:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", started.url)
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
        yield started


@pytest.fixture
def web(memory_settings: Settings, collector: Collector) -> Iterator[Machine]:  # noqa: ARG001 - named by the environment
    with running(memory_settings) as registry:
        settings = replace(registry.settings, root=ROOT, http_port=free_port(), session_timeout_ms=4000)
        prepare(settings, tuple(STEPS))
        commands = (("web",), ("relay",), ("consume", "catalogue-changes"), ("consume", "popularity"))
        machines = [Machine(settings=settings, arguments=arguments) for arguments in commands]
        try:
            for one in machines:
                one.start()
            until(lambda: web_is_ready(machines[0]), machines[0].output)
            yield machines[0]
        finally:
            for one in machines:
                one.kill()


def edit(web: Machine, request: Request) -> None:
    """Move the range of an aircraft by way of its form."""
    address = web.settings.address + PAGE + "/edit"
    with urllib3.PoolManager() as pool:
        form = pool.request("GET", address)
        cookie = form.headers["Set-Cookie"].partition(";")[0]
        fields = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form.data.decode()))
        fields["performance.range_km"] = "1234"
        headers = {**request.headers, "Cookie": cookie, "Origin": web.settings.address}
        body = urlencode(fields)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        answer = pool.request("POST", address, body=body, headers=headers, redirect=False)
        assert answer.status == 303, answer.data


def test_a_trace_goes_from_the_browser_through_the_outbox_to_the_read_model(web: Machine, collector: Collector) -> None:
    view, change = asked(), asked()
    urllib3.request("GET", web.settings.address + PAGE, headers=view.headers)
    edit(web, change)
    until(lambda: "COMMIT catalogue_changes" in collector.of(change.trace), lambda: collector.of(change.trace))
    until(lambda: "COMMIT popularity" in collector.of(view.trace), lambda: collector.of(view.trace))

    spans = collector.of(change.trace)
    request = spans["POST /aircraft/<aircraft_id>/edit"]
    created = spans["create hangarstack.data.updates"]
    sent = spans["send hangarstack.data.updates"]
    processed = spans["process hangarstack.data.updates"]
    committed = spans["COMMIT catalogue_changes"]
    assert [one.service.removeprefix("hangarstack-") for one in (request, created, sent, processed, committed)] == [
        *("web", "web", "relay", "catalogue-changes", "catalogue-changes")
    ]
    assert [one.kind for one in (request, created, sent, processed, committed)] == [
        *("SERVER", "PRODUCER", "CLIENT", "CONSUMER", "CLIENT")
    ]
    assert [one.parent for one in (request, created, sent, processed, committed)] == [
        *(change.span, request.id, created.id, created.id, processed.id)
    ]
    assert processed.links == (created.id,)
    assert request.attributes["http.route"] == "/aircraft/<aircraft_id>/edit"
    assert request.attributes["http.response.status_code"] == 303
    assert processed.attributes["messaging.consumer.group.name"] == "hangarstack.catalogue-changes"
    assert processed.attributes["messaging.batch.message_count"] == 1
    assert committed.attributes["db.system.name"] == "sqlite"
    assert sent.attributes["messaging.kafka.offset"] == 0

    spans = collector.of(view.trace)
    seen, shown = spans["create hangarstack.aircraft.views"], spans["GET /aircraft/<aircraft_id>"]
    assert (shown.parent, seen.parent) == (view.span, shown.id)
    assert spans["send hangarstack.aircraft.views"].service == "hangarstack-web"
    assert spans["process hangarstack.aircraft.views"].links == (seen.id,)

    assert not any(one.failed for one in collector.spans)
    told = " ".join(f"{key}={value}" for one in collector.spans for key, value in one.attributes.items())
    assert not [word for word in PERSONAL if re.search(rf"\b{re.escape(word)}\b", told)]
