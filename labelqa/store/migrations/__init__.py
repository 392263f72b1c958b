"""Alembic's scripts: how a project database of any age becomes one of today."""
