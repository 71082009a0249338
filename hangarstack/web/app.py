"""The Flask app."""

from __future__ import annotations

import threading
import time
from typing import Final

from flask import Flask, Response, g, request

from hangarstack.settings import Settings
from hangarstack.web import labels, troubles
from hangarstack.web.admission import Admission
from hangarstack.web.assets import Assets
from hangarstack.web.caching import Rest
from hangarstack.web.compiled import CompiledTemplates
from hangarstack.web.deps import Deps
from hangarstack.web.fragments import Fragments
from hangarstack.web.insights import Insights
from hangarstack.web.metrics import REQUESTS, RESPONSES
from hangarstack.web.secret import site_secret
from hangarstack.web.security import FormTokens, secure
from hangarstack.web.site import EXTENSION, Site, finish_tracking
from hangarstack.web.tracking import Tracker
from hangarstack.web.units import both, imperial, metric
from hangarstack.web.views import (
    admin,
    aircraft,
    analytics,
    api,
    beacon,
    catalogue,
    compare,
    contracts,
    editing,
    ops,
    preferences,
)
from hangarstack.web.visit import VisitCookie
from hangarstack.web.watch import CatalogueWatch

LARGEST_BODY: Final = 65_536
"""Bytes that a request's body may have."""


def create_app(settings: Settings, *, deps: Deps) -> Flask:
    """Return the app: pages, API, editing form, health and metrics.

    Args:
        settings: ``secret_key``, ``client_ip``, ``public_url``, ``web_threads`` and ``home`` count.
        deps: the other rooms.

    Raises:
        SettingsError: the site's secret cannot be had.
    """
    app = Flask("hangarstack.web", static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_BODY, TEMPLATES_AUTO_RELOAD=False)
    app.json.sort_keys = False  # type: ignore[attr-defined] # the default provider has it, the base class does not
    app.url_map.strict_slashes = False
    site = _site(app, settings, deps)
    app.extensions[EXTENSION] = site
    _set_up_templates(app, site)
    for area in (catalogue, aircraft, compare, analytics, contracts, editing, api, beacon, preferences, ops, admin):
        app.register_blueprint(area.blueprint)
    app.register_blueprint(site.assets.blueprint())
    troubles.register(app)
    app.before_request(_begin)
    app.after_request(_finish)
    return app


def _site(app: Flask, settings: Settings, deps: Deps) -> Site:
    key, rest = site_secret(settings), Rest()
    return Site(
        settings=settings,
        deps=deps,
        tracker=Tracker(deps.sink, VisitCookie(key), client_ip=settings.client_ip, key=key, now=deps.now),
        tokens=FormTokens(key),
        admission=Admission(settings),
        insights=Insights(deps.read_models, rest=rest),
        watch=CatalogueWatch(deps.catalogue, deps.read_models, rest),
        fragments=Fragments(app.jinja_env),
        assets=Assets(),
        rest=rest,
        writers=threading.Semaphore(max(1, settings.web_threads // 2)),
    )


def _set_up_templates(app: Flask, site: Site) -> None:
    environment = app.jinja_env
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.bytecode_cache = CompiledTemplates.at(site.settings.home / "cache" / "templates")
    environment.globals.update(asset=site.assets.url, labels=labels, both=both, metric=metric, imperial=imperial)
    # Flask's context processors copy the request into every rendering; our templates need none of it.
    app.template_context_processors[None].clear()


def _begin() -> None:
    g.started = time.perf_counter()
    g.https = request.is_secure


def _finish(answer: Response) -> Response:
    finish_tracking(answer)
    secure(answer, https=g.https)
    area = request.blueprint or "none"
    REQUESTS.labels(area).observe(time.perf_counter() - g.started)
    RESPONSES.labels(area, f"{answer.status_code // 100}xx").inc()
    return answer
