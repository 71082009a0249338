"""The schema registry: its client, the ids that events carry, and the embedded server."""
