"""Class probabilities from a file, brought to the rows that have a label."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.errors import FileFormatError, Problem, shorten
from labelqa.io.labeled import LabeledRows, typed
from labelqa.io.sources import read_tables
from labelqa.text import counted

NUMPY = b"\x93NUMPY"


def read_probabilities(path: str, rows: LabeledRows) -> npt.NDArray[np.float64] | pd.DataFrame:
    """Read out-of-sample class probabilities.

    Parameters
    ----------
    path : str
        A NumPy array (n, k), or a table with one column a class, and, optionally, the column that names the rows.
    rows : LabeledRows
        The labels; where some rows have none, the file may hold all rows or those with a label.

    Raises
    ------
    FileFormatError
        If the file cannot be read, or its rows are not as many.
    """
    file = Path(path)
    if file.is_file() and _is_numpy(file):
        values = _array(file)
        return np.asarray(values[_chosen(len(values), rows, file.name)])
    frame = read_tables(path, None)[0][0].frame
    _check_classes(frame, rows, file.name)
    item = rows.columns.item
    if item is not None and item in frame.columns:
        return _numbers(frame.drop(columns=item)).set_axis(pd.Index(frame[item].astype(str), dtype=object))
    return _numbers(frame.iloc[_chosen(len(frame), rows, file.name)]).set_axis(rows.labels.index)


def _check_classes(frame: pd.DataFrame, rows: LabeledRows, name: str) -> None:
    columns = tuple(str(c) for c in frame.columns)
    lacking = [str(c) for c in rows.labels.unique() if str(c) not in columns]
    if lacking:
        raise FileFormatError(
            Problem(
                what=f"no column holds the probability of {shorten(lacking)} (columns: {shorten(columns)})",
                file=name,
                parameter="pred_probs",
                value=lacking[0],
                next_step="Call the columns by the classes.",
            )
        )


def _is_numpy(file: Path) -> bool:
    with file.open("rb") as stream:
        return stream.read(len(NUMPY)) == NUMPY


def _array(file: Path) -> npt.NDArray[np.float64]:
    try:
        values = np.load(file, allow_pickle=False)  # an array of objects could run code
    except (ValueError, EOFError):
        values = np.empty(0)
    if values.ndim != 2 or values.dtype.kind not in "fiu":
        raise FileFormatError(
            Problem(
                what=f"this is no array of numbers with one row a label and one column a class (shape {values.shape})",
                file=file.name,
                parameter="pred_probs",
                next_step="Save the probabilities with numpy.save(file, probabilities).",
            )
        )
    return np.asarray(values, dtype=np.float64)


def _numbers(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({c: typed(frame[c]) for c in frame.columns})


def _chosen(n: int, rows: LabeledRows, name: str) -> npt.NDArray[np.intp]:
    """Return which rows of the file belong to the labels."""
    if n == rows.n_rows:
        return rows.kept
    if n == rows.kept.size:
        return np.arange(n)
    lacking = rows.n_rows - rows.kept.size
    without = f", {lacking:,} of them without a label" if lacking else ""
    raise FileFormatError(
        Problem(
            what=f"there are {counted(n, 'row')} of probabilities, but {counted(rows.n_rows, 'row')} of data{without}",
            file=name,
            parameter="pred_probs",
            value=n,
            next_step="Pass one row of probabilities a row of the data, in the same order.",
        )
    )
