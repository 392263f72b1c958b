"""The database of projects: opened once, read in snapshots, written by one at a time."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, nullcontext, suppress
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar, cast
from uuid import uuid4

from sqlalchemy import Connection
from sqlalchemy.exc import ResourceClosedError

from labelqa.errors import Problem, StoreError
from labelqa.store.connect import Place, check_file, make_engine, place_of, reading, writing
from labelqa.store.failures import told
from labelqa.store.looks import LOG, Identity, identity_of
from labelqa.store.migrate import HEAD, back_up, prepare, shorten_log
from labelqa.store.reader import Reader
from labelqa.store.transfer import checked_folder, read_folder, write_folder
from labelqa.store.values import Clock, as_utc_text, utc_now
from labelqa.store.watch import Watch
from labelqa.store.writer import Writer

NewId = Callable[[], str]
Lent = TypeVar("Lent", bound=Reader)


def new_uuid() -> str:
    """Return a random id.

    Examples
    --------
    >>> len(new_uuid())
    36
    """
    return str(uuid4())


class Store:
    """A database of projects; :func:`open_store` makes it.

    Safe to share between threads; another process opens its own. Closes with ``with`` or :meth:`close`.

    Attributes
    ----------
    place : str
        The file, or the address of the server without user and password.
    kind : str
        sqlite | memory | postgresql.
    revision : str
        Revision of the tables.
    """

    def __init__(self, place: Place, *, clock: Clock, new_id: NewId) -> None:
        self.place = place.shown
        self.kind = place.kind
        self.revision = HEAD
        self._where = place
        self._clock = clock
        self._new_id = new_id
        self._engine = make_engine(place)
        self._watch = Watch(self._engine, place)
        self._path = Path(place.file or "").absolute()
        self._identity: Identity | None = None
        self._open = threading.local()
        self._turn = threading.RLock() if place.kind == "memory" else nullcontext()  # memory has one connection

    def __repr__(self) -> str:
        return f"Store({self.place!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections; what was in memory is gone."""
        self._watch.close()
        self.checkpoint()
        self._engine.dispose()

    def checkpoint(self) -> None:
        """Bring all that was written into the SQLite file itself, so that it may be copied or moved alone.

        Where others read or write just now, it is left to them: the last who closes the file does the same.
        """
        if self._identity is None or identity_of(self._path) != self._identity:
            return
        with self._turn, suppress(StoreError), told(self.place), closing(self._engine.raw_connection()) as connection:
            shorten_log(cast(sqlite3.Connection, connection.driver_connection))

    def now(self) -> str:
        """Return the time of the store's clock as it is stored."""
        return as_utc_text(self._clock())

    def new_id(self) -> str:
        """Return a new id."""
        return self._new_id()

    def state(self) -> object:
        """Return a value that stays equal only while nothing is committed, by whatever program; it costs little.

        What a read finds that begins after this call is true as long as the value stays the same. Inside a read of
        this thread it is the value of that read; inside a write None: what a writer sees may still be undone. The value
        means something to this open store only.

        Raises
        ------
        StoreError
            If the database fails, or the file was moved, deleted or replaced since it was opened.

        Examples
        --------
        >>> from labelqa.store.records import ProjectRecord
        >>> with open_store("memory:") as store:
        ...     before = store.state()
        ...     unchanged = store.state() == before
        ...     with store.write() as writer:
        ...         _ = writer.add_project(ProjectRecord(name="tickets", classes=("bug", "question")))
        ...     unchanged, store.state() == before
        (True, False)
        """
        outer = self._outer()
        if outer is not None:
            return outer.state
        self._check_in_place()
        if self.kind != "postgresql":
            return self._watch.before()
        with self.read() as reader:
            return reader.state

    @contextmanager
    def read(self) -> Iterator[Reader]:
        """Yield a :class:`Reader` of one consistent state; inside another read or write of this thread, that one.

        Raises
        ------
        StoreError
            If the database fails, or the file was moved, deleted or replaced since it was opened.
        """
        outer = self._outer()
        if outer is not None:
            yield outer
            return
        self._check_in_place()
        before = self._watch.before()
        with self._turn, ExitStack() as stack:
            ended: list[bool] = []

            def opened() -> Connection:
                if ended:  # as a connection says that was used and then closed
                    raise ResourceClosedError("the block has ended")
                return stack.enter_context(reading(self._engine, self._where))

            connect = cache(opened)
            stack.callback(ended.append, True)
            state = before if before is not None else self._watch.within(connect())
            yield from self._lent(Reader(connect, self.place, state=state))

    @contextmanager
    def write(self) -> Iterator[Writer]:
        """Yield a :class:`Writer` that is alone until the end, so that what it reads is still so when it writes.

        Everything is committed at the end, or undone if an exception leaves the block. Inside another write of this
        thread it is part of that one: undone alone by its own exception, committed with the outer.

        Raises
        ------
        StoreError
            If the database fails, other programs do not stop writing, a read of this thread is open, or the file was
            moved, deleted or replaced since it was opened.
        """
        outer = self._outer()
        if isinstance(outer, Writer):
            with outer.part():
                yield outer
        elif outer is not None:
            what = "a write cannot begin inside a read: what was read could be outdated"
            raise StoreError(Problem(what=what, file=self.place, next_step="Open write() first and read through it."))
        else:
            self._check_in_place()
            with self._turn, writing(self._engine, self._where) as connection:
                self._check_in_place()  # again: it may have been moved while others wrote
                yield from self._lent(Writer(connection, self.place, now=self.now, new_id=self.new_id))
            self._watch.note()

    def backup(self, path: str | os.PathLike[str]) -> Path:
        """Copy the database, as it is now, to a new SQLite file, while others go on writing.

        Parameters
        ----------
        path : path
            The file to make.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        StoreError
            If the file exists, cannot be written, or the store is on PostgreSQL.
        """
        target = Path(path)
        if self.kind == "postgresql":
            step = "Use export (any database), or the server's own pg_dump."
            raise StoreError(Problem(what="PostgreSQL is not copied as a file", file=self.place, next_step=step))
        if target.exists():
            step = "Name a new file; nothing was overwritten."
            raise StoreError(Problem(what="there is such a file already", file=str(target), next_step=step))
        check_file(place_of(target), create=True)
        with self._turn, told(self.place), closing(self._engine.raw_connection()) as connection:
            back_up(cast(sqlite3.Connection, connection.driver_connection), target)
        return target

    def export(self, folder: str | os.PathLike[str], *, format: str = "jsonl") -> Path:
        """Write everything, as it is now, to a folder: a file a table and a manifest with counts and hashes.

        Parameters
        ----------
        folder : path
            The folder to make; it may exist if it is empty.
        format : str
            jsonl (lines of JSON) | parquet.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        StoreError
            If the folder holds files or cannot be written.
        """
        with self.read() as reader:
            return write_folder(reader, Path(folder), format=format, revision=self.revision)

    def _remember(self) -> None:
        """Note which file was opened."""
        if self.kind == "sqlite":
            self._identity = identity_of(self._path)

    def _check_in_place(self) -> None:
        """Raise :class:`StoreError` if the file is not the one that was opened: writes would go where nobody looks."""
        if self._identity is None:
            return
        now = identity_of(self._path)
        if now != self._identity:
            happened = "moved or deleted" if now is None else "replaced by another one"
            step = (
                f"Nothing was stored now. Put the file back under this name, with {self._path.name}{LOG} if there is "
                "one, or close the project and open it where it is. To copy or move it safely: labelqa project backup."
            )
            raise StoreError(
                Problem(what=f"the file was {happened} while it was open", file=self.place, next_step=step)
            )

    def _outer(self) -> Reader | None:
        return getattr(self._open, "reader", None)

    def _lent(self, reader: Lent) -> Iterator[Lent]:
        self._open.reader = reader
        try:
            yield reader
        finally:
            self._open.reader = None


