"""Ordered schema migrations: what a registry must hold, and how it gets there."""
