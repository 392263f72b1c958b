"""What every reader of one file returns, and how its bytes are reached."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

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
    beside : callable
        Returns a file of the same name with another ending, such as ``".txt"``, or None.
    folder : str
        The name of the folder or archive that it lies in: who labeled, where each document has a file.
    """

    name: str
    stem: str
    size: int
    open: Callable[[], io.BufferedIOBase]
    beside: Callable[[str], Blob | None] = lambda _: None
    folder: str = ""


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
        File name without endings: who labeled, where nothing else tells; empty where it names nobody.
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
    roles : mapping of role to column name
        What the format itself says of its columns: item, label, and annotator, timestamp, duration, round, question,
        text where it has them. Empty where names and content have to tell.
    kind : {"classes", "sets", "spans", "boxes"}
        What the cells of the label column are: a class; a list of classes; lists of ``(start, end, class)`` or of
        ``(x1, y1, x2, y2, class)``.
    kinds : mapping of question to kind
        Where several questions are asked: the kinds of those that differ from `kind`.
    metadata : mapping of str
        What the file or frame says of itself beside its rows: ``"huggingface"`` for the features of a Dataset;
        what a format compares over all files of one reading (``together``).
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
    roles: Mapping[str, str] = field(default_factory=dict)
    kind: str = "classes"
    kinds: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def n_rows_read(self) -> int:
        """Data rows in the source, including those set aside."""
        return len(self.frame) + sum(s.count for s in self.set_aside)
