"""What Alembic runs to migrate: on the connection, and in the transaction, that its caller has open."""

from __future__ import annotations

from alembic import context

VERSION_TABLE = "labelqa_version"  # a name of our own: another program in the same database may use Alembic too


def run() -> None:
    """Run the scripts from the database's revision to the one asked for."""
    context.configure(connection=context.config.attributes["connection"], version_table=VERSION_TABLE)
    with context.begin_transaction():
        context.run_migrations()


if __name__ == "env_py":  # the name under which Alembic runs this file
    run()
