"""What every reader of one file returns, and how its bytes are reached."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.readlog import SetAside, SourceFile

BLANK_ROW = "blank row"


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """One file, wherever it lies.

    Attributes
    ----------
    name : str
        What messages call it.
    stem : str
        The name without folder and endings: who labeled, where each annotator has a file.
    size : int
        Bytes that it takes where it lies, before anything is unpacked.
    open : callable
        Opens it for reading bytes.
    """

    name: str
    stem: str
    size: int
    open: Callable[[], io.BufferedIOBase]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One file or frame as a table.

    Attributes
    ----------
    frame : DataFrame
        The rows, blank ones left out; column names are texts without surrounding spaces.
    name : str or None
        File name; None for a frame.
    stem : str
        File name without endings.
    row_number : int64 (rows,) or None
        Row as a spreadsheet counts it; None stands for ``position + offset``.
    offset : int
        Number of the first row.
    source : SourceFile or None
        Entry for the read log; None for a frame.
    set_aside : tuple of SetAside
        Rows that were left out.
    notes : tuple of str
        Decisions a user should know of.
    by_semicolon : bool
        Whether semicolons separate the cells, as programs write that use a decimal comma.
    """

    frame: pd.DataFrame
    name: str | None = None
    stem: str = "frame"
    row_number: npt.NDArray[np.int64] | None = None
    offset: int = 0
    source: SourceFile | None = None
    set_aside: tuple[SetAside, ...] = ()
    notes: tuple[str, ...] = ()
    by_semicolon: bool = False

    @property
    def n_rows_read(self) -> int:
        """Data rows in the source, including those set aside."""
        return len(self.frame) + sum(s.count for s in self.set_aside)
