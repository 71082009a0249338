"""A document whose fenced commands are run as they stand, each terminal of it a shell of its own.

The word after the language of a fence says what it is: ``sh`` is run, and must end with 0 unless ``exit=N``;
``sh terminal=NAME`` runs until the end, in the background; ``text`` is what the commands before it must have printed,
among other lines, and ``text terminal=NAME`` what that terminal must print within some seconds.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

_FENCE: Final = re.compile(r"^```(sh|text)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PATIENCE_S: Final = 30.0
"""Seconds that something may take to be printed, or a terminal to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One fence: ``sh`` or ``text``, its words, its lines, and where it begins."""

    language: str
    words: Mapping[str, str]
    text: str
    line: int


def blocks(document: str) -> list[Block]:
    """Return the fences of a document, in order."""
    return [
        Block(
            language=found[1],
            words=dict(word.split("=", 1) for word in found[2].split()),
            text=found[3],
            line=document.count("\n", 0, found.start()) + 1,
        )
        for found in _FENCE.finditer(document)
    ]


class Reader:
    """Somebody who types what a document says; a context manager that ends every terminal.

    What one fence exports, and the directory that it leaves, is where the next one begins, as in one shell.

    Args:
        folder: where the first terminal begins.
        environment: of every terminal, beside the test's own.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        outer = {name: value for name, value in os.environ.items() if not name.startswith("HANGARSTACK_")}
        self._environment = outer | dict(environment)
        self._folder = folder
        self._beside = folder.with_name(f"{folder.name}.terminals")
        self._printed = ""
        self._terminals: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        """Sit down."""
        self._beside.mkdir()
        (self._beside / "state").write_text(f"cd {shlex.quote(str(self._folder))}\n")
        return self

    def __exit__(self, *_: object) -> None:
        """Press Ctrl-C in every terminal, the last one first; kill what does not end within a while."""
        for terminal in reversed(self._terminals.values()):
            os.killpg(terminal.pid, signal.SIGINT)
            try:
                terminal.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                os.killpg(terminal.pid, signal.SIGKILL)
                terminal.wait()

    def read(self, block: Block) -> None:
        """Do what a fence says, or see that what it shows was printed."""
        terminal = block.words.get("terminal")
        if block.language == "text":
            self._expect(block, terminal)
        elif terminal:
            self._open(terminal, block.text)
        else:
            self._type(block)

    def _type(self, block: Block) -> None:
        state = shlex.quote(str(self._beside / "state"))
        keep = f"trap '{{ export -p; echo cd \\\"$PWD\\\"; }} > {state}' EXIT"
        done = subprocess.run(
            ["/bin/bash", "-c", f". {state}\n{keep}\nset -e\n{block.text}"],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=2 * PATIENCE_S,
            text=True,
            check=False,
        )
        self._printed = done.stdout
        assert done.returncode == int(block.words.get("exit", "0")), f"line {block.line}: {done.stdout}"

    def _open(self, terminal: str, text: str) -> None:
        # It begins where the document has come to, without what was exported since: a new terminal knows nothing of it.
        folder = shlex.split((self._beside / "state").read_text().splitlines()[-1])[1]
        with self._output(terminal).open("wb") as output:
            self._terminals[terminal] = subprocess.Popen(
                ["/bin/bash", "-c", text],
                cwd=folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _expect(self, block: Block, terminal: str | None) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            printed = self._output(terminal).read_text() if terminal else self._printed
            missing = [line for line in block.text.splitlines() if line not in printed]
            if not missing:
                return
            ended = terminal is None or self._terminals[terminal].poll() is not None
            if ended or time.monotonic() > deadline:
                raise AssertionError(f"line {block.line}: no {missing} in\n{printed}")
            time.sleep(0.05)

    def _output(self, terminal: str) -> Path:
        return self._beside / f"{terminal}.out"
