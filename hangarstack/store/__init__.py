"""Database engines: one SQLite file or one PostgreSQL schema per owner, and their migrations."""
