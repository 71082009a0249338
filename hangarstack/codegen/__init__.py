"""From contracts to Python: a typed class for each event, and the code that encodes and decodes it."""

from hangarstack.codegen.files import check, generated_packages, write
from hangarstack.codegen.package import generate
from hangarstack.codegen.trying import try_upcasters

__all__ = ["check", "generate", "generated_packages", "try_upcasters", "write"]
