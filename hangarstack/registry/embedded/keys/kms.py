"""The key management service that the registry calls for shared KEKs: ``local-kms``, whose key is made of a secret.

It encrypts as the drivers of Confluent's clients do, so what one wraps the other unwraps: AES128-GCM without associated
data, the key by HKDF-SHA256 of the secret, twelve random bytes before the ciphertext.
Source: ``localkms/local_client.py`` of confluent_kafka, ``LocalKmsDriver`` and ``Cryptor`` of Confluent's registry.
"""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hangarstack.registry.embedded.keys import refusals
from hangarstack.registry.embedded.keys.credentials import OF_LOCAL_KMS
from hangarstack.registry.embedded.keys.kek_records import Kek
from hangarstack.registry.embedded.refusals import RefusalError
from hangarstack.settings import Secret

LOCAL: Final = "local-kms"

_NONCE_BYTES: Final = 12
# Tink's protobuf of a key, which is what a DEK is: the tag of the field with its bytes, then their number.
_KEY_HEADS: Final = {"AES128_GCM": b"\x1a\x10", "AES256_GCM": b"\x1a\x20", "AES256_SIV": b"\x12\x40"}


def new_key(algorithm: str) -> bytes:
    """Return a fresh DEK, as the clients' Tink spells it."""
    head = _KEY_HEADS[algorithm]
    return head + os.urandom(head[1])


@dataclass(frozen=True, slots=True)
class Kms:
    """What the registry can have encrypted.

    Args:
        secret: of ``local-kms``, for KEKs that bring none of their own; empty when there is none.
    """

    secret: Secret

    def encrypt(self, kek: Kek, raw: bytes, *, subject: str) -> str:
        """Return a DEK encrypted by a KEK, in Base64.

        Raises:
            RefusalError: 50070 the registry cannot call that KMS, or knows no secret.
        """
        cipher = self._cipher(kek, f"Could not generate encrypted dek for {subject}")
        nonce = os.urandom(_NONCE_BYTES)
        return base64.b64encode(nonce + cipher.encrypt(nonce, raw, None)).decode()

    def decrypt(self, kek: Kek, material: str, *, subject: str) -> bytes:
        """Return a DEK that a KEK has encrypted.

        Raises:
            RefusalError: 50070 the registry cannot call that KMS, knows no secret or the wrong one, or the material is
                none.
        """
        failed = f"Could not generate raw dek for {subject}"
        cipher = self._cipher(kek, failed)
        try:
            sealed = base64.b64decode(material, validate=True)
            return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
        except (ValueError, InvalidTag):
            # Without the cause, whose text might tell of the material.
            raise refusals.not_generated(f"{failed}: decryption failed") from None

    def _cipher(self, kek: Kek, failed: str) -> AESGCM:
        if kek.kms_type != LOCAL:
            raise _no_driver(kek, failed)
        secret = kek.kms_props.get(OF_LOCAL_KMS) or self.secret.reveal()
        if not secret:
            raise refusals.not_generated(f"{failed}: cannot load secret")
        key = HKDF(algorithm=SHA256(), length=16, salt=None, info=b"").derive(secret.encode())
        return AESGCM(key)


def _no_driver(kek: Kek, failed: str) -> RefusalError:
    return refusals.not_generated(f"{failed}: No KMS driver supports: {kek.kms_type}://{kek.kms_key_id}")
