from __future__ import annotations

import pytest

from hangarstack.errors import RegistryUnavailableError, SchemaNotFoundError
from hangarstack.registry.answers import error_of, unreachable

_PAGE = b"<!DOCTYPE HTML>\n<html>" + 100 * b"<p>"


def test_a_page_of_some_other_server_is_told_in_words_of_ours() -> None:
    error = error_of(404, _PAGE, where="http://127.0.0.1:1/subjects")
    assert not isinstance(error, SchemaNotFoundError)
    assert (
        "not what a schema registry gives, it is 404 and not an error of one: '<!DOCTYPE HTML>\\n<html>" in error.what
    )
    assert error.what.endswith("…'")
    assert len(error.what) < 200
    assert "HANGARSTACK_REGISTRY_URL" in error.remedy


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{}", b'{"message": "no Route matched"}', b"[" * 100_000])
def test_what_no_registry_says_is_not_a_schema_that_is_not_there(body: bytes) -> None:
    assert not isinstance(error_of(404, body, where="http://127.0.0.1:1/subjects"), SchemaNotFoundError)


def test_a_registry_that_knows_no_such_subject_says_so_itself() -> None:
    error = error_of(404, b'{"error_code": 40401, "message": "Subject not found."}', where="http://127.0.0.1:1")
    assert isinstance(error, SchemaNotFoundError)
    assert error.what == "Subject not found."


def test_a_page_that_asks_for_a_password_names_the_settings() -> None:
    assert "HANGARSTACK_REGISTRY_PASSWORD" in error_of(401, _PAGE, where="http://127.0.0.1:1/subjects").remedy


def test_a_page_of_a_failing_proxy_is_an_outage() -> None:
    error = error_of(502, _PAGE, where="http://127.0.0.1:1/subjects")
    assert isinstance(error, RegistryUnavailableError)
    assert "DOCTYPE" not in str(error)


def test_who_reaches_no_registry_is_told_how_to_start_one() -> None:
    assert "`hangarstack registry serve`" in unreachable("refused", where="http://127.0.0.1:1").remedy
