from __future__ import annotations

from hangarstack.errors import RegistryUnavailableError, SchemaNotFoundError
from hangarstack.registry.answers import error_of, unreachable

_PAGE = "Unknown Schema Registry Error: b'<!DOCTYPE HTML>\\n<html>'"


def test_a_page_of_some_other_server_is_told_in_words_of_ours() -> None:
    error = error_of(404, _PAGE, where="http://127.0.0.1:1/subjects")
    assert not isinstance(error, SchemaNotFoundError)
    assert "no schema registry's answer" in str(error)
    assert "HANGARSTACK_REGISTRY_URL" in error.remedy
    assert "DOCTYPE" not in str(error)


def test_a_page_of_a_failing_proxy_is_an_outage() -> None:
    error = error_of(502, _PAGE, where="http://127.0.0.1:1/subjects")
    assert isinstance(error, RegistryUnavailableError)
    assert "DOCTYPE" not in str(error)


def test_who_reaches_no_registry_is_told_how_to_start_one() -> None:
    assert "`hangarstack registry serve`" in unreachable("refused", where="http://127.0.0.1:1").remedy
