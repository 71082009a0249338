"""The runtime verdict: records are written with one schema, read under the other, and compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from hangarstack.contracts.resolution.javadefaults import excess
from hangarstack.contracts.runtime_verdict.branches import Branches, named_types
from hangarstack.contracts.runtime_verdict.comparing import Comparison, Difference, Kind, Steps
from hangarstack.contracts.runtime_verdict.encoding import field_path, json_encoded
from hangarstack.contracts.runtime_verdict.extent import DEEPEST, size, too_deep
from hangarstack.contracts.runtime_verdict.landing import misplaced
from hangarstack.contracts.runtime_verdict.meetings import TooManyPairsError, meetings
from hangarstack.contracts.runtime_verdict.parsing import refused
from hangarstack.contracts.runtime_verdict.records import Records, TooLargeError, part, parts
from hangarstack.contracts.runtime_verdict.running import Run, UnreadableError, said
from hangarstack.contracts.runtime_verdict.verdict import Misreading, RuntimeVerdict, Witness
from hangarstack.contracts.schema import Enum, Fixed, Primitive, Record, Schema, parse_schema
from hangarstack.contracts.schema.jsontext import write_json
from hangarstack.errors import SchemaTooLargeError

_MOST_RECORDS: Final = 500
_MOST_PARTS: Final = 500
"""Parts of one record that are tried alone."""
_MOST_WORK: Final = 2_000_000
"""Fields and types of both schemas, times the records that are tried: a few seconds."""
_MOST_READS: Final = 50_000
"""Records and parts of records that are read; as above."""
_MOST_MADE: Final = 500_000
"""Parts of all records: a type that is used in many places stands once in its schema, and at each place in a record."""
_MOST_DEFAULTS: Final = 50_000
"""Values that the reader's defaults stand for, each of which is compared with what is read for it: a second."""
_TOO_MANY_PAIRS: Final = "more pairs of types meet than are looked at"
_LONGEST_VALUE: Final = 1_000
"""Characters of a value that a witness names; a fixed may have a million bytes."""


class _EnoughError(Exception):
    """So much was read that the rest stays untried."""


def judge_runtime(reader: object, writer: object) -> RuntimeVerdict:
    """Write records and read them.

    Args:
        reader: the reader's schema, parsed JSON.
        writer: the writer's schema, parsed JSON.

    Raises:
        InvalidSchemaError: one of them is no schema.
    """
    written, read = parse_schema(writer, side="writer"), parse_schema(reader, side="reader")
    texts = write_json(reader), write_json(writer)
    # By their texts: Python finds ``true`` equal to ``1``, and does not compare what nests a thousand levels.
    verdict = judge(written if texts[0] == texts[1] else read, written)
    unparsed = refused(*texts)
    return replace(verdict, misreadings=(*unparsed, *verdict.misreadings))


def judge(reader: Schema, writer: Schema) -> RuntimeVerdict:
    """Judge two parsed schemas, which their texts may forbid (``refused``); see ``judge_runtime``.

    One object for both is a reader with the writer's own schema.
    """
    if too_deep(reader) or too_deep(writer):
        return _untried(f"types are nested more than {DEEPEST} levels deep")
    if excess((each for each in named_types(reader) if isinstance(each, Record)), _MOST_DEFAULTS) is not None:
        return _untried(f"the reader's defaults have more than {_MOST_DEFAULTS} values")
    records = Records(writer)
    if not records.possible:
        return RuntimeVerdict(misreadings=(), tried=0)
    return _Judge(reader, writer, records).verdict()


