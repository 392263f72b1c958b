"""From a path or URL to connections: which database, and the settings that make its writes safe."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, make_url
from sqlalchemy.pool import StaticPool

from labelqa.errors import MissingExtraError, ParameterError, Problem, StoreError
from labelqa.store.failures import WAIT_SECONDS, told

MEMORY = "memory:"
FORMS = ("a file name", "sqlite:///FILE", "postgresql+psycopg://USER:PASSWORD@HOST/DATABASE", MEMORY)
POSTGRESQL = ("postgresql+psycopg", "postgresql", "postgres")
IDLE_SECONDS = 300  # a writer that says nothing for so long has lost its connection: the server lets the others go on
WRITERS_LOCK = 0x6C61_6265_6C71_61  # "labelqa": the advisory lock that one writer of a PostgreSQL database holds
POLITE_SECONDS = 0.004  # after a write that others waited for too, so that they get their turn
_WRITES, _WAITED = "labelqa_writes", "labelqa_waited"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a database is.

    Attributes
    ----------
    kind : str
        sqlite | memory | postgresql.
    url : sqlalchemy.URL
        Address for the driver; holds the password.
    shown : str
        Address for messages; holds none.
    file : Path or None
        The SQLite file.
    """

    kind: str
    url: URL
    shown: str
    file: Path | None = None

    @property
    def secret(self) -> str | None:
        """The password, to be cut out of what a driver says."""
        return None if self.url.password is None else str(self.url.password)


def place_of(url: str | os.PathLike[str]) -> Place:
    """Return the place that a path or URL names.

    Raises
    ------
    ParameterError
        If it names no database that labelqa can use. The message never repeats the URL, which may hold a password.

    Examples
    --------
    >>> place_of("project.db").kind, place_of("memory:").kind
    ('sqlite', 'memory')
    >>> place_of("postgresql+psycopg://ann:secret@db.example:5433/labels").shown
    'postgresql://db.example:5433/labels'
    """
    text = os.fspath(url)
    if text in (MEMORY, ":memory:"):
        return Place(kind="memory", url=URL.create("sqlite"), shown="memory")
    if "://" not in text:
        return _file(text)
    scheme = text.split("://", 1)[0]
    try:
        parsed = make_url(text)
    except (exc.ArgumentError, ValueError):
        raise _unknown(f"the {scheme} URL cannot be read", scheme) from None
    if scheme in POSTGRESQL:
        return _server(parsed)
    if scheme != "sqlite" or parsed.query:
        raise _unknown(f"{scheme}:// is not a database that labelqa can use", scheme)
    return _file(parsed.database) if parsed.database not in (None, "", ":memory:") else place_of(MEMORY)


def make_engine(place: Place) -> Engine:
    """Return the source of connections to `place`, each prepared for durable writes."""
    if place.kind == "postgresql":
        return create_engine(place.url, hide_parameters=True, pool_pre_ping=True, connect_args={"connect_timeout": 10})
    if place.kind == "memory":
        engine = create_engine(
            place.url, hide_parameters=True, poolclass=StaticPool, connect_args={"check_same_thread": False}
        )
    else:
        engine = create_engine(place.url, hide_parameters=True, max_overflow=50, connect_args={"timeout": WAIT_SECONDS})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


@contextmanager
def reading(engine: Engine, place: Place) -> Iterator[Connection]:
    """Yield a connection that sees one state of the database, whatever others write meanwhile."""
    with told(place.shown, place.secret), engine.connect() as connection:
        if place.kind == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield connection


@contextmanager
def writing(engine: Engine, place: Place) -> Iterator[Connection]:
    """Yield a connection that is the only writer until the end; commits then, or undoes all after an exception."""
    with told(place.shown, place.secret), engine.connect() as connection:
        options: dict[str, Any] = {_WRITES: True}
        if place.kind == "postgresql":
            options = {"isolation_level": "READ COMMITTED", "postgresql_readonly": False}
        with connection.execution_options(**options).begin():
            if place.kind == "postgresql":
                _be_the_writer(connection)
            yield connection
        if connection.info.pop(_WAITED, False):
            time.sleep(POLITE_SECONDS)


def _file(text: str | None) -> Place:
    path = Path(text or "")
    if not text or "\0" in text or path.is_dir():
        raise _unknown(f"{text!r} is not the name of a file", str(text))
    return Place(kind="sqlite", url=URL.create("sqlite", database=str(path)), shown=str(path), file=path)


def _server(parsed: URL) -> Place:
    if find_spec("psycopg") is None:
        what, step = "PostgreSQL needs the package psycopg", "pip install 'labelqa[postgres]'"
        raise MissingExtraError(Problem(what=what, parameter="url", next_step=step))
    port = f":{parsed.port}" if parsed.port else ""
    host = parsed.host or parsed.query.get("host", "")
    shown = f"postgresql://{host}{port}/{parsed.database or ''}"
    return Place(kind="postgresql", url=parsed.set(drivername="postgresql+psycopg"), shown=shown)


def _unknown(what: str, value: str) -> ParameterError:
    return ParameterError(Problem(what=what, parameter="url", value=value, allowed=FORMS))


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself: _begin does
    for pragma in (f"busy_timeout = {WAIT_SECONDS * 1000}", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get(_WRITES):
        raw = connection.connection.driver_connection
        connection.info[_WAITED] = _begin_as_writer(cast(sqlite3.Connection, raw))
    else:
        connection.exec_driver_sql("BEGIN")


def _begin_as_writer(raw: sqlite3.Connection) -> bool:
    """Take the write lock, and return whether others had it first.

    SQLite's own wait sleeps ever longer, so that among many busy writers one can miss every gap for half a minute. This
    one asks again after a few, uneven, milliseconds.
    """
    end = time.monotonic() + WAIT_SECONDS
    waited = False
    raw.execute("PRAGMA busy_timeout = 0").close()
    try:
        while not _has_begun(raw, is_last=time.monotonic() > end):
            waited = True
            time.sleep(0.001 + time.monotonic_ns() % 7_000_000 / 1e9)
    finally:
        raw.execute(f"PRAGMA busy_timeout = {WAIT_SECONDS * 1000}").close()
    return waited


def _has_begun(raw: sqlite3.Connection, is_last: bool) -> bool:
    try:
        raw.execute("BEGIN IMMEDIATE").close()
    except sqlite3.OperationalError as error:
        if is_last or not error.sqlite_errorname.startswith("SQLITE_BUSY"):
            raise
        return False
    return True


def _be_the_writer(connection: Connection) -> None:
    """Wait for the lock first: statements after it see all that earlier writers committed."""
    settings = {
        "lock_timeout": f"'{WAIT_SECONDS}s'",
        "idle_in_transaction_session_timeout": f"'{IDLE_SECONDS}s'",
        "synchronous_commit": "on",  # what was acknowledged survives a crash, whatever the server's default
    }
    local = "; ".join(f"SET LOCAL {name} = {value}" for name, value in settings.items())
    connection.exec_driver_sql(f"{local}; SELECT pg_advisory_xact_lock({WRITERS_LOCK})")


def check_file(place: Place, create: bool) -> None:
    """Raise :class:`StoreError` where a SQLite file is missing that is not to be created, or has no folder."""
    if place.file is None or place.file.exists():
        return
    if not create:
        step = "Check the name, or make a project first: labelqa project init."
        raise StoreError(Problem(what="there is no such file", file=place.shown, next_step=step))
    if not place.file.absolute().parent.is_dir():
        step = "Make the folder first."
        raise StoreError(Problem(what="its folder does not exist", file=place.shown, next_step=step))
