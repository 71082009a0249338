"""What a request says of keys.

A field that is missing, or is not what it must be, is named in the refusal; its value never is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from hangarstack.registry.embedded import names
from hangarstack.registry.embedded.keys import credentials, refusals
from hangarstack.registry.embedded.keys.dek_records import ALGORITHMS, DEFAULT_ALGORITHM, FIRST_VERSION
from hangarstack.registry.embedded.keys.kek_records import Kek
from hangarstack.registry.embedded.refusals import RefusalError, invalid_version

# Confluent's was 64 until its pull request 3614, when names made of a key's were too long.
_LONGEST_NAME: Final = 256
# Confluent bounds no other text; the longest real one is a private key among the properties.
_LONGEST_TEXT: Final = 10_000
_MOST_PROPERTIES: Final = 100
_LAST_VERSION: Final = 2**31 - 1
_CLOUDS: Final = ("aws", "azure", "gcp")


def kek_name(value: object) -> str:
    """Return a KEK's name.

    Raises:
        RefusalError: 42271 it is not letters, digits, ``_`` and ``-``, the first a letter or ``_``, 256 at most.
    """
    name = value if isinstance(value, str) else ""
    begins = name[:1].isalpha() or name[:1] == "_"
    if not begins or len(name) > _LONGEST_NAME or not all(each.isalnum() or each in "_-" for each in name):
        raise refusals.invalid("name")
    return name


def subject(value: object) -> names.Subject:
    """Return a subject of a DEK.

    Raises:
        RefusalError: 42271 it is empty, too long, reserved or has control characters.
    """
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        raise refusals.invalid("subject")
    try:
        found = names.subject(value)
    except RefusalError as error:
        raise refusals.invalid("subject") from error
    if not found.name:
        raise refusals.invalid("subject")
    return found


def algorithm(value: object) -> str:
    """Return the algorithm of a DEK; AES256_GCM where a request names none.

    Raises:
        RefusalError: 42271 there is no such algorithm.
    """
    if value is None or value == "":
        return DEFAULT_ALGORITHM
    if not isinstance(value, str) or value not in ALGORITHMS:
        raise refusals.invalid("algorithm")
    return value


def version(body: Mapping[str, Any]) -> int:
    """Return the version of a new DEK; 1 where a request names none.

    Raises:
        RefusalError: 42202 it is no whole number from 1 to 2^31-1.
    """
    value = body.get("version")
    if value is None:
        return FIRST_VERSION
    if type(value) is not int or not FIRST_VERSION <= value <= _LAST_VERSION:
        raise invalid_version(str(value)[:40])
    return value


def new_kek(body: Mapping[str, Any]) -> Kek:
    """Read a KEK that is to be made.

    Raises:
        RefusalError: 42271.
    """
    return Kek(
        name=kek_name(body.get("name")),
        kms_key_id=_needed(body, "kmsKeyId"),
        kms_type=_kms_type(_needed(body, "kmsType")),
        kms_props=_properties(body),
        doc=text(body, "doc"),
        shared=flag(body, "shared"),
        deleted=flag(body, "deleted"),
    )


def changed_kek(body: Mapping[str, Any], held: Kek) -> Kek:
    """Return a KEK as a request wants it changed: what it does not name stays, an explicit null clears.

    Raises:
        RefusalError: 42271.
    """
    changed = held
    if "kmsProps" in body:
        given = _properties(body)
        kept = given if body["kmsProps"] is None else credentials.with_those_of(held.kms_props, given)
        changed = replace(changed, kms_props=kept)
    if "doc" in body:
        changed = replace(changed, doc=text(body, "doc"))
    if "shared" in body:
        changed = replace(changed, shared=flag(body, "shared"))
    return changed


def text(body: Mapping[str, Any], name: str) -> str | None:
    """Return a text of a request, or None.

    Raises:
        RefusalError: 42271 it is something else, or too long.
    """
    value = body.get(name)
    if value is not None and (not isinstance(value, str) or len(value) > _LONGEST_TEXT):
        raise refusals.invalid(name)
    return value


def flag(body: Mapping[str, Any], name: str) -> bool:
    """Return a truth value of a request, false when it is missing.

    Raises:
        RefusalError: 42271 it is something else.
    """
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise refusals.invalid(name)
    return bool(value)


def _needed(body: Mapping[str, Any], name: str) -> str:
    found = text(body, name)
    if not found:
        raise refusals.invalid(name)
    return found


def _kms_type(given: str) -> str:
    cloud = next((each for each in _CLOUDS if given.lower().startswith(each)), None)
    return given if cloud is None else f"{cloud}-kms"


def _properties(body: Mapping[str, Any]) -> dict[str, str]:
    value = body.get("kmsProps")
    if value is None:
        return {}
    if not isinstance(value, dict) or len(value) > _MOST_PROPERTIES:
        raise refusals.invalid("kmsProps")
    for name, each in value.items():
        if not isinstance(each, str) or max(len(name), len(each)) > _LONGEST_TEXT:
            raise refusals.invalid("kmsProps")
    return dict(sorted(value.items()))
