"""Whether anything was committed since one last looked, for next to nothing: what answers are kept by."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import suppress
from typing import Any, cast

from sqlalchemy import Connection, Engine

from labelqa.store.connect import Place
from labelqa.store.failures import told


class Watch:
    """Tells the state of a database by a value that changes whenever somebody commits.

    SQLite counts, for each connection, the commits of all others (``PRAGMA data_version``, which looks into shared
    memory and reads no page): one connection of its own, which never writes, sees the commits of this and of other
    programs. A database in memory has one connection, whose writers are counted. PostgreSQL tells which transactions
    are done; others of the same server change it too, so that it may differ where nothing changed, never the reverse.
    """

    def __init__(self, engine: Engine, place: Place) -> None:
        self._engine = engine
        self._place = place
        self._alone = threading.Lock()
        self._connection: Any = None
        self._opened = self._written = 0

    def before(self) -> object:
        """Return the value of now, to be asked before a read begins; None where the read itself tells it."""
        if self._place.kind == "memory":
            return self._written
        if self._place.kind == "postgresql":
            return None
        with told(self._place.shown, self._place.secret), self._alone:
            return self._version()

    def within(self, connection: Connection) -> object:
        """Return the value for a read that has begun on a connection to a server."""
        return connection.exec_driver_sql("SELECT CAST(pg_current_snapshot() AS text)").scalar_one()

    def note(self) -> None:
        """Count a writer of this program that has ended."""
        self._written += 1

    def close(self) -> None:
        """Close the connection; the next question opens another one."""
        with self._alone:
            connection, self._connection = self._connection, None
            if connection is not None:
                with suppress(sqlite3.Error):
                    connection.close()

    def _version(self) -> tuple[int, int]:
        if self._connection is None:
            borrowed = self._engine.raw_connection()
            self._connection = cast(Any, borrowed.driver_connection)
            borrowed.detach()  # it never goes back: the commits of a connection itself are not counted
            self._opened += 1
        ((version,),) = self._connection.execute("PRAGMA data_version").fetchall()
        return self._opened, int(version)
