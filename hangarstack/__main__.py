"""The ``hangarstack`` command, as ``python -m hangarstack`` too."""

from __future__ import annotations

import signal
import sys


def run() -> None:
    """Run the command line. Ctrl-C while its modules are being read is no traceback either."""
    try:
        from hangarstack.cli.main import main

        main()
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        sys.exit(128 + signal.SIGINT)


if __name__ == "__main__":
    run()
