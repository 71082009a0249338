"""The logs of a command that runs until it is stopped."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from hangarstack.errors import HangarStackError
from hangarstack.settings import Settings
from hangarstack.telemetry import logs

_log: Final = logging.getLogger(__name__)


@contextmanager
def logged(settings: Settings, component: str) -> Iterator[None]:
    """Send every line of this process through its logs, before anything else can write one.

    Where they are JSON, what ends the process is one line of them, too: whoever reads them takes no other. People get
    the one line that every command ends with.

    Args:
        settings: ``log_level`` and ``log_format`` count.
        component: the name of the process in each line.
    """
    logs.configure(settings, component)
    try:
        yield
    except HangarStackError as error:
        if settings.log_format != "json":
            raise
        _log.critical("stopped: %s", error)
        sys.exit(error.exit_code)
    except Exception:
        if settings.log_format != "json":
            raise
        _log.critical("stopped by a fault of its own", exc_info=True)
        sys.exit(1)
