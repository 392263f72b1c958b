"""Whether a file is a database, without endangering one that is open.

The file is never opened and closed by hand: on POSIX, closing any handle of a file drops all locks that this process
holds on it, those of an open store as well, and another process could then take the write-ahead log away.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path


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
