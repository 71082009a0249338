"""HangarStack: a contract-first event platform, and the aircraft encyclopaedia that runs on it."""

__version__ = "0.1.0"
