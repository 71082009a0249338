"""Credentials among a KEK's properties: left out of answers, kept through changes."""

from __future__ import annotations

from hangarstack.registry.embedded.keys.credentials import with_those_of, without_credentials


def test_credentials_are_left_out_and_all_else_is_told() -> None:
    told = {"region": "eu", "encrypt.alternate.kms.key.ids": "a,b", "client.id": "me"}
    hidden = ("secret", "old.secrets", "token.id", "approle.secret.id", "ssl.keystore.password")
    clouds = ("secret.access.key", "client.secret", "private.key")
    assert without_credentials({**told, **dict.fromkeys([*hidden, *clouds], "x")}) == told


def test_properties_that_are_sent_back_as_they_were_read_keep_the_credentials() -> None:
    held = {"region": "eu", "secret": "s", "token.id": "t"}
    assert with_those_of(held, {"region": "us"}) == {"region": "us", "secret": "s", "token.id": "t"}
    assert with_those_of(held, {"secret": "[hidden]", "token.id": "new"}) == {"secret": "s", "token.id": "new"}
