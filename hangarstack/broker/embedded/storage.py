"""Formatting of Kafka's data directory: once, and wholly or not at all."""

from __future__ import annotations

import base64
import shutil
import subprocess
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from hangarstack.broker.embedded.files import write_properties
from hangarstack.broker.embedded.jvm import Jvm
from hangarstack.errors import BrokerError

_TIMEOUT_S: Final = 60.0


def format_storage(jvm: Jvm, values: Mapping[str, str], options: Sequence[str] = ()) -> None:
    """Format the data directory that the properties name, unless that has been done; blocks for about a second.

    Kafka's tool writes several files and refuses a directory where some are already there, so it works beside the real
    place, which gets its name only when all is done.

    Args:
        jvm: what runs the tool.
        values: the node's properties; ``log.dirs`` names one directory.
        options: more options for Java.

    Raises:
        BrokerError: the tool fails.
        OSError: the directory cannot be written.
    """
    data = Path(values["log.dirs"])
    if (data / "meta.properties").is_file():
        return
    fresh, config = data.with_name(f"{data.name}.new"), data.with_name("format.properties")
    shutil.rmtree(fresh, ignore_errors=True)
    write_properties(config, {**values, "log.dirs": fresh.as_posix()})
    command = jvm.command(
        "kafka.tools.StorageTool", "format", "-t", _new_cluster_id(), "-c", str(config), options=options
    )
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise BrokerError("Kafka's storage tool does not end", where=str(data)) from error
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise BrokerError(
            f"Kafka's storage cannot be formatted: {said[-1] if said else f'exit code {done.returncode}'}",
            where=str(data),
            remedy="Check that the directory can be written and the disk has room",
        )
    # A directory of that name without meta.properties holds nothing that a node could start from.
    shutil.rmtree(data, ignore_errors=True)
    fresh.replace(data)
    config.unlink()


def _new_cluster_id() -> str:
    while True:
        made = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode("ascii").rstrip("=")
        # The tool would take it for an option.
        if not made.startswith("-"):
            return made
