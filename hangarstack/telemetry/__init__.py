"""Structured logs, metric definitions, and the health and metrics endpoint of a process."""
