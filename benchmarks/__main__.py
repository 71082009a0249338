"""The benchmarks as one command."""

from __future__ import annotations

import click

from benchmarks.check import command as check
from benchmarks.codec import command as codec


@click.group()
def main() -> None:
    """Measure parts of HangarStack, beside their peers where there are any."""


main.add_command(codec, "codec")
main.add_command(check, "check")

if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
