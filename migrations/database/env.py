"""Alembic's environment: runs one owner's revisions on the connection that ``hangarstack.store.migrations`` opened.

Each owner has a directory of revisions in ``versions/`` and, in its own SQLite file or PostgreSQL schema, a
table ``alembic_version``. A revision's id is the name of its file.
"""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
