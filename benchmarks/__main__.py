"""The benchmarks as one command."""

from __future__ import annotations

import click

from benchmarks.codec import command as codec


@click.group()
def main() -> None:
    """Compare parts of HangarStack with their peers."""


main.add_command(codec)

if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
