"""Kafka: client configuration, topics, cluster identity, and the brokers that `up` can run itself."""
