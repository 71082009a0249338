"""Rules on old versions read by new ones: examples are decoded, and what cannot be is lifted by a function."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from hangarstack.contracts.jsonencoding import problems
from hangarstack.contracts.lint.finding import Place
from hangarstack.contracts.majors import confused
from hangarstack.contracts.model import Contract, Version
from hangarstack.contracts.problem import Problem


def examples_decode(contract: Contract) -> Iterator[Place]:
    """Every example is read by its own version, and by what the level makes read it and no waiver excuses."""
    for index, version in enumerate(contract.versions):
        later = contract.versions[index + 1 :]
        if not contract.compatibility.reads_old:
            later = ()
        elif not contract.compatibility.transitive:
            later = later[:1]
        # What an upcaster lifts is tried on the generated code, by `contracts generate --check`.
        resolved = [each for each in later if contract.lifting(reader=each.number, writer=version.number) is None]
        yield from _read_by(contract, version, [version, *resolved])


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


def _read_by(contract: Contract, version: Version, readers: Sequence[Version]) -> Iterator[Place]:
    # fastavro takes 40 ms to import, which a lint that has this rule off should not pay.
    from hangarstack.contracts.runtime_verdict.encoding import from_json
    from hangarstack.contracts.runtime_verdict.running import Run, UnreadableError

    for reader in readers:
        for example in version.examples:
            if any(problems(version.schema, example.record)):
                continue  # the rule `examples` says so
            try:
                run = Run(reader.schema, version.schema)
                run.read(run.write(from_json(version.schema, example.record)))
            except UnreadableError as error:
                breaks = _breaks(contract, reader, version)
                if breaks and all(map(_is_waived(contract), breaks)):
                    break
                # What the schemas say already needs no word of the library that tried it.
                why = breaks[0].sentence.partition(": ")[2] if breaks else _without_class(error)
                yield str(example.path), f"version {reader.number} cannot read it: {why}"


def _breaks(contract: Contract, reader: Version, writer: Version) -> list[Problem]:
    """Return why a version cannot read another, as far as their schemas say it."""
    # Only an example that cannot be read leads here, and below.
    from hangarstack.contracts.check import Judge, party

    new = party(reader)
    return [each for each in Judge(contract).against(reader, [party(writer)]) if each.side == new.label]


def _is_waived(contract: Contract) -> Callable[[Problem], bool]:
    from hangarstack.contracts.migrations.rehearsal import Permits
    from hangarstack.contracts.waivers import read_waivers, utc_today

    waivers = read_waivers(contract.directory.parents[1] / "waivers.toml")
    permits = Permits(waivers=waivers, today=utc_today())
    return lambda problem: permits.against(problem) is None


def _without_class(error: Exception) -> str:
    return str(error).removeprefix(f"{type(error.__cause__).__name__}: ")
