"""Bytes of a file: read with a clear error, written whole or not at all."""

from __future__ import annotations

from pathlib import Path

from labelqa.errors import FileFormatError, ParameterError, Problem
from labelqa.io.text import decode
from labelqa.io.whole import write_whole


def write_file(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever sees half of it.

    Raises
    ------
    ParameterError
        If it cannot be written; what was there is as before.
    """
    try:
        write_whole(path, content)
    except OSError as error:
        what = f"{path.name} cannot be written: {error.strerror or error}"
        step = "Choose a folder that exists and may be written to."
        raise ParameterError(Problem(what=what, parameter="path", value=str(path), next_step=step)) from None


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
