"""Consumers: the runtime that keeps the delivery rules, and the services that fill the read models."""
