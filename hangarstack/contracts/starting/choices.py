"""What differs between the trees that are begun."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

UNKNOWN_REPOSITORY: Final = "OWNER/hangarstack"
UNKNOWN_REF: Final = "REF"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What differs from tree to tree.

    Args:
        package: dotted name of the package that the generated code shall be.
        repository: where HangarStack's workflow and hooks are on GitHub, as ``OWNER/NAME``; empty: unknown.
        ref: the tag or commit of it; empty: unknown.
        ci: whether to write the workflow and the hooks' configuration.
    """

    package: str
    repository: str
    ref: str
    ci: bool = True

    @property
    def unset(self) -> tuple[str, ...]:
        """What the user must put into the files of CI, in words."""
        return (
            *(() if self.repository else ("OWNER, the account on GitHub that holds HangarStack",)),
            *(() if self.ref else (f"{UNKNOWN_REF}, the commit or tag of HangarStack to use",)),
        )
