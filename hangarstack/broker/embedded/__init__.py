"""The brokers that need nothing installed: Apache Kafka on a Java runtime from a wheel, and one in memory."""
