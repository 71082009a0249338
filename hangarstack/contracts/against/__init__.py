"""The contracts of a tree held against what was released: the lock, a git ref, a directory, a registry."""
