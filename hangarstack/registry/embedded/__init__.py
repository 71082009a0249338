"""The embedded registry: Confluent's REST API for Avro over one SQLite file."""
