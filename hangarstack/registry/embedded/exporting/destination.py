"""The ``config`` of an exporter: where it copies to, as whom, and what of that is shown.

Source: Confluent's Schema Linking, "Configuration options", and the settings of its registry client,
https://docs.confluent.io/platform/current/schema-registry/sr-client-configs.html
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Self, TypeAlias
from urllib.parse import unquote, urlsplit

from hangarstack.registry.address import without_credentials
from hangarstack.registry.embedded.exporting import refused
from hangarstack.registry.rest import RestClient
from hangarstack.settings import Secret, Settings

Config: TypeAlias = Mapping[str, str]

HIDDEN: Final = "[hidden]"
"""Stands for what is not shown, as in Confluent's command line."""

_PREFIX: Final = "schema.registry."
_URL: Final = "schema.registry.url"
_BASIC_SOURCE: Final = "basic.auth.credentials.source"
_BASIC: Final = "basic.auth.user.info"
_BEARER_SOURCE: Final = "bearer.auth.credentials.source"
_BEARER: Final = "bearer.auth.token"
_CA: Final = "ssl.truststore.location"
_CA_TYPE: Final = "ssl.truststore.type"
_USED: Final = frozenset({_BASIC_SOURCE, _BASIC, _BEARER_SOURCE, _BEARER, _CA, _CA_TYPE})
_SHOWN: Final = _USED - {_BASIC, _BEARER}
# To drop one of these without a word would be to speak less safely than was asked.
_SECURITY: Final = ("basic.", "bearer.", "ssl.", "sasl.", "proxy.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A registry to copy to.

    Args:
        url: or several with commas between.
        user: empty for none, or those in the URL.
        password: of the user.
        token: of bearer authentication; empty for none.
        ca: PEM file of certificate authorities; empty for the system's.
    """

    url: str
    user: str
    password: Secret
    token: Secret
    ca: str

    @classmethod
    def of(cls, config: Config) -> Self:
        """Read a configuration.

        Raises:
            RefusalError: 40951 the address is missing or not http(s), or security is asked for that is not there.
        """
        bare = {key.removeprefix(_PREFIX): value for key, value in config.items() if key != _URL}
        for key, value in bare.items():
            if key.startswith(_SECURITY) and key not in _USED:
                raise refused.invalid_config(f"{key} is not supported")
            if not value.isprintable():
                raise refused.invalid_config(f"{key} has a control character")
        user, password = _basic(bare)
        return cls(
            url=_url(config.get(_URL, "")),
            user=user,
            password=Secret(password),
            token=Secret(_token(bare)),
            ca=_ca(bare),
        )

    def client(self, settings: Settings) -> RestClient:
        """Return what calls it, with the time-out of the settings."""
        own = replace(
            settings,
            registry_url=self.url,
            registry_username=self.user,
            registry_password=self.password,
            registry_ca=self.ca,
        )
        return RestClient(own, token=self.token)

    def censored(self, text: str) -> str:
        """Return a text, which the destination may have had a part in, without what it should not tell."""
        for secret in sorted(self._secrets(), key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        return text

    def _secrets(self) -> set[str]:
        parts = [urlsplit(each) for each in self.url.split(",")]
        pairs = [(unquote(each.username or ""), unquote(each.password or "")) for each in parts]
        pairs.append((self.user, self.password.reveal()))
        found = {self.token.reveal()}
        for user, password in pairs:
            if user:
                found |= {password, base64.b64encode(f"{user}:{password}".encode()).decode()}
        return found - {""}


def shown(config: Config) -> dict[str, str]:
    """Return a configuration to be shown: all that is not known to be harmless is hidden."""
    return {key: _shown(key, value) for key, value in config.items()}


def filled(new: Config, held: Config) -> dict[str, str]:
    """Return a new configuration; what was sent back as it had been shown stays as it was held.

    Raises:
        RefusalError: 40951 the address is another one: who may not see a secret may not send it elsewhere either.
    """
    kept = {key: held[key] for key, value in new.items() if key in held and value == _shown(key, held[key])}
    whole = {**new, **kept}
    if any(new[key] == HIDDEN for key in kept) and whole.get(_URL) != held[_URL]:
        raise refused.invalid_config(f"what is {HIDDEN} must be stated anew for another {_URL}")
    return whole


def _shown(key: str, value: str) -> str:
    if key == _URL:
        return without_credentials(value)
    return value if key.removeprefix(_PREFIX) in _SHOWN else HIDDEN


def _url(text: str) -> str:
    for each in text.split(","):
        try:
            parts = urlsplit(each.strip())
            is_right = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        except ValueError:
            is_right = False
        is_plain = each.isascii() and each.strip().isprintable() and not set(each.strip()) & set(" ?#")
        if not is_right or not is_plain:
            raise refused.invalid_config(f"{_URL} must be an address that begins with http:// or https://")
    return text


def _basic(bare: Config) -> tuple[str, str]:
    source = bare.get(_BASIC_SOURCE, "USER_INFO" if _BASIC in bare else "URL")
    if source == "URL":
        return "", ""
    if source != "USER_INFO":
        raise refused.invalid_config(f"{_BASIC_SOURCE} must be USER_INFO or URL")
    user, colon, password = bare.get(_BASIC, "").partition(":")
    if not user or not colon:
        raise refused.invalid_config(f"{_BASIC} must be a user and a password with a colon between")
    return user, password


def _token(bare: Config) -> str:
    source = bare.get(_BEARER_SOURCE, "STATIC_TOKEN")
    token = bare.get(_BEARER, "")
    if source != "STATIC_TOKEN" or (_BEARER_SOURCE in bare and not token) or not token.isascii():
        raise refused.invalid_config(f"{_BEARER_SOURCE} must be STATIC_TOKEN, with a {_BEARER}")
    if token and _BASIC in bare:
        raise refused.invalid_config(f"{_BASIC} and {_BEARER} exclude each other")
    return token


def _ca(bare: Config) -> str:
    if _CA in bare and bare.get(_CA_TYPE) != "PEM":
        raise refused.invalid_config(f"{_CA} must be a PEM file, with {_CA_TYPE} = PEM")
    return bare.get(_CA, "")
