"""Bytes of a file: read with a clear error, written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from labelqa.errors import FileFormatError, ParameterError, Problem
from labelqa.io.text import decode


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever sees half of it.

    Raises
    ------
    ParameterError
        If it cannot be written; what was there is as before.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(_mode(path))
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        what = f"{path.name} cannot be written: {error.strerror or error}"
        step = "Choose a folder that exists and may be written to."
        raise ParameterError(Problem(what=what, parameter="path", value=str(path), next_step=step)) from None


def _mode(path: Path) -> int:
    """Return the permissions an ordinary file would have had (temporary files are private)."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def read_text(path: Path) -> str:
    """Return the text of a file: UTF-8 with or without mark, or UTF-16.

    Raises
    ------
    FileFormatError
        If it cannot be read, is empty, or is no text.
    """
    try:
        raw = bytearray(path.read_bytes())
    except OSError as error:
        what = f"the file cannot be read: {error.strerror or error}"
        raise FileFormatError(Problem(what=what, file=path.name, next_step="Check the path.")) from None
    if not raw.strip():
        raise FileFormatError(Problem(what="the file is empty", file=path.name, next_step="Export it again."))
    return decode(raw, path.name).data.decode()
