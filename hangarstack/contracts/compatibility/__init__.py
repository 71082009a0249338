"""Whether readers can read what writers write: for a pair of schemas, and for a subject's level."""

from hangarstack.contracts.compatibility.checker import check, check_reader_writer
from hangarstack.contracts.compatibility.kinds import IncompatibilityType
from hangarstack.contracts.compatibility.levels import Level, Previous, check_level, messages
from hangarstack.contracts.compatibility.verdict import Incompatibility, Verdict

__all__ = [
    "Incompatibility",
    "IncompatibilityType",
    "Level",
    "Previous",
    "Verdict",
    "check",
    "check_level",
    "check_reader_writer",
    "messages",
]
