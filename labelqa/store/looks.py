"""Whether a file is a database, without endangering one that is open.

The file is never opened and closed by hand: on POSIX, closing any handle of a file drops all locks that this process
holds on it, those of an open store as well, and another process could then take the write-ahead log away.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

Identity = tuple[int, int]
LOG = "-wal"


def is_database(path: Path) -> bool:
    """Tell whether a file is a SQLite database that holds something.

    Examples
    --------
    >>> is_database(Path("no such file"))
    False
    """
    try:
        if not path.is_file() or not path.stat().st_size:
            return False
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            connection.execute("PRAGMA schema_version").fetchone()
    except (OSError, ValueError, sqlite3.Error):
        return False
    return True


def identity_of(path: Path) -> Identity | None:
    """Return what tells a file from another one of the same name: device and inode; None where there is no file.

    Examples
    --------
    >>> identity_of(Path("no such file")) is None
    True
    """
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def other_logs(path: Path) -> list[str]:
    """Return the names of write-ahead logs beside a database that are of files no longer there.

    Such a log stays behind when a database is moved or renamed without it, and holds what was written last.
    """
    try:
        logs = sorted(p.name for p in path.parent.glob(f"*{LOG}") if p.stat().st_size)
    except OSError:
        return []
    return [name for name in logs if not (path.parent / name.removesuffix(LOG)).exists()]


def left_behind(path: Path | None) -> str:
    """Return a hint at logs that were left behind when the database was moved; empty where there are none."""
    found = [] if path is None else other_logs(path)
    if not found:
        return ""
    return (
        f" Beside it lies {found[0]}: if the database was renamed or moved without it, give the database the name "
        f"{found[0].removesuffix(LOG)} again, and open that."
    )
