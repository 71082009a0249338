"""What the sub-commands of ``hangarstack dlq`` share: the desk, the filters, who is at work."""

from __future__ import annotations

import getpass
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import click

from hangarstack.contracts.tree import load_tree
from hangarstack.deadletters.desk import Desk, require_topics
from hangarstack.deadletters.ledger import Actor, Fate
from hangarstack.deadletters.letter import LetterId, letter_id, origin
from hangarstack.deadletters.moments import moment_ms
from hangarstack.deadletters.repairing import Report
from hangarstack.deadletters.selection import Selection
from hangarstack.deadletters.tables import metadata
from hangarstack.errors import CheckFailedError, RepairError
from hangarstack.settings import Settings
from hangarstack.store.engine import open_store
from hangarstack.store.migrations import migrate
from hangarstack.store.tables import make_tables

OWNER: Final = "dead_letters"
format_option = click.option(
    "--format", "output", type=click.Choice(["text", "json"]), default="text", show_default=True, help="What to print."
)
dry_run_option = click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
max_option = click.option(
    "--max", "most", type=click.IntRange(1, 1_000_000), default=1000, show_default=True, help="At most so many letters."
)
_FILTERS: Final = (
    click.option("--topic", "topics", multiple=True, metavar="TOPIC", help="Only what came from this topic."),
    click.option("--service", default="", help="Only what this service could not handle, such as popularity."),
    click.option("--error", default="", metavar="TEXT", help="Only errors whose class or message holds this text."),
    click.option("--since", default="", metavar="TIME", help="Written at this time or later: 2026-11-22T10:30, or 2h."),
    click.option("--until", default="", metavar="TIME", help="Written before this time."),
    click.option("--quarantine", is_flag=True, help="Look into the quarantine instead."),
)
letters_option = click.option(
    "--letter",
    "letters",
    multiple=True,
    metavar="TOPIC/PARTITION/OFFSET",
    help="Only this one, as `dlq list` names it.",
)


def filters(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that select letters."""
    for option in reversed(_FILTERS):
        command = option(command)
    return command


def selection(settings: Settings, letters: tuple[str, ...] = (), **given: Any) -> Selection:
    """Return the selection that options describe.

    Raises:
        RepairError: a place or a time is none, or a topic is nobody's.
        ContractError: no letter is named, and the contracts cannot be read.
    """
    now = time.time()
    named = tuple(origin(topic) or topic for topic in given["topics"])
    places: tuple[LetterId, ...] = tuple(letter_id(text) for text in letters)
    topics = () if places else tuple(one.topic for one in load_tree(settings.root).contracts)
    require_topics(settings, [topic for topic in named if topic not in topics], others=topics)
    return Selection(
        topics=named or topics,
        letters=places,
        service=given["service"],
        error=given["error"],
        since_ms=moment_ms(given["since"], now) if given["since"] else None,
        until_ms=moment_ms(given["until"], now) if given["until"] else None,
        quarantine=given["quarantine"],
    )


@contextmanager
def desk(settings: Settings) -> Iterator[Desk]:
    """Open the desk on its migrated store.

    Raises:
        StoreError: the store cannot be opened or migrated.
    """
    if (settings.root / "migrations" / "database").is_dir():
        migrate(settings, [OWNER])
    else:
        # A tree of somebody else's events has no revisions of ours.
        make_tables(settings, OWNER, metadata)
    engine = open_store(settings, OWNER)
    try:
        yield Desk(settings, engine)
    finally:
        engine.dispose()


def actor() -> Actor:
    """Return who runs the command."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        # A container may run as a user without a name.
        name = "somebody"
    return Actor(name=f"{name}@{socket.gethostname()}", via="cli")


def times(count: int) -> str:
    """Return how often, in words."""
    return ("never", "once", "twice")[count] if count < 3 else f"{count} times"


def report_of(report: Report, *, dry_run: bool) -> Mapping[str, Any]:
    """Return a report as JSON knows it."""
    return {
        "repair": report.repair_id,
        "dry_run": dry_run,
        **{fate.value: report.count(fate) for fate in Fate},
        "failed": {str(place): why for place, why in report.failures.items()},
        "more": report.more,
        "letters": {str(place): fate.value for place, fate in report.fates.items()},
    }


def say(report: Report, *, dry_run: bool) -> None:
    """Print a report in words; a dry run names each letter."""
    if dry_run:
        for place, fate in report.fates.items():
            click.echo(f"{place}  would be {fate}")
    for place, why in report.failures.items():
        click.echo(f"{place}  failed: {why}")
    done = [f"{report.count(fate)} {fate}" for fate in Fate if report.count(fate)] or ["no letter matches"]
    click.echo(f"{'Would be' if dry_run else 'Done'}: {', '.join(done)}. Number {report.repair_id} in `dlq audit`.")
    if report.more:
        click.echo("More letters match: run it again, or raise --max.")


def fail_if_some_failed(report: Report) -> None:
    """Let the command end with 1 when letters could not be published.

    Raises:
        CheckFailedError: some could not.
    """
    if report.failures:
        raise CheckFailedError(
            f"{len(report.failures)} could not be published and wait as before",
            remedy="Mend what the lines say and replay again",
        )


def require_choice(chosen: Selection) -> None:
    """Refuse to drop whatever there is.

    Raises:
        RepairError: no letter, service, error or time was named.
    """
    if not (chosen.letters or chosen.service or chosen.error or chosen.since_ms or chosen.until_ms):
        raise RepairError(
            "everything would be dropped",
            remedy="Name letters with --letter, or narrow it by --service, --error, --since or --until",
        )
