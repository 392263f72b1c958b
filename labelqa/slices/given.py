"""What the caller passed, checked and brought into arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sized
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.errors import ParameterError, Problem, check_between, check_kind, is_whole, shorten
from labelqa.slices.features import FeatureTable, encode_features
from labelqa.slices.rowwise import in_order_of, index_of
from labelqa.text import counted

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
LEAST_SIZE = 5  # rows of a slice, however few there are in all


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Given:
    """Features, errors and whatever else was passed, one entry a row.

    Attributes
    ----------
    table : FeatureTable
        Coded features (n, d); -1 where a row states nothing.
    error : float (n,)
        Errors; nan where none applies.
    groups : int64 (n,) or None
        Code of the rows that belong together.
    named : dict of str to bool (n,)
        Slices that the caller defined.
    min_size : int
        Least rows of a slice.
    index : pandas.Index or None
        Names of the rows; None where features have none.
    notes : tuple of str
        What a user should know of.
    """

    table: FeatureTable
    error: Floats
    groups: Ints | None
    named: dict[str, Mask]
    min_size: int
    index: pd.Index | None = None
    notes: tuple[str, ...] = ()

    @property
    def applies(self) -> Mask:
        """Rows with an error that is a number (n,)."""
        return np.asarray(~np.isnan(self.error))

    @property
    def shares(self) -> bool:
        """Whether all errors are 0 or 1."""
        known = self.error[self.applies]
        return bool(np.all((known == 0) | (known == 1)))


def given(features: object, error: object, groups: object, slices: object, min_support: float) -> Given:
    """Check and code what was passed.

    Raises
    ------
    ParameterError
        If lengths or indexes differ, errors are no numbers, infinite or all nan, a slice is no mask, or no row has a
        group.
    """
    check_between("min_support", min_support, 0, 1, what="a share of rows", example="0.01")
    table = encode_features(features).stated
    index = index_of(features)
    errors = numbers_of(in_order_of(index, error, "error", "features"), "error", len(table))
    together = in_order_of(index, groups, "groups", "features")
    n_known = int((~np.isnan(errors)).sum())
    return Given(
        table=table,
        error=errors,
        groups=None if together is None else _group_codes(together, len(table)),
        named=_masks({} if slices is None else slices, len(table), index),
        min_size=max(LEAST_SIZE, math.ceil(min_support * n_known - 1e-9)),
        index=index,
        notes=group_notes(together),
    )


def check_predicates(max_predicates: object) -> None:
    """Raise :class:`ParameterError` unless `max_predicates` is 1, 2 or 3."""
    if not is_whole(max_predicates, 1) or max_predicates not in (1, 2, 3):
        what = f"max_predicates={max_predicates!r} is not a number of conditions"
        allowed = ("1", "2", "3")
        raise ParameterError(Problem(what=what, parameter="max_predicates", value=max_predicates, allowed=allowed))


def numbers_of(error: object, name: str, n: int) -> Floats:
    """Return errors as numbers (n,), nan where missing.

    Raises
    ------
    ParameterError
        If there are not n, or they are no numbers, infinite, or all nan.
    """
    check_length(name, error, n)
    values = _numbers(error, name)
    if np.isinf(values).any():
        at = np.flatnonzero(np.isinf(values)).tolist()
        _refuse(f"{name} is infinite in {counted(len(at), 'row')} ({shorten(at, 3)})", name, "Cap or drop them.")
    if np.isnan(values).all():
        step = "Pass a number for rows to which the error applies, and nan for the others only."
        _refuse(f"{name} is nan in all {n:,} rows", name, step)
    return values


def _numbers(error: object, name: str) -> Floats:
    if n_d(error) != 1:
        _refuse(f"{name} is {type(error).__name__} with {n_d(error)} dimensions", name, "Pass one number a row.")
    series = error if isinstance(error, pd.Series) else pd.Series(np.asarray(error))
    try:
        return np.asarray(series.astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)
    except (TypeError, ValueError):
        wrong = series[pd.to_numeric(series, errors="coerce").isna() & series.notna()].head(1).tolist()
        _refuse(f"{name} holds what is no number{f': {wrong[0]!r}' if wrong else ''}", name, "Pass numbers or nan.")
        raise


def n_d(values: object) -> int:
    """Return the number of dimensions of `values`."""
    return int(np.ndim(values))  # type: ignore[arg-type]  # anything has one


def check_length(parameter: str, values: object, n: int) -> None:
    """Raise :class:`ParameterError` unless `values` has `n` entries."""
    if not isinstance(values, Sized) or n_d(values) == 0:
        _refuse(f"{parameter} is {type(values).__name__}, not one value a row", parameter, "Pass one value a row.")
    elif len(values) != n:
        _refuse(f"{parameter} has {len(values):,} values for {n:,} rows of features", parameter, "Pass one a row.")


def _group_codes(groups: object, n: int) -> Ints:
    check_length("groups", groups, n)
    return codes_of_groups(_series(groups))


def _series(groups: object) -> pd.Series:
    return groups if isinstance(groups, pd.Series) else pd.Series(np.asarray(groups, dtype=object))


def group_notes(groups: object) -> tuple[str, ...]:
    """Return a note where some rows have no group."""
    missing = 0 if groups is None else int(_series(groups).isna().sum())
    have = "has" if missing == 1 else "have"
    return (f"{counted(missing, 'row')} {have} no group: each counts as a group of its own",) if missing else ()


def codes_of_groups(groups: pd.Series) -> Ints:
    """Return a code a row (n,); a row without a group is a group of its own.

    Raises
    ------
    ParameterError
        If groups cannot be compared, or no row has one.
    """
    if len(groups) and groups.isna().all():
        step = "Leave groups out where every row is its own."
        _refuse(f"groups is missing in all {len(groups):,} rows", "groups", step)
    try:
        codes, found = pd.factorize(groups)
    except TypeError:
        _refuse("groups holds values that cannot be compared", "groups", "Pass one name or number a row.")
        raise
    alone = codes < 0
    out = codes.astype(np.int64)
    out[alone] = len(found) + np.arange(int(alone.sum()))
    return out


def _masks(slices: object, n: int, index: pd.Index | None) -> dict[str, Mask]:
    check_kind("slices", slices, Mapping, allowed="a mapping of names to masks", next_step='As {"short": mask}.')
    named: dict[str, Mask] = {}
    for name, mask in slices.items():  # type: ignore[attr-defined]  # a mapping, as checked
        check_length(f"slices[{name!r}]", mask, n)
        values = np.asarray(in_order_of(index, mask, f"slices[{name!r}]", "features"))
        if values.dtype != np.bool_ or values.ndim != 1:
            step = "Pass one True or False a row."
            _refuse(f"slices[{name!r}] holds {values.dtype} in {values.ndim} dimensions", "slices", step)
        named[str(name)] = values
    return named


def _refuse(what: str, parameter: str, next_step: str) -> None:
    raise ParameterError(Problem(what=what, parameter=parameter, next_step=next_step))