def open_store(
    url: str | os.PathLike[str], *, create: bool = True, clock: Clock = utc_now, new_id: NewId = new_uuid
) -> Store:
    """Open a database of projects; an older one is brought up to date, with a backup of a SQLite file first.

    Parameters
    ----------
    url : str or path
        A file name, ``sqlite:///FILE``, ``postgresql+psycopg://USER:PASSWORD@HOST/DATABASE`` or ``memory:``.
    create : bool
        Whether to make the database where there is none.
    clock : callable
        Gives the time; fixed in tests.
    new_id : callable
        Gives ids to what has none.

    Returns
    -------
    Store
        The open database.

    Raises
    ------
    ParameterError
        If `url` names no database that labelqa can use.
    MissingExtraError
        If it is on PostgreSQL and psycopg is not installed.
    StoreError
        If it cannot be opened, is not labelqa's, or was made by a newer labelqa.

    Examples
    --------
    >>> from labelqa.store.records import ProjectRecord
    >>> with open_store("memory:") as store:
    ...     with store.write() as writer:
    ...         tickets = writer.add_project(ProjectRecord(name="tickets", classes=("bug", "question")))
    ...     with store.read() as reader:
    ...         reader.project("tickets").classes
    ('bug', 'question')
    """
    place = place_of(url)
    check_file(place, create)
    store = Store(place, clock=clock, new_id=new_id)
    try:
        prepare(store._engine, place, create=create)
        store._remember()
    except BaseException:
        store.close()
        raise
    return store


def import_store(
    folder: str | os.PathLike[str], url: str | os.PathLike[str], *, clock: Clock = utc_now, new_id: NewId = new_uuid
) -> Store:
    """Store all projects of an exported folder in a database; nothing is stored unless every file is as exported.

    Parameters
    ----------
    folder : path
        What :meth:`Store.export` wrote.
    url : str or path
        Database, as in :func:`open_store`; it may hold other projects.
    clock, new_id : callable
        As in :func:`open_store`.

    Returns
    -------
    Store
        The open database.

    Raises
    ------
    StoreError
        If a file is missing or is not as exported, a newer labelqa wrote it, or the database holds one of the projects.
    """
    files = checked_folder(Path(folder))
    store = open_store(url, clock=clock, new_id=new_id)
    try:
        with store.write() as writer:
            read_folder(files, writer)
    except BaseException:
        store.close()
        raise
    return store
