"""Command lines for Kafka's Java programs, tuned for a small machine that also does other work."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hangarstack.broker.embedded.java import Java

FLAGS: Final = (
    "-Xms24m",
    "-Xmx192m",
    "-Xss512k",
    "-XX:+UseSerialGC",
    # The second compiler would cost memory and start-up time for throughput that one machine does not ask for.
    "-XX:TieredStopAtLevel=1",
    "-Djava.awt.headless=true",
)
_FLAGS_25: Final = (
    "-XX:+UseCompactObjectHeaders",
    # Kafka and lz4 use what a later Java takes away; their warnings tell our reader nothing.
    "--sun-misc-unsafe-memory-access=allow",
    "--enable-native-access=ALL-UNNAMED",
    "-Xlog:disable",
    "-Xlog:all=error:stderr",
)
_FIRST_WITH_ARCHIVE: Final = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Jvm:
    """A Java with Kafka's jars.

    Args:
        java: the executable.
        jars: the class path, in order.
        archive: classes and code prepared by an earlier run, for a fast start; None without.
    """

    java: Java
    jars: Sequence[Path]
    archive: Path | None = None

    @property
    def flags(self) -> tuple[str, ...]:
        """The flags that every program gets; an archive fits only the flags it was made with."""
        return FLAGS + (_FLAGS_25 if self.java.major >= _FIRST_WITH_ARCHIVE else ())

    @property
    def can_archive(self) -> bool:
        """Tell whether this Java can write an archive in one run."""
        return self.java.major >= _FIRST_WITH_ARCHIVE

    def command(self, main: str, *arguments: str, options: Sequence[str] = ()) -> list[str]:
        """Return the command line that runs a main class.

        Args:
            main: the class.
            arguments: its arguments.
            options: more options for Java itself.
        """
        archive = [f"-XX:AOTCache={self.archive}"] if self.archive is not None else []
        path = os.pathsep.join(str(jar) for jar in self.jars)
        return [str(self.java.path), *self.flags, *archive, *options, "-cp", path, main, *arguments]
