from __future__ import annotations

import errno
import threading
from dataclasses import replace

import pytest

from hangarstack.errors import DecodeError, RegistryError, RegistryUnavailableError, SettingsError
from hangarstack.events.runtime.wire import frame
from hangarstack.registry.aside import AskedAside
from hangarstack.registry.serde import EventDecoder
from tests.support.consumers import Thing, codec

VALUE = frame(7, b"body")


class Texts:
    """A registry that is in trouble first, then answers."""

    def __init__(self, error: Exception) -> None:
        self.error: Exception | None = error

    def schema_of(self, schema_id: int) -> str:
        assert schema_id == 7
        if self.error is not None:
            raise self.error
        return '"string"'


def decoder_of(texts: Texts | AskedAside) -> EventDecoder:
    return EventDecoder([replace(codec("things"), decoders={1: lambda _: Thing(name="a")})], texts)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (SettingsError("the CA file cannot be read"), "the CA file cannot be read"),
        (RuntimeError("can't start new thread"), "can't start new thread"),
        (OSError(errno.EMFILE, "Too many open files"), "Too many open files"),
        (MemoryError(), "MemoryError"),
    ],
    ids=repr,
)
def test_a_schema_that_cannot_be_asked_for_is_waited_for_whatever_the_reason(error: Exception, words: str) -> None:
    texts = Texts(error)
    decoder = decoder_of(texts)
    with pytest.raises(RegistryUnavailableError, match=words):
        decoder.decode("things", VALUE)
    texts.error = None
    assert decoder.decode("things", VALUE).name == "a"


@pytest.mark.parametrize("error", [DecodeError("the schema is PROTOBUF"), RegistryError("401")], ids=repr)
def test_what_is_said_of_a_schema_stays_what_it_is(error: Exception) -> None:
    with pytest.raises(type(error)) as caught:
        decoder_of(Texts(error)).decode("things", VALUE)
    assert caught.value is error


def test_a_schema_is_waited_for_while_no_thread_can_be_had_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)
    with pytest.raises(RegistryUnavailableError, match="can't start new thread"):
        decoder_of(AskedAside(Texts(ValueError()))).decode("things", VALUE)
