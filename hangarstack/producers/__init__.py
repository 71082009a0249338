"""Accepting events and delivering them: the event producer, its write-ahead spool, the outbox and its relay."""
