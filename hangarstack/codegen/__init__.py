"""From contracts to Python: a typed class for each event, and the code that encodes and decodes it."""

from hangarstack.codegen.files import check, write
from hangarstack.codegen.package import generate

__all__ = ["check", "generate", "write"]
