"""Exporters: they copy the subjects of this registry to another one, as Confluent's Schema Linking does."""
