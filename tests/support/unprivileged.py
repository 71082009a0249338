"""A child that may not read what its mode forbids, even where the tests run as root."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from typing import Final

_DROP_FROM_BOUNDING_SET: Final = 24
_DAC_OVERRIDE: Final = 1
_DAC_READ_SEARCH: Final = 2


def run_unprivileged(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``hangarstack``; blocks until it has ended, for at most half a minute."""
    return subprocess.run(
        [sys.executable, "-m", "hangarstack", *arguments],
        env={**os.environ, **environment},
        preexec_fn=_drop if os.geteuid() == 0 else None,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def _drop() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in (_DAC_OVERRIDE, _DAC_READ_SEARCH):
        if libc.prctl(_DROP_FROM_BOUNDING_SET, capability, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "the capability cannot be dropped")
