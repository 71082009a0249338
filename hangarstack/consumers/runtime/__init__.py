"""The consumer runtime: effects and offsets in one transaction, retries, dead letters, rebalances."""
