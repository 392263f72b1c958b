"""What a database says when it fails, as one clear message; no password is ever part of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from labelqa.errors import Problem, StoreError
from labelqa.text import shortened

WAIT_SECONDS = 30  # for other writers, before one gives up
MAX_SHOWN = 200
KEPT = "Nothing of this write was stored; what was there before is unchanged."

# By the beginning of SQLite's error name: what was wrong, next step.
_SQLITE = {
    "SQLITE_BUSY": (f"another program has been writing for {WAIT_SECONDS} seconds", f"{KEPT} Try again."),
    "SQLITE_LOCKED": (f"another program has been writing for {WAIT_SECONDS} seconds", f"{KEPT} Try again."),
    "SQLITE_FULL": ("the disk is full", f"{KEPT} Free some space and try again."),
    "SQLITE_READONLY": (
        "the file or its folder is read-only",
        f"{KEPT} Allow writing to the file and its folder (SQLite writes there even to read), or copy the file to "
        "where you may write.",
    ),
    "SQLITE_CANTOPEN": (
        "the file cannot be opened",
        "Check that its folder exists and that you may write there: SQLite does so even to read. From a read-only "
        "medium, copy the file to where you may write.",
    ),
    "SQLITE_PERM": ("the file cannot be opened", "Check that you may read and write it."),
    "SQLITE_NOTADB": ("this file is not a SQLite database", "Name another file; this one was not changed."),
    "SQLITE_CORRUPT": ("the file is damaged", "Go back to a backup (labelqa project backup makes them)."),
    "SQLITE_IOERR": ("the disk cannot be read or written", f"{KEPT} Check the disk."),
    "SQLITE_CONSTRAINT_FOREIGNKEY": (
        "this refers to a project, item, round or assignment that the database does not hold",
        f"{KEPT} Store what is referred to first.",
    ),
}
_SQLITE["SQLITE_CONSTRAINT_PRIMARYKEY"] = ("this is stored already", f"{KEPT} Use a new id or number.")
_SQLITE["SQLITE_CONSTRAINT_UNIQUE"] = _SQLITE["SQLITE_CONSTRAINT_PRIMARYKEY"]
# By PostgreSQL's SQLSTATE, or the beginning of one.
_POSTGRESQL = {
    "55P03": _SQLITE["SQLITE_BUSY"],
    "40": ("another program changed the same rows", f"{KEPT} Try again."),
    "53100": ("the server's disk is full", f"{KEPT} Free some space and try again."),
    "53300": ("the server has no connection left", "Try again, or allow more connections."),
    "25006": ("the database is read-only", f"{KEPT} Connect to the server that takes writes."),
    "42501": ("the database user may not do this", "Ask for the right to create and write tables there."),
    "28": ("the server refuses the user or the password", "Check both in the URL."),
    "3D000": ("there is no such database on the server", "Create it first: createdb NAME."),
    "57": ("the server is shutting down", f"{KEPT} Try again."),
    "23505": _SQLITE["SQLITE_CONSTRAINT_PRIMARYKEY"],
    "23503": _SQLITE["SQLITE_CONSTRAINT_FOREIGNKEY"],
}
_NO_CONNECTION = ("the server cannot be reached", "Check host and port, and that the server runs.")
_ENDED = ("a reader or writer was used after its block", "Open another one: with store.read() as reader.")
_BUSY = ("too many reads and writes are open at once in this program", "Close some, or open fewer.")
_OTHER = ("the database failed", KEPT)


@contextmanager
def told(place: str, secret: str | None = None) -> Iterator[None]:
    """Raise what the database driver raises inside as a :class:`StoreError`, whose cause it is.

    Parameters
    ----------
    place : str
        Name of the file, or address of the server, for the message.
    secret : str, optional
        Password, which is cut out of what the driver says.
    """
    try:
        yield
    except (exc.SQLAlchemyError, sqlite3.Error) as error:
        raise failure(error, place, secret) from error


def failure(error: Exception, place: str, secret: str | None = None) -> StoreError:
    """Return the error that tells what happened to the database at `place`.

    Examples
    --------
    >>> print(failure(sqlite3.OperationalError("near"), "project.db"))
    project.db: the database failed (near). Nothing of this write was stored; what was there before is unchanged.
    """
    driver = getattr(error, "orig", None) or error
    what, next_step = _own(error) or _explained(driver)
    said = " ".join(str(driver).split())
    if secret:
        said = said.replace(secret, "***")
    return StoreError(Problem(what=f"{what} ({shortened(said, MAX_SHOWN)})", file=place, next_step=next_step))


def _own(error: Exception) -> tuple[str, str] | None:
    if isinstance(error, exc.ResourceClosedError):
        return _ENDED
    return _BUSY if isinstance(error, exc.TimeoutError) else None


def _explained(driver: object) -> tuple[str, str]:
    name, state = getattr(driver, "sqlite_errorname", None), getattr(driver, "sqlstate", None)
    if name:
        return _by_beginning(_SQLITE, name)
    if state:
        return _by_beginning(_POSTGRESQL, state)
    is_lost = type(driver).__module__.startswith("psycopg") and type(driver).__name__ == "OperationalError"
    return _connection(str(driver)) if is_lost else _OTHER


def _connection(said: str) -> tuple[str, str]:
    """Return what keeps one from connecting: libpq gives no code for that, only (possibly translated) words."""
    if "password" in said or "authentication" in said:
        return _POSTGRESQL["28"]
    if "does not exist" in said:
        return _POSTGRESQL["3D000"]
    return _NO_CONNECTION


def _by_beginning(known: dict[str, tuple[str, str]], code: str) -> tuple[str, str]:
    return next((known[k] for k in sorted(known, key=len, reverse=True) if code.startswith(k)), _OTHER)
