from __future__ import annotations

import io
import json

import fastavro

from hangarstack.deadletters.schemas import explain
from hangarstack.events.runtime.wire import frame
from hangarstack.registry.ids import LatestSchema
from tests.unit.deadletters.fakes import FakeSchemas, letter

SCHEMA = {"type": "record", "name": "Thing", "fields": [{"name": "name", "type": "string"}]}
NEWER = {**SCHEMA, "doc": "A thing."}


def schemas() -> FakeSchemas:
    known = FakeSchemas()
    known.texts[7] = json.dumps(SCHEMA)
    known.newest = LatestSchema(9, 2, json.dumps(NEWER))
    return known


def thing(name: str) -> bytes:
    out = io.BytesIO()
    fastavro.schemaless_writer(out, SCHEMA, {"name": name})
    return frame(7, out.getvalue())


def test_a_record_is_decoded_by_its_writers_schema_beside_the_current_one() -> None:
    said = explain(letter(0, value=thing("fulcrum")), schemas())
    assert json.loads(said.decoded) == {"name": "fulcrum"}
    assert (json.loads(said.writer), json.loads(said.current)) == (SCHEMA, NEWER)
    assert (said.current_id, said.current_version, said.undecodable, said.hexdump) == (9, 2, "", "")


def test_a_record_that_cannot_be_decoded_is_shown_as_bytes_with_the_field_that_is_wrong() -> None:
    said = explain(letter(0, value=thing("fulcrum")[:-3]), schemas())
    assert said.decoded == ""
    assert "things.name" in said.undecodable
    assert said.hexdump == "00000000  00 00 00 00 07 0e 66 75 6c 63                    ......fulc"
    assert json.loads(said.writer) == SCHEMA


def test_a_record_without_a_frame_or_a_value_is_shown_all_the_same() -> None:
    assert "not 0" in explain(letter(0, value=b"garbage"), schemas()).undecodable
    empty = explain(letter(0, value=None), schemas())
    assert (empty.undecodable, empty.hexdump) == ("the record has no value", "")


def test_a_record_that_was_too_large_for_its_letter_is_said_to_be_where_it_came_from() -> None:
    said = explain(letter(0, value=None, left_out_bytes=b"3000000", partition=b"2", offset=b"70"), schemas())
    assert "3000000 bytes are too large for a dead letter" in said.undecodable
    assert "things[2]@70" in said.undecodable
    assert said.hexdump == ""


def test_without_the_registry_the_bytes_are_shown() -> None:
    said = explain(letter(0, value=thing("fulcrum")), FakeSchemas())
    assert "there is no schema 7" in said.undecodable
    assert "there is no such subject" in said.registry
    assert said.hexdump


def test_a_large_record_is_shown_in_part() -> None:
    said = explain(letter(0, value=b"x" * 100_000), schemas())
    assert said.hexdump.splitlines()[-1] == "… 95904 bytes more"
    assert len(said.hexdump) < 25_000
