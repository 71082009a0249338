"""The rule on what consumers declare in ``contract.toml`` that they read."""

from __future__ import annotations

from collections.abc import Iterator

from hangarstack.contracts.declared import Declared
from hangarstack.contracts.lint.finding import Place
from hangarstack.contracts.model import Contract


def declared_reads(contract: Contract) -> Iterator[Place]:
    """What a consumer declares that it reads is there: the consumer, the version and the fields."""
    for declared in contract.reads:
        where = f"{contract.directory / 'contract.toml'}: reads: {declared.consumer}"
        for sentence in _wrong(contract, declared):
            yield where, sentence


def _wrong(contract: Contract, declared: Declared) -> Iterator[str]:
    # It brings fastavro, which takes 40 ms to import; nearly no tree declares anything here.
    from hangarstack.contracts.impact.paths import Paths

    if declared.consumer not in contract.consumers:
        yield f"{declared.consumer} is not among the consumers"
    if declared.version > len(contract.versions):
        yield f"there is no version {declared.version}"
        return
    schema = contract.versions[declared.version - 1].schema
    paths = Paths(schema, schema)
    for path in declared.fields:
        if not paths.places(path):
            yield f"v{declared.version} has no field {path}"
