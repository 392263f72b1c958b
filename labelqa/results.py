"""Base class of every result, and the one conversion of results to JSON-safe values."""

from __future__ import annotations

import dataclasses
import datetime as dt
import html
import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.text import harmless

if TYPE_CHECKING:
    import altair as alt

SCHEMA_VERSION = 1
Scalar = TypeVar("Scalar", bound=np.generic)


class Result(ABC):
    """What every analysis returns: frozen, read by attribute, aware of its own uncertainty.

    Subclasses are frozen, keyword-only, slotted dataclasses. A field whose name starts with an underscore holds the
    ingredients for later inference and is not part of :meth:`to_dict`.
    """

    __slots__ = ()

    def __post_init__(self) -> None:
        """Hold arrays as views that cannot be written to: the arrays of a caller stay as they are."""
        for field in dataclasses.fields(self):  # type: ignore[arg-type]  # every subclass is a dataclass
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray) and value.flags.writeable:
                object.__setattr__(self, field.name, read_only(value))

    @abstractmethod
    def to_frame(self) -> pd.DataFrame:
        """Return the result as a tidy table, always with the same columns."""

    @abstractmethod
    def summary(self) -> list[str]:
        """Return the 3 to 6 lines that ``repr`` shows; the last one says what to call next."""

    def to_dict(self) -> dict[str, object]:
        """Return a JSON-safe dictionary with ``schema_version``: undefined numbers are None, arrays are lists."""
        fields = dataclasses.fields(self)  # type: ignore[arg-type]  # every subclass is a dataclass
        public = {f.name: json_safe(getattr(self, f.name)) for f in fields if not f.name.startswith("_")}
        return {"schema_version": SCHEMA_VERSION, "type": type(self).__name__, **public}

    def plot(self) -> alt.Chart | alt.LayerChart:
        """Return an Altair chart of the result, where a picture helps.

        Raises
        ------
        TypeError
            For results that are one number or a text: they have no picture.
        """
        raise TypeError(f"{type(self).__name__} has no chart; read it with .to_frame()")

    def __repr__(self) -> str:
        return harmless("\n".join(self.summary()))

    def _repr_html_(self) -> str:
        lines = "<br>".join(html.escape(line) for line in self.summary())
        return harmless(f"<div><p>{lines}</p>{as_html(self.to_frame())}</div>")


def json_safe(value: object) -> object:
    """Convert `value` to what JSON can hold: nan and missing become None, arrays lists, times ISO 8601 text."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, np.generic):
        return json_safe(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return _json_safe_container(value)


def _json_safe_container(value: object) -> object:
    if isinstance(value, Result):
        return value.to_dict()
    if isinstance(value, pd.DataFrame):
        return [json_safe(dict(zip(value.columns, row, strict=True))) for row in value.itertuples(index=False)]
    if isinstance(value, np.ndarray | pd.Series | pd.Index):
        return [json_safe(v) for v in value.tolist()]
    if isinstance(value, Mapping):
        return {str(k): json_safe(v) for k, v in value.items()}
    if isinstance(value, set | frozenset):
        return [json_safe(v) for v in sorted(value, key=str)]
    if isinstance(value, list | tuple):
        return [json_safe(v) for v in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: json_safe(getattr(value, f.name)) for f in dataclasses.fields(value) if f.name[0] != "_"}
    return _json_safe_scalar(value)


def _json_safe_scalar(value: object) -> object:
    if value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    return str(value)


def read_only(values: npt.NDArray[Scalar]) -> npt.NDArray[Scalar]:
    """Return a view of `values` that cannot be written to."""
    view = values.view()
    view.flags.writeable = False
    return view


def as_html(frame: pd.DataFrame) -> str:
    """Return a table for a notebook, at most 20 rows; what is missing is an empty cell."""
    filled = frame.copy()
    for at in range(filled.shape[1]):  # by place: names may not be unique
        column = frame.iloc[:, at]
        if column.dtype.kind not in "fM" and column.isna().any():  # None and NA would be written out
            filled.isetitem(at, column.astype(object).where(column.notna(), "").to_numpy())
    return filled.to_html(max_rows=20, index=False, escape=True, na_rep="")


def reason_as_object(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `frame` with None, not nan, in its column ``reason`` where there is none."""
    reasons = frame["reason"].astype(object)
    return frame.assign(reason=reasons.where(reasons.notna(), None))


def as_percent(share: float, digits: int = 0) -> str:
    """Return `share` as a percentage for people, or ``undefined`` for nan."""
    return "undefined" if math.isnan(share) else f"{share:.{digits}%}"


def as_number(value: float, digits: int = 3) -> str:
    """Return `value` with a fixed number of decimals and no negative zero, or ``undefined`` for nan."""
    if math.isnan(value):
        return "undefined"
    text = f"{value:.{digits}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def p_text(p_value: float) -> str:
    """Return a p value for people.

    Examples
    --------
    >>> p_text(0.00002), p_text(0.0491)
    ('<0.001', '0.049')
    """
    if math.isnan(p_value):
        return "undefined"
    return "<0.001" if p_value < 0.001 else f"{p_value:.3f}"
