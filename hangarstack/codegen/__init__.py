"""From contracts to Python: a typed class for each event, and the code that encodes and decodes it."""

from hangarstack.codegen.files import check, write
from hangarstack.codegen.package import generate
from hangarstack.codegen.trying import try_upcasters

__all__ = ["check", "generate", "try_upcasters", "write"]
