"""The DEK registry: the keys that field-level encryption needs, kept beside the schemas.

A data encryption key (DEK) encrypts the fields of one subject. It is kept encrypted by a key encryption key (KEK),
which never leaves a key management service (KMS). What is answered, and how, follows Confluent's registry: its OpenAPI
document ``dek-registry-api-spec.yaml``, and ``DekRegistryResource``, ``AbstractDekRegistry`` and ``DekRegistryErrors``
of github.com/confluentinc/schema-registry (``dek-registry/``, state of 2026).
"""
