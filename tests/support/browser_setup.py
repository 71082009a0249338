"""Makes a browser available to the tests: the system's, else one installed by the first means that works.

Run by `make test`. Fails only when HANGARSTACK_TEST_REQUIRE asks for the browser; otherwise the browser tests are
skipped with a line that says why.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.support.requirements import is_required

_SYSTEM: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def installed_browser() -> Path | None:
    """Return the executable of a Chromium that is there: the system's, else the one that Playwright installed."""
    for name in _SYSTEM:
        found = shutil.which(name)
        if found:
            return Path(found)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.exists() else None


def _attempts() -> list[list[list[str]]]:
    apt = shutil.which("apt-get")
    by_apt = [["apt-get", "update", "-q"], ["apt-get", "install", "-y", "-q", "chromium", "fonts-dejavu-core"]]
    by_playwright = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    return ([by_apt] if apt and os.geteuid() == 0 else []) + [by_playwright]


def main() -> int:
    """Install a browser unless there is one; return the exit code."""
    if installed_browser() is not None:
        return 0
    print("Installing a browser for the browser tests …", flush=True)  # noqa: T201 - progress of `make test`
    for commands in _attempts():
        if all(subprocess.run(command, check=False).returncode == 0 for command in commands) and installed_browser():
            return 0
    print("No browser could be installed: the browser tests cannot run.", file=sys.stderr)  # noqa: T201 - as above
    return 1 if is_required("browser") else 0


if __name__ == "__main__":
    sys.exit(main())
