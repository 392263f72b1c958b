"""Opening a database of any age: empty, of an older program, of this one, of a newer one, or somebody else's."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, Engine, inspect, text

from labelqa.errors import Problem, StoreError
from labelqa.store.connect import Place, reading, writing
from labelqa.store.failures import WAIT_SECONDS, told
from labelqa.store.looks import left_behind
from labelqa.store.schema import TABLES

REVISIONS = ("0001", "0002")  # a test holds them to the scripts; Alembic is loaded only where there is work to do
HEAD = REVISIONS[-1]
VERSION_TABLE = "labelqa_version"
_ONE_AT_A_TIME = threading.Lock()  # Alembic keeps the migration that runs in global variables


def prepare(engine: Engine, place: Place, *, create: bool) -> None:
    """Bring the database to the revision of this program, with a backup of an older SQLite file first.

    Raises
    ------
    StoreError
        If it belongs to another program or a newer labelqa, or is empty and not to be created.
    """
    with reading(engine, place) as connection:
        found = _checked_revision(connection, place, create)
    if found == HEAD:
        return
    if place.kind == "sqlite":
        _write_ahead(engine, place)
    with _ONE_AT_A_TIME, writing(engine, place) as connection:
        found = _checked_revision(connection, place, create)  # another process may have been faster
        if found is not None and found != HEAD and place.file is not None:
            _back_up(place.file)
        if found != HEAD:
            upgrade(connection, HEAD)


def upgrade(connection: Connection, revision: str) -> None:
    """Run Alembic's scripts up to `revision` in the transaction that is open."""
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "labelqa.store:migrations")
    command.upgrade(config, revision)


def back_up(source: sqlite3.Connection, target: Path) -> None:
    """Copy a SQLite database, as it is at one moment, to a file that is complete once it has its name."""
    part = target.with_name(f"{target.name}.part")
    try:
        with told(str(target)), closing(sqlite3.connect(part)) as copy:
            source.backup(copy)
        part.replace(target)
        _sync_folder(target.parent)
    finally:
        part.unlink(missing_ok=True)


def shorten_log(connection: sqlite3.Connection) -> None:
    """Write the log into the file and empty it, if nobody else reads or writes; without waiting."""
    connection.execute("PRAGMA busy_timeout = 0").close()
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
    finally:
        connection.execute(f"PRAGMA busy_timeout = {WAIT_SECONDS * 1000}").close()


def _back_up(file: Path) -> None:
    names = (f"{file.name}.before-{HEAD}{n}.bak" for n in ("", *(f".{k}" for k in range(2, 1000))))
    target = next(t for t in map(file.with_name, names) if not t.exists())
    with told(str(file)), closing(sqlite3.connect(file)) as source:
        back_up(source, target)


def _checked_revision(connection: Connection, place: Place, create: bool) -> str | None:
    tables = set(inspect(connection).get_table_names())
    if VERSION_TABLE in tables:
        found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()
        return _known(str(found), place)
    ours = {t.name for t in TABLES} & tables
    if ours or (tables and place.kind == "sqlite"):
        what = f"this database belongs to another program (it has a table {min(ours or tables)!r})"
        raise StoreError(Problem(what=what, file=place.shown, next_step="Name another one; nothing was changed."))
    if not create:
        step = f"Make a project first: labelqa project init.{left_behind(place.file)}"
        raise StoreError(Problem(what="this database holds no project", file=place.shown, next_step=step))
    return None


def _known(found: str, place: Place) -> str:
    if found in REVISIONS:
        return found
    what = f"this database was made by a newer labelqa (revision {found}; this one knows {HEAD})"
    step = "Install the newer labelqa: pip install --upgrade labelqa. Nothing was changed."
    raise StoreError(Problem(what=what, file=place.shown, value=found, allowed=REVISIONS, next_step=step))


def _write_ahead(engine: Engine, place: Place) -> None:
    """Let readers and one writer work side by side. SQLite does not wait here as it does elsewhere, so this does."""
    end = time.monotonic() + WAIT_SECONDS
    with told(place.shown), closing(engine.raw_connection()) as connection:
        while not _is_written_ahead(cast(sqlite3.Connection, connection.driver_connection), end):
            time.sleep(0.02)


def _is_written_ahead(connection: sqlite3.Connection, end: float) -> bool:
    try:
        connection.execute("PRAGMA journal_mode = WAL").close()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > end:
            raise
        return False
    return True


def _sync_folder(folder: Path) -> None:
    """Make names of new files in `folder` survive a crash, where the system can."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
