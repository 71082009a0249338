from __future__ import annotations

import pytest

from hangarstack.errors import EncodeError, WireFormatError
from hangarstack.events.runtime import frame, unframe


def test_a_framed_body_begins_with_zero_and_the_schema_id_in_four_bytes() -> None:
    assert frame(258, b"body") == b"\0\0\0\1\2body"


@pytest.mark.parametrize("schema_id", [0, 1, 2**31, 2**32 - 1])
def test_unframe_undoes_frame(schema_id: int) -> None:
    assert unframe(frame(schema_id, b"body")) == (schema_id, b"body")


@pytest.mark.parametrize("schema_id", [-1, 2**32])
def test_a_schema_id_that_does_not_fit_is_refused(schema_id: int) -> None:
    with pytest.raises(EncodeError, match="four bytes"):
        frame(schema_id, b"")


@pytest.mark.parametrize("value", [b"", b"\0\0\0\0", b"\1\0\0\0\1x", b"{json}"])
def test_a_value_without_the_frame_is_refused(value: bytes) -> None:
    with pytest.raises(WireFormatError):
        unframe(value)
