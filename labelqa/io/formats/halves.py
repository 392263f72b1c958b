r"""Half characters in JSON (an escape ``\ud800`` without the one that completes it): no text can hold them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import msgspec

from labelqa.errors import shorten

# Escapes from left to right, so that each backslash belongs to one: a whole pair, a half of one (group 1), any other.
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
_SUSPECT = re.compile(rb"\\u[dD][89a-fA-F]")
MARK = rb"\ufffd"  # as many bytes as what it replaces, and one character of the text: places stay the same


def without_halves(data: bytes | bytearray) -> tuple[bytearray, list[int]]:
    r"""Return JSON with the replacement mark in the place of half characters, and where those were.

    Examples
    --------
    >>> without_halves(rb'["a\ud800b", "\ud83d\ude00"]')
    (bytearray(b'["a\\ufffdb", "\\ud83d\\ude00"]'), [3])
    """
    mended = bytearray(data)
    if not _SUSPECT.search(mended):
        return mended, []
    spots = [found.start() for found in _ESCAPE.finditer(bytes(mended)) if found[1]]
    for at in spots:
        mended[at : at + len(MARK)] = MARK
    return mended, spots


def cell_decoded(cell: str) -> tuple[Any, int]:
    """Return the JSON in the cell of a table, and the number of half characters that were replaced in it.

    Raises
    ------
    msgspec.DecodeError, RecursionError, UnicodeError
        If it is none.
    """
    try:
        return msgspec.json.decode(cell), 0
    except msgspec.DecodeError:
        mended, spots = without_halves(cell.encode())
        if not spots:
            raise
        return msgspec.json.decode(mended), len(spots)


def records_of(spots: Sequence[int], data: bytes | bytearray, records: Sequence[msgspec.Raw]) -> list[int]:
    """Return the positions of the records that hold what stands at `spots` of the list `data`."""
    starts, at = [], 0
    for raw in map(bytes, records):
        at = data.find(raw, at)
        starts.append(at)
        at += len(raw)
    return sorted({bisect_right(starts, spot) - 1 for spot in spots})


def lines_of(spots: Sequence[int], data: bytes | bytearray) -> list[int]:
    """Return the numbers of the lines that `spots` stand in."""
    between = (data.count(b"\n", a, b) for a, b in zip([0, *spots], spots, strict=False))
    return sorted({1 + lines for lines in accumulate(between)})


def told(count: int, name: str, where: str, numbers: Sequence[int]) -> str:
    """Return the note on `count` half characters, in the records or lines (`where`) with these numbers."""
    return (
        f"{count:,} half characters (lone surrogates such as \\ud800, left by cutting an emoji in two) in {name} were "
        f"read as the replacement mark U+FFFD: in {where} {shorten(numbers)}"
    )
