"""Readiness and metrics, for whoever looks after the process."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from hangarstack.errors import HangarStackError
from hangarstack.web.metrics import SPOOLED
from hangarstack.web.site import see, site

blueprint = Blueprint("ops", __name__)


@blueprint.get("/readyz")
def readyz() -> Response:
    """Tell whether pages can be served: the catalogue has aircraft. Kafka and the read models may be away.

    With how many events wait, for how long, and why they wait or are refused, as far as that is known.
    """
    here = site()
    aircraft = len(here.deps.catalogue.all())
    if not aircraft:
        # A web process that started before the first import looks again when asked.
        try:
            here.watch.refresh()
        except HangarStackError as error:
            return _unready(str(error))
        aircraft = len(here.deps.catalogue.all())
    if not aircraft:
        return _unready("the catalogue is empty: run `hangarstack data import`")
    return jsonify(status="ready", aircraft=aircraft, **here.deps.sink.status())


@blueprint.get("/metrics")
def metrics() -> Response:
    """Return every metric in Prometheus' text format."""
    SPOOLED.set(site().deps.sink.spooled)
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """Lead browsers that ask for the old name to the picture."""
    return see(site().assets.url("icon.svg"))


def _unready(reason: str) -> Response:
    answer = jsonify(status="not ready", reason=reason)
    answer.status_code = 503
    return answer
