"""local-kms as the registry calls it, held against Google's Tink and the driver of Confluent's client."""

from __future__ import annotations

import base64

import pytest
from confluent_kafka.schema_registry.rules.encryption.dek_registry.dek_registry_client import DekAlgorithm
from confluent_kafka.schema_registry.rules.encryption.encrypt_executor import Cryptor
from confluent_kafka.schema_registry.rules.encryption.localkms.local_client import LocalKmsClient

from hangarstack.registry.embedded.keys.kek_records import Kek
from hangarstack.registry.embedded.keys.kms import Kms, new_key
from hangarstack.registry.embedded.refusals import RefusalError
from hangarstack.settings import Secret

KMS = Kms(Secret("of the server"))


def kek(kms_type: str = "local-kms", **kms_props: str) -> Kek:
    return Kek(name="k", kms_type=kms_type, kms_key_id="id", kms_props=kms_props, doc=None, shared=True, deleted=False)


def encrypting(service: Kms, key: Kek) -> RefusalError:
    with pytest.raises(RefusalError) as error:
        service.encrypt(key, b"raw", subject="s-value")
    return error.value


@pytest.mark.parametrize(("props", "secret"), [({}, "of the server"), ({"secret": "of the key"}, "of the key")])
def test_what_the_registry_encrypts_the_client_decrypts_and_the_other_way_round(
    props: dict[str, str], secret: str
) -> None:
    theirs = LocalKmsClient(secret).get_aead("local-kms://id")
    mine = KMS.encrypt(kek(**props), b"raw", subject="s-value")
    assert theirs.decrypt(base64.b64decode(mine), b"") == b"raw"
    sealed = base64.b64encode(theirs.encrypt(b"raw", b"")).decode()
    assert KMS.decrypt(kek(**props), sealed, subject="s-value") == b"raw"


@pytest.mark.parametrize("algorithm", ["AES128_GCM", "AES256_GCM", "AES256_SIV"])
def test_a_new_key_is_one_that_clients_encrypt_fields_with(algorithm: str) -> None:
    cryptor = Cryptor(DekAlgorithm(algorithm))
    key = new_key(algorithm)
    assert len(key) == len(cryptor.generate_key())
    assert cryptor.decrypt(key, cryptor.encrypt(key, b"field", b""), b"") == b"field"
    assert new_key(algorithm) != key


def test_another_kms_is_one_that_the_registry_cannot_call() -> None:
    error = encrypting(KMS, kek("aws-kms"))
    assert (error.status, error.code) == (500, 50070)
    assert error.what == "Could not generate encrypted dek for s-value: No KMS driver supports: aws-kms://id"


def test_without_a_secret_there_is_no_key() -> None:
    error = encrypting(Kms(Secret("")), kek())
    assert (error.code, error.what) == (50070, "Could not generate encrypted dek for s-value: cannot load secret")


@pytest.mark.parametrize("material", ["", "AA==", "not base64!", base64.b64encode(bytes(60)).decode()])
def test_what_the_key_has_not_encrypted_is_refused_without_a_word_of_it(material: str) -> None:
    with pytest.raises(RefusalError) as error:
        KMS.decrypt(kek(), material, subject="s-value")
    assert (error.value.code, error.value.what) == (50070, "Could not generate raw dek for s-value: decryption failed")


def test_neither_a_key_nor_the_service_shows_a_secret() -> None:
    assert "of the" not in repr(KMS) + repr(kek(secret="of the key"))
