"""The rule that old examples are read by new versions: each is written with its own schema and read under theirs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hangarstack.contracts.jsonencoding import problems
from hangarstack.contracts.lint.finding import Place
from hangarstack.contracts.model import Contract, Version


def examples_decode(contract: Contract) -> Iterator[Place]:
    """Every example is read by every later version that its contract's level makes read it."""
    for index, version in enumerate(contract.versions):
        later = contract.versions[index + 1 :]
        if not contract.compatibility.reads_old:
            later = ()
        elif not contract.compatibility.transitive:
            later = later[:1]
        yield from _read_by(version, later)


def _read_by(version: Version, later: Sequence[Version]) -> Iterator[Place]:
    # fastavro takes 40 ms to import, which a command that reads nothing should not pay.
    from hangarstack.contracts.runtime_verdict.encoding import from_json
    from hangarstack.contracts.runtime_verdict.running import Run, UnreadableError

    for reader in later:
        for example in version.examples:
            if any(problems(version.schema, example.record)):
                continue  # the rule `examples` says so
            try:
                run = Run(reader.schema, version.schema)
                run.read(run.write(from_json(version.schema, example.record)))
            except UnreadableError as error:
                yield str(example.path), f"version {reader.number} cannot read it: {error}"
