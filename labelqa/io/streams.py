"""Streams of bytes that watch over what is read: how much comes out of an archive, and the hash of a file."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager

from labelqa.errors import FileFormatError, Problem

CHUNK = 1 << 20
MAX_UNPACKED = 1 << 30  # bytes; more than this ...
MAX_RATIO = 100  # ... and more than this many times the packed size is no table of labels
_NO_THREAD = "can't start new thread"  # no memory for its stack


class Watched(io.BufferedIOBase):
    """A stream that reads from another one.

    Parameters
    ----------
    stream : binary stream
        Must be able to seek to its start; closed with this one.
    """

    def __init__(self, stream: io.BufferedIOBase) -> None:
        super().__init__()
        self._stream = stream

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a position."""
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        """Return the position."""
        return self._stream.tell()

    def read(self, size: int | None = -1) -> bytes:
        """Return at most `size` bytes, or all that is left."""
        return self._stream.read(-1 if size is None else size)

    def close(self) -> None:
        """Close this stream and the one it reads from."""
        self._stream.close()
        super().close()


class Hashed(Watched):
    """A stream that takes the SHA-256 of the bytes it hands out, each counted once."""

    def __init__(self, stream: io.BufferedIOBase) -> None:
        super().__init__(stream)
        self._hash = hashlib.sha256()
        self._done = 0  # bytes from the start that are in the hash

    def read(self, size: int | None = -1) -> bytes:
        """Return at most `size` bytes, or all that is left."""
        at = self.tell()
        data = super().read(size)
        if at <= self._done < at + len(data):
            self._hash.update(memoryview(data)[self._done - at :])
            self._done = at + len(data)
        return data

    def sha256(self) -> str:
        """Return the SHA-256 of the whole stream; what nobody has asked for is read now."""
        self.seek(self._done)
        while self.read(CHUNK):
            pass
        return self._hash.hexdigest()


class Bounded(Watched):
    """What comes out of packed bytes, given up where it is absurdly much.

    Parameters
    ----------
    stream : binary stream
        Unpacks while it is read.
    packed : int
        Number of bytes before unpacking.
    name : str
        File for messages.
    """

    def __init__(self, stream: io.BufferedIOBase, packed: int, name: str) -> None:
        super().__init__(stream)
        self._packed = packed
        self._name = name

    def read(self, size: int | None = -1) -> bytes:
        """Return at most `size` bytes, or all that is left.

        Raises
        ------
        FileFormatError
            If more has been unpacked than a table of labels can be.
        """
        if size is None or size < 0:
            return bytes(read_all(self))
        data = super().read(size)
        check_unpacked(self.tell(), self._packed, self._name)
        return data


def read_all(stream: io.BufferedIOBase) -> bytearray:
    """Return what is left of `stream`, read in pieces so that one that is bounded can give up in between."""
    data = bytearray()
    while chunk := stream.read(CHUNK):
        data += chunk
    return data


def check_unpacked(unpacked: int, packed: int, name: str) -> None:
    """Raise :class:`FileFormatError` if `packed` bytes become so many that they can hardly be labels."""
    if unpacked <= MAX_UNPACKED or unpacked <= MAX_RATIO * packed:
        return
    what = f"{_megabytes(packed)} unpack to more than {_megabytes(max(MAX_UNPACKED, MAX_RATIO * packed))}"
    step = "A table of labels does not pack so well: unpack it yourself and read the result, if you trust the file."
    raise FileFormatError(Problem(what=what, file=name, value=unpacked, next_step=step))


@contextmanager
def enough_memory(name: str | None = None) -> Iterator[None]:
    """Turn running out of memory, Python's own or Arrow's, into a :class:`FileFormatError` that says what to do."""
    try:
        yield
    except MemoryError:
        raise _out_of_memory(name) from None
    except RuntimeError as error:
        if _NO_THREAD not in str(error):
            raise
        raise _out_of_memory(name) from None


def _out_of_memory(name: str | None) -> FileFormatError:
    return FileFormatError(
        Problem(
            what=f"there is not enough memory to read {'this file' if name else 'these labels'}",
            file=name,
            parameter="source",
            next_step="Keep only the columns of item, annotator and label, or read it where there is more memory.",
        )
    )


def _megabytes(n: int) -> str:
    return f"{n / (1 << 20):,.0f} MB" if n >= 10 << 20 else f"{n / (1 << 10):,.0f} KB"
