"""The ``hangarstack`` command: finds sub-commands, reads the settings once, turns errors into one line."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import signal
import sys
from typing import Final

import click

from hangarstack import __version__, settings
from hangarstack.cli.lazy import LazyGroup
from hangarstack.contracts.plaintext import plain
from hangarstack.errors import HangarStackError
from hangarstack.supervisor.interrupts import StoppedBySignal

_UNWRITABLE: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
_COMMANDS: Final = {
    "up": "Run the whole platform on this machine.",
    "prepare": "Bring stores, contracts and topics up to date.",
    "contracts": "Work on contracts, offline.",
    "registry": "The embedded schema registry.",
    "migrate": "Move a registry to what migrations/schemas/ says.",
    "topics": "Create and configure topics from the contracts.",
    "web": "Run the web app alone.",
    "consume": "Run one consumer service alone.",
    "relay": "Run the outbox relay alone.",
    "dlq": "Repair dead letters: list, show, replay, drop.",
    "analytics": "Rebuild the read models of a consumer service.",
    "simulate": "Drive a running web app as believable visitors.",
    "data": "Validate, import and export aircraft records.",
    "doctor": "Check connection, producer, consumer, registry and the way end to end.",
    "settings": "Print the effective settings, secrets hidden.",
}


@click.group(
    cls=LazyGroup, package="hangarstack.cli", helps=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, prog_name="hangarstack")
@click.pass_context
def hangarstack(ctx: click.Context) -> None:
    """A contract-first event platform, and the aircraft encyclopaedia that runs on it.

    Settings are variables HANGARSTACK_*, or a TOML file named by HANGARSTACK_SETTINGS.
    Exit codes: 0 fine, 1 a check failed, 2 wrong usage or could not run, 128 + N stopped by signal N.
    """
    ctx.obj = settings.load(os.environ)


def main() -> None:
    """Run the command line; never shows a traceback for an error that the user can mend."""
    _reach_loopback_directly()
    _write_whatever_the_encoding()
    try:
        hangarstack.main(standalone_mode=False)
        if isinstance(sys.stdout, io.TextIOWrapper):  # it may be closed
            sys.stdout.flush()
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        sys.exit(128 + signal.SIGINT)
    except StoppedBySignal as stop:
        # After SIGHUP there may be no terminal left.
        with contextlib.suppress(OSError):
            click.echo(f"Stopped by {stop.name}.", err=True)
        sys.exit(stop.exit_code)
    except HangarStackError as error:
        click.echo(f"hangarstack: {plain(str(error))}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of our output, such as `head`, has gone: nothing left to tell anyone.
        _forget_output()
        sys.exit(1)
    except OSError as error:
        if error.filename is not None or error.errno not in _UNWRITABLE:
            raise
        _forget_output()
        click.echo(
            f"hangarstack: the output cannot be written: {error.strerror}. Make room for it, or write it elsewhere",
            err=True,
        )
        sys.exit(2)


def _forget_output() -> None:
    """Let Python's end not try again to write what could not be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write_whatever_the_encoding() -> None:
    """Let a character that the terminal's encoding lacks be shown as its number, as on the error output."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _reach_loopback_directly() -> None:
    """Keep what we say to our own parts off any proxy that the environment names; children inherit it."""
    for variable in ("no_proxy", "NO_PROXY"):
        given = os.environ.get(variable, os.environ.get("no_proxy", ""))
        os.environ[variable] = ",".join(filter(None, [given, "127.0.0.1", "localhost", "::1"]))
