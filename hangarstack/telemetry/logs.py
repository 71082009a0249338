"""Structured logs on standard error, for our own lines and for those of libraries, without secrets."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Final, TextIO

import structlog

from hangarstack.settings import Secret, Settings

Event = MutableMapping[str, Any]

_HIDDEN: Final = "***"
_SECRET_KEY: Final = re.compile(r"password|secret|token|authorization|api_?key|cookie", re.IGNORECASE)
_URL_PASSWORD: Final = re.compile(r"(://[^/\s:@]*:)[^/\s]+@")
_QUIET: Final = ("alembic", "asyncio", "urllib3", "httpx", "httpcore", "uvicorn")
"""Libraries whose INFO lines tell nothing that ours do not."""


def configure(settings: Settings, component: str, *, stream: TextIO | None = None) -> None:
    """Send every log line of this process to one stream; calling it again replaces what was set up.

    Both ``structlog.get_logger()`` and ``logging`` go through it. Values of type ``Secret``, values under keys
    such as ``password`` or ``token``, and passwords in URLs are replaced by stars.

    Args:
        settings: ``log_level`` and ``log_format`` count.
        component: the name of the process in each line, such as ``popularity``.
        stream: where to; None: standard error.
    """
    target = sys.stderr if stream is None else stream
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        _component(component),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_renderers(settings.log_format, colours=target.isatty()),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    logging.captureWarnings(True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        # A cached logger would keep the processors of an earlier call.
        cache_logger_on_first_use=False,
    )


def _renderers(format_: str, *, colours: bool) -> list[structlog.typing.Processor]:
    if format_ == "json":
        return [
            structlog.processors.format_exc_info,
            without_secrets,
            structlog.processors.JSONRenderer(default=str, ensure_ascii=False),
        ]
    # Plain tracebacks: the pretty ones print local variables, and with them secrets.
    return [
        structlog.processors.format_exc_info,
        without_secrets,
        structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=structlog.dev.plain_traceback),
    ]


def _component(name: str) -> structlog.typing.Processor:
    def add(_logger: object, _method: str, event: Event) -> Event:
        event.setdefault("component", name)
        return event

    return add


def without_secrets(_logger: object, _method: str, event: Event) -> Event:
    """Replace secrets anywhere in a log line by stars; a structlog processor."""
    for key, value in event.items():
        event[key] = _HIDDEN if _SECRET_KEY.search(key) and value else _harmless(value)
    return event


def hide_passwords(line: str) -> str:
    """Return the line with the passwords of the URLs in it replaced by stars."""
    return _URL_PASSWORD.sub(rf"\1{_HIDDEN}@", line)


def _harmless(value: Any) -> Any:
    if isinstance(value, Secret):
        return str(value)
    if isinstance(value, str):
        return hide_passwords(value)
    if isinstance(value, Mapping):
        return {
            key: _HIDDEN if isinstance(key, str) and _SECRET_KEY.search(key) and inner else _harmless(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [_harmless(one) for one in value]
    if isinstance(value, BaseException):
        return _harmless(str(value))
    return value


__all__ = ["configure", "hide_passwords", "without_secrets"]