class _Judge:
    def __init__(self, reader: Schema, writer: Schema, records: Records) -> None:
        self._reader = reader
        self._writer = writer
        self._records = records
        self._most = max(10, _MOST_WORK // (size(reader) + size(writer)))
        self._found: dict[tuple[Kind, str], Misreading] = {}
        self._tried = 0
        self._branches = Branches()
        self._tried_alone: set[tuple[Steps, Any]] = set()
        self._reads_left = min(_MOST_READS, 3 * self._most)

    def verdict(self) -> RuntimeVerdict:
        try:
            self._run = Run(self._reader, self._writer)
            self._comparison = Comparison(self._branches, resolved=self._run.resolves)
            self._try_all()
        except UnreadableError as error:
            self._note_untried(f"fastavro does not take the schemas: {error}")
        except TooLargeError:
            self._note_untried("a record that would have to be tried is too large")
        except TooManyPairsError:
            self._note_untried(_TOO_MANY_PAIRS)
        except _EnoughError:
            self._note_untried("it would take too long to try the rest")
        except Exception as error:  # noqa: BLE001 - a schema that trips the trial may be misread: that must be said, not raised
            self._note_untried(f"the trial itself failed: {said(error)}")
        return RuntimeVerdict(misreadings=tuple(self._found.values()), tried=self._tried, made=self._records.made)

    def _try_all(self) -> None:
        smallest = self._records.make(0)
        if self._error(smallest) is not None:
            self._tried = 1
            self._note(smallest, smallest)
            return
        self._note_misplaced()
        most = min(len(self._records), _MOST_RECORDS, self._most)
        for number in range(most):
            self._try(self._records.make(number))
        if most < len(self._records):
            self._note_untried(f"only {most} of {len(self._records)} records were tried")
        self._try_missed(most)

    def _try_missed(self, most: int) -> None:
        """Try one by one what no record has brought together yet: up to so many values of each type."""
        for meeting in meetings(self._reader, self._writer, self._records, self._branches):
            for number, value in enumerate(self._values(meeting.writer)[:most]):
                met = self._comparison.has_met(meeting.writer, meeting.reader, value)
                if not met and (meeting.path, value) not in self._tried_alone:
                    self._tried += 1
                    record = self._records.along(meeting.path, number)
                    self._note(record, record, meeting.path)

    def _values(self, type_: Schema) -> Sequence[Any]:
        """Return what of a type is to be tried; of one that holds others it is enough to have been there."""
        return self._records.leaves(type_) if isinstance(type_, Primitive | Enum | Fixed) else (None,)

    def _try(self, record: Any) -> None:
        self._tried += 1
        if self._error(record) is None:
            self._note(record, record)
        else:
            self._parts(record)

    def _note_untried(self, why: str) -> None:
        self._found[Kind.NOT_TRIED, ""] = _not_tried(why)

    def _note_misplaced(self) -> None:
        try:
            for landing in misplaced(self._reader, self._writer, self._records, self._branches):
                self._add(landing.difference, landing.record)
        except SchemaTooLargeError:  # of which fastavro may still be tried
            self._note_untried(_TOO_MANY_PAIRS)

    def _parts(self, record: Any) -> None:
        """Try the parts of an unreadable record one by one."""
        paths = list(parts(record))
        most = min(_MOST_PARTS, self._most)
        for path in paths[:most]:
            self._tried_alone.add((path, part(record, path)))
            self._note(self._records.alone(record, path), record, path)
        if len(paths) > most or not self._found:
            self._note(record, record)

    def _note(self, record: Any, whole: Any, path: Steps = ()) -> None:
        for found in self._differences(record, path):
            self._add(found, whole)

    def _add(self, found: Difference, whole: Any) -> None:
        key = found.kind, field_path(self._writer, found.path)
        if key not in self._found:
            self._found[key] = self._misreading(found, whole)

    def _misreading(self, found: Difference, whole: Any) -> Misreading:
        record, shown = whole, found
        if found.path:
            alone = self._records.alone(whole, found.path)
            again = [each for each in self._differences(alone, found.path) if each.kind is found.kind]
            if again:
                record, shown = alone, again[0]
        return Misreading(
            kind=found.kind,
            path=field_path(self._writer, found.path),
            sentence=found.sentence,
            witness=Witness(
                record=json_encoded(self._writer, record),
                body=self._run.write(record),
                written=_short(shown.written),
                read=_short(shown.read),
            ),
        )

    def _differences(self, record: Any, path: Steps) -> Iterator[Difference]:
        try:
            read = self._read(record)
        except UnreadableError as error:
            yield Difference(
                kind=Kind.UNREADABLE,
                path=path,
                sentence="the reader cannot read it",
                written=_shown(record, path),
                read=str(error),
            )
            return
        yield from self._comparison.differences(self._writer, self._reader, record, read)

    def _error(self, record: Any) -> UnreadableError | None:
        try:
            self._read(record)
        except UnreadableError as error:
            return error
        return None

    def _read(self, record: Any) -> Any:
        self._reads_left -= 1
        if self._reads_left < 0 or self._records.made > _MOST_MADE:
            raise _EnoughError
        return self._run.read(self._run.write(record))


def _shown(record: Any, path: Steps) -> str:
    return repr(part(record, path)) if path else "any record"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


def _untried(why: str) -> RuntimeVerdict:
    return RuntimeVerdict(misreadings=(_not_tried(why),), tried=0)


def _not_tried(why: str) -> Misreading:
    return Misreading(kind=Kind.NOT_TRIED, path="", sentence=f"not everything was tried: {why}", witness=None)
