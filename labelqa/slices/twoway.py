"""Two columns crossed: the error of each pair of levels, thin cells marked."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.errors import ParameterError, Problem
from labelqa.results import Result, as_number, as_percent
from labelqa.slices.held import FEW, Held, measured
from labelqa.text import counted, shortened

if TYPE_CHECKING:
    import altair as alt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
COLUMNS = ("level_a", "level_b", "n", "rate", "low", "high", "few")
MOST_PAIRED = 100_000  # rows by which the pair of columns to show is chosen
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SliceCells(Result):
    """The error of each pair of levels of two columns.

    Attributes
    ----------
    column_a, column_b : str
        The columns.
    percent : bool
        Whether rates are written as percentages.
    frame : pandas.DataFrame
        One row a pair of levels, in their order, pairs without rows included. Columns: level_a, level_b; n (rows the
        rate is measured on); rate (mean error, nan without rows) with its 95 % interval low, high; few (whether there
        are fewer than 30 rows, too few to read much into the rate).
    """

    column_a: str
    column_b: str
    percent: bool
    frame: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return one row a pair of levels."""
        return self.frame.copy()

    def summary(self) -> list[str]:
        """Return the cells with the most error, those with few rows aside."""
        known = self.frame[~self.frame["few"]].sort_values("rate", ascending=False, kind="stable")
        lines = [
            f"  {r['level_a']} and {r['level_b']}: {self._written(r['rate'])} ({self._written(r['low'])} to "
            f"{self._written(r['high'])}) on {r['n']:,} rows"
            for r in known.head(3).to_dict("records")
        ]
        few = int(self.frame["few"].sum())
        head = f"{self.column_a} by {self.column_b}: {counted(len(self.frame), 'cell')}, {few:,} with under {FEW} rows"
        return [shortened(head, 100), *(lines or ["  no cell has enough rows"]), "  next: .to_frame(), .plot()"]

    def _written(self, value: float) -> str:
        return as_percent(value) if self.percent else as_number(value)

    def plot(self) -> alt.Chart | alt.LayerChart:
        """Return a heat map; cells with few rows have a dashed frame and no colour."""
        from labelqa.slices.chart import cell_chart  # charts are imported only when drawn

        return cell_chart(self.frame, names=(self.column_a, self.column_b), percent=self.percent)


def slice_cells(held: Held, column_a: str | None, column_b: str | None) -> SliceCells:
    """Cross two columns; those of the strongest pair where none is named.

    Parameters
    ----------
    held : Held
        The rows.
    column_a, column_b : str, optional
        Names of columns that were searched. With one of them, the other is the one that it makes the worst cell with.

    Raises
    ------
    ParameterError
        If a column was not searched, both are the same, or there are fewer than two.
    """
    a, b = _chosen(held, column_a, column_b)
    codes = held.table.codes
    rows = []
    for u, level_a in enumerate(held.table.levels[a]):
        in_a = codes[:, a] == u
        for v, level_b in enumerate(held.table.levels[b]):
            of = held.side(in_a & (codes[:, b] == v))
            rows.append({"level_a": level_a, "level_b": level_b, **measured(of, shares=held.shares)})
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    used = frame[frame["n"] > 0]  # levels of rows to which the error does not apply, or that state nothing
    frame = frame[frame["level_a"].isin(used["level_a"]) & frame["level_b"].isin(used["level_b"])]
    names = held.table.names
    return SliceCells(column_a=names[a], column_b=names[b], percent=held.percent, frame=frame.reset_index(drop=True))


def _chosen(held: Held, column_a: str | None, column_b: str | None) -> Pair:
    names = held.table.names
    if len(names) < 2:
        what = f"a heat map needs two columns, and {counted(len(names), 'was', 'were')} searched"
        raise ParameterError(Problem(what=what, parameter="column_a", next_step="See left_out for the others."))
    given = [(p, c) for p, c in (("column_a", column_a), ("column_b", column_b)) if c is not None]
    problems = [
        Problem(what=f"column {c!r} was not searched", parameter=p, value=c, allowed=names, next_step="See left_out.")
        for p, c in given
        if c not in names
    ]
    if not problems and column_a is not None and column_a == column_b:
        problems = [Problem(what=f"column {column_a!r} is given twice", parameter="column_b", value=column_b)]
    if problems:
        raise ParameterError(problems)
    fixed = [names.index(c) for _, c in given]
    if len(fixed) == 2:
        return fixed[0], fixed[1]
    return _strongest(held, _candidates(held, fixed), fixed, turned=column_a is None)


def _candidates(held: Held, fixed: list[int]) -> list[Pair]:
    """Return pairs with the columns that were named, else of the slice of most impact, else all."""
    every = list(combinations(range(len(held.table.names)), 2))
    if fixed:
        return [(fixed[0], j) for j in range(len(held.table.names)) if j != fixed[0]]
    several = [c for c in held.conditions if len(c) > 1]
    if several:
        return list(combinations([j for j, _ in several[0]], 2))
    first = [c[0][0] for c in held.conditions if c]
    return [p for p in every if first[0] in p] if first else every


def _strongest(held: Held, pairs: list[Pair], fixed: list[int], *, turned: bool) -> Pair:
    """Return the pair of columns with the cell whose error is furthest above the mean, in standard errors."""
    if len(pairs) > 1:
        known = np.flatnonzero(held.judged_on)
        rows = known[:: max(1, -(-known.size // MOST_PAIRED))]
        error = held.error[rows] - held.error[rows].mean()
        codes = held.table.codes[rows].astype(np.int64)
        pairs = sorted(pairs, key=lambda p: -_worst(codes[:, p[0]], codes[:, p[1]], error))
    a, b = pairs[0]
    if not fixed:  # the column with more levels goes down, where there is room
        return (a, b) if len(held.table.levels[a]) >= len(held.table.levels[b]) else (b, a)
    return (b, a) if turned else (a, b)


def _worst(first: Ints, second: Ints, error: Floats) -> float:
    stated = (first >= 0) & (second >= 0)
    if not stated.any():
        return -np.inf
    joint = first[stated] * (int(second.max()) + 1) + second[stated]
    n = np.bincount(joint)
    total = np.bincount(joint, weights=error[stated])
    enough = n >= FEW
    return float((total[enough] / np.sqrt(n[enough])).max()) if enough.any() else -np.inf
