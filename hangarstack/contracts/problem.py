"""What a check of contracts finds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

_RUNTIME_VERBS: Final = {
    "RUNTIME_LOST_SYMBOL": "would lose it",
    "RUNTIME_NOT_TRIED": "may get it wrong",
    "RUNTIME_REFUSED_SCHEMA": "read it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One reason for which a check fails, or of which it warns.

    Args:
        kind: Avro's name of an incompatibility, the name of what was done to a released version, or ``RUNTIME_`` and
            how a reader goes wrong.
        contract: the event's class, or the directory when nothing else is known of it.
        version: the version that is to blame; 0 when it is the contract as a whole.
        file: the file to look at, of this tree; it may be gone.
        old_reader: number of the earlier version that cannot read this one; 0 when it is this one that reads.
        path: JSON pointer to the place, into the schema that ``side`` names; empty for the whole of it.
        avro_path: the same as Avro gives it, which counts branches of the writer's unions; a waiver may name it, too.
        side: the schema that the path leads into, such as ``v3`` or ``v2 at git:main``; empty without a path.
        sentence: what is wrong, in plain words.
        fix: what to do instead.
        reader: number of the version that cannot read, or reads wrong; 0 where that is none of the tree's.
        field: dotted path of the field that is read wrong; empty where it is the whole record.
        who: consumers that it hits, as far as they are known.
        to: what was put in the place of what was released, which a waiver must name; empty where there is no choice.
        near: JSON pointer into the file, which may be TOML, to what is to be looked at when ``path`` leads elsewhere.
        earlier: label of the earlier version that it is about, as the sentence names it; empty when it is about none.
        line: of the file, where it is known without looking; 0 when it is not.
    """

    kind: str
    contract: str
    version: int
    file: Path
    sentence: str
    fix: str
    old_reader: int = 0
    path: str = ""
    avro_path: str = ""
    side: str = ""
    to: str = ""
    near: str = ""
    line: int = 0
    earlier: str = ""
    reader: int = 0
    field: str = ""
    who: tuple[str, ...] = ()

    @property
    def in_file(self) -> bool:
        """Whether the path leads into the file itself."""
        return bool(self.path) and self.side == f"v{self.version}"

    @property
    def place_in_file(self) -> str:
        """JSON pointer to what is to be looked at in the file; empty for the whole of it."""
        return self.path if self.in_file else self.near

    @property
    def title(self) -> str:
        """What it is, in few words; what they name, a waiver must name, too."""
        return f"{self.kind} to {self.to}" if self.to else self.kind

    @property
    def hits(self) -> str:
        """Whom it hits and how, in one line; empty when nobody is known."""
        if not self.who:
            return ""
        more = f" (`hangarstack contracts impact {self.contract} --to {self.version}`)" if self.side else ""
        return f"who: {', '.join(self.who)} {self._verb}{more}"

    @property
    def _verb(self) -> str:
        if self.kind.startswith("RUNTIME_"):
            return _RUNTIME_VERBS.get(self.kind, "would get it wrong")
        return "would break" if self.side else "read it"
