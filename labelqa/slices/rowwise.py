"""Any table as pandas, and values of rows in the order of the rows they belong to."""

from __future__ import annotations

import numpy as np
import pandas as pd

from labelqa.annotations.frames import as_pandas
from labelqa.errors import ParameterError, Problem, shorten

OF_TABLES = ("to_arrow", "to_pandas", "collect", "__narwhals_dataframe__", "__narwhals_lazyframe__")
TABLES = "a pandas, polars or pyarrow table"


def as_table(values: object, name: str) -> object:
    """Return tables of other libraries as pandas frames, anything else as it is.

    Raises
    ------
    ParameterError
        If it is a sparse matrix.
    """
    if isinstance(values, pd.DataFrame | pd.Series | np.ndarray | list | tuple):
        return values
    if hasattr(values, "tocsr"):
        what = f"{name} is a sparse matrix ({type(values).__name__})"
        raise ParameterError(Problem(what=what, parameter=name, next_step=f"Pass {name}.toarray()."))
    if getattr(values, "ndim", 2) == 2 and any(hasattr(values, method) for method in OF_TABLES):
        return as_pandas(values)
    return values


def frame_of(values: object, name: str, next_step: str) -> pd.DataFrame:
    """Return a table as a pandas frame.

    Raises
    ------
    ParameterError
        If it is no table.
    """
    found = as_table(values, name)
    if not isinstance(found, pd.DataFrame):
        what = f"{name} is a {type(values).__name__}, not a table"
        raise ParameterError(
            Problem(what=what, parameter=name, value=type(values).__name__, allowed=(TABLES,), next_step=next_step)
        )
    return found


def index_of(values: object) -> pd.Index | None:
    """Return the index of a pandas object; None for what has no index."""
    return values.index if isinstance(values, pd.DataFrame | pd.Series) else None


def is_numbered(index: pd.Index | None) -> bool:
    """Whether rows have no names of their own, only the numbers that pandas gives."""
    return index is None or (isinstance(index, pd.RangeIndex) and index.start == 0 and index.step == 1)


def same_names(index: pd.Index, other: pd.Index) -> bool:
    """Whether both indexes name the same rows, each once, in whatever order."""
    return bool(
        len(index) == len(other)
        and index.is_unique
        and other.is_unique
        and (index.equals(other) or (other.get_indexer(index) >= 0).all())
    )


def in_order_of(index: pd.Index | None, values: object, name: str, of: str) -> object:
    """Return `values` in the order of `index`, the index of `of`: by name where both have one, else as they are.

    Raises
    ------
    ParameterError
        If both are pandas objects of as many rows, and their indexes are not of the same rows.

    Examples
    --------
    >>> in_order_of(pd.Index(["a", "b"]), pd.Series([2, 1], index=["b", "a"]), "error", "features").tolist()
    [1, 2]
    """
    if index is None or not isinstance(values, pd.Series) or len(values) != len(index) or values.index.equals(index):
        return values
    if same_names(index, values.index):
        return values.iloc[values.index.get_indexer(index)]
    here, there = (shorten(map(repr, i.tolist()), 3) for i in (values.index, index))
    why = "some names occur twice" if set(values.index) == set(index) else f"{here}; {there}"
    raise ParameterError(
        Problem(
            what=f"the indexes of {name} and {of} differ ({why}): which rows belong together cannot be told",
            parameter=name.split("[")[0],
            next_step=f"Give both one index, or pass {name}.to_numpy() where the order is the same.",
        )
    )
