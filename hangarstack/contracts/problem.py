"""What a check of contracts finds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One reason for which a check fails, or of which it warns.

    Args:
        kind: Avro's name of an incompatibility, the name of what was done to a released version, or ``RUNTIME_`` and
            how a reader goes wrong.
        contract: the event's class, or the directory when nothing else is known of it.
        version: the version that is to blame; 0 when it is the contract as a whole.
        file: the file to look at, of this tree; it may be gone.
        path: JSON pointer to the place, into the schema that ``side`` names; empty for the whole of it.
        side: the schema that the path leads into, such as ``v3`` or ``v2 at git:main``; empty without a path.
        sentence: what is wrong, in plain words.
        fix: what to do instead.
    """

    kind: str
    contract: str
    version: int
    file: Path
    sentence: str
    fix: str
    path: str = ""
    side: str = ""

    @property
    def in_file(self) -> bool:
        """Whether the path leads into the file itself."""
        return bool(self.path) and self.side == f"v{self.version}"
