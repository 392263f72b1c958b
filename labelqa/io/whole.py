"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from labelqa.errors import ParameterError, Problem

STREAMS = ("/dev/stdout", "/dev/stderr", "/dev/fd", "/proc")  # written to as streams even where redirected to a file


def write_whole(path: str | os.PathLike[str], content: bytes) -> Path:
    """Write `content` to `path`, all of it or nothing; a file already there keeps its permissions.

    A link is followed. A stream (a named pipe, ``/dev/stdout``) is written to, not replaced.

    Parameters
    ----------
    path : path
        Where to write.
    content : bytes
        What to write.

    Returns
    -------
    Path
        `path`.

    Raises
    ------
    ParameterError
        If `path` is a folder, or its folder does not exist.
    OSError
        If the file cannot be written; what was there is as before.
    """
    target = Path(path)
    if target.is_dir():
        raise _place_error(target, f"{str(target)!r} is a folder, not a file", "Add the name of a file.")
    if _is_stream(target):
        with target.open("ab") as stream:  # appending: what is there stays
            stream.write(content)
        return target
    real = target.resolve()
    if not real.parent.is_dir():
        what = f"the folder {str(target.parent)!r} for {target.name!r} does not exist"
        raise _place_error(target, what, "Create it first, or choose another place.")
    _replace(real, content)
    return target


def _place_error(target: Path, what: str, next_step: str) -> ParameterError:
    return ParameterError(Problem(what=what, parameter="path", value=str(target), next_step=next_step))


def _is_stream(target: Path) -> bool:
    standard = any(target.absolute().is_relative_to(stream) for stream in STREAMS)
    return target.exists() and (standard or not target.is_file())


def _replace(target: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}."[:100])
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(_mode(target))
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _mode(target: Path) -> int:
    """Return the permissions an ordinary file would have had (temporary files are private)."""
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
