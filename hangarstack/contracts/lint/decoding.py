"""Rules on old versions read by new ones: examples are decoded, and what cannot be is lifted by a function."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hangarstack.contracts.jsonencoding import problems
from hangarstack.contracts.lint.finding import Place
from hangarstack.contracts.majors import confused
from hangarstack.contracts.model import Contract, Version


def examples_decode(contract: Contract) -> Iterator[Place]:
    """Every example is read by every later version that its contract's level makes read it."""
    for index, version in enumerate(contract.versions):
        later = contract.versions[index + 1 :]
        if not contract.compatibility.reads_old:
            later = ()
        elif not contract.compatibility.transitive:
            later = later[:1]
        # What an upcaster lifts is tried on the generated code, by `contracts generate --check`.
        resolved = [each for each in later if contract.lifting(reader=each.number, writer=version.number) is None]
        yield from _read_by(version, resolved)


def upcasters(contract: Contract) -> Iterator[Place]:
    """Every upcaster is needed, and the bytes tell which records to lift."""
    if not contract.upcasters:
        return
    # As below: nearly no tree has an upcaster.
    from hangarstack.contracts.impact import read_by

    for upcaster in contract.upcasters:
        if upcaster.last >= len(contract.versions):
            continue  # reading the whole tree says so
        old, new = contract.versions[upcaster.last - 1 : upcaster.last + 1]
        reading = read_by(new, old)
        if reading.possible and not reading.misreadings:
            yield str(upcaster.path), f"v{new.number} reads v{old.number} by itself, so {upcaster.function} is idle"
    for old, new in confused(contract):
        alike = f"v{old.number} and v{new.number} differ in no name and no type"
        yield str(new.path), f"{alike}, so nothing tells which records to lift: rename the field that changed"


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
