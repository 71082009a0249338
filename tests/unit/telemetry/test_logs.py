from __future__ import annotations

import io
import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from hangarstack.settings import Secret, Settings
from hangarstack.telemetry.logs import configure, hide_passwords


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield io.StringIO()
    logging.captureWarnings(False)
    root.handlers[:], root.level = before[0], before[1]
    structlog.reset_defaults()


def _json_lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_our_lines_and_those_of_libraries_have_one_form(stream: io.StringIO) -> None:
    configure(Settings(log_format="json"), "popularity", stream=stream)
    structlog.get_logger("hangarstack.x").info("started", partitions=4)
    logging.getLogger("library").warning("slow by %d ms", 7)
    ours, theirs = _json_lines(stream)
    assert (ours["event"], ours["level"], ours["logger"], ours["partitions"]) == ("started", "info", "hangarstack.x", 4)
    assert (theirs["event"], theirs["level"], theirs["logger"]) == ("slow by 7 ms", "warning", "library")
    assert {ours["component"], theirs["component"]} == {"popularity"}
    assert ours["timestamp"].endswith("Z")


def test_what_a_library_warns_of_is_a_line_like_any_other(stream: io.StringIO) -> None:
    configure(Settings(log_format="json"), "web", stream=stream)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    (line,) = _json_lines(stream)
    assert "DeprecationWarning: old" in line["event"]


@pytest.mark.parametrize("form", ["json", "text"])
def test_secrets_are_never_shown(form: str, stream: io.StringIO) -> None:
    configure(Settings(log_format=form), "web", stream=stream)
    log = structlog.get_logger("hangarstack.x")
    log.info(
        "connecting",
        one=Secret("hunter2"),
        password="hunter2",
        nested={"api_key": "hunter2", "list": [Secret("hunter2")]},
        url="postgresql://me:hunter2@host/db",
        error=ValueError("cannot reach http://me:hunter2@host"),
    )
    logging.getLogger("library").warning("retrying %s", "amqp://me:hunt@er2hunter2@host/")
    try:
        raise RuntimeError("postgresql://me:hunter2@host/db")
    except RuntimeError:
        log.exception("failed")
    assert "***" in stream.getvalue()
    text = stream.getvalue().replace('"postgresql://me:hunter2@host/db")  # noqa', "")
    assert "hunter2" not in text


def test_lines_below_the_level_are_left_out(stream: io.StringIO) -> None:
    configure(Settings(log_format="json", log_level="warning"), "web", stream=stream)
    structlog.get_logger("hangarstack.x").info("not shown")
    logging.getLogger("alembic.runtime").info("not shown")
    assert stream.getvalue() == ""


def test_configuring_again_replaces_the_first(stream: io.StringIO) -> None:
    configure(Settings(log_format="json"), "web", stream=io.StringIO())
    configure(Settings(log_format="json"), "relay", stream=stream)
    structlog.get_logger().warning("once")
    assert [line["component"] for line in _json_lines(stream)] == ["relay"]


def test_a_line_break_in_a_value_does_not_forge_a_line(stream: io.StringIO) -> None:
    configure(Settings(log_format="text"), "web", stream=stream)
    structlog.get_logger().warning("search", text="f-16\n2026-01-01 [critical] forged")
    assert len(stream.getvalue().splitlines()) == 1


def test_passwords_in_urls_become_stars() -> None:
    assert hide_passwords("see http://me:p@ss@host/a and ftp://x") == "see http://me:***@host/a and ftp://x"
