"""The result of a search for slices."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.errors import ParameterError, Problem, is_whole
from labelqa.results import Result, as_number, as_percent, p_text
from labelqa.slices.compared import ALL
from labelqa.slices.detail import SliceDetail, slice_detail
from labelqa.slices.held import Held
from labelqa.slices.twoway import SliceCells, slice_cells
from labelqa.text import counted, shortened

if TYPE_CHECKING:
    import altair as alt

COLUMNS = (
    "predicates",
    "size",
    "support",
    "rate",
    "rest_rate",
    "difference",
    "low",
    "high",
    "shrunk",
    "lift",
    "p_value",
    "p_adjusted",
    "impact",
    "found_as",
    "tested_size",
    "tested_rate",
    "tested_rest_rate",
    "tested_difference",
    "tested_low",
    "tested_high",
    "tested_beside",
)
WHOLE, TEXTS = ("size", "found_as", "tested_size"), ("predicates", "tested_beside")  # other columns are numbers
SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SliceTable(Result):
    """Slices of the data with more error than the rest, none of which repeats another.

    Attributes
    ----------
    frame : pandas.DataFrame
        One row a slice, by falling impact. Columns: predicates (its conditions in words); size (rows to which the error
        applies); support (their share); rate and rest_rate (mean error inside and outside); difference with its 95 %
        interval low, high (taking the slice as given); lift (rate / rest_rate; nan where rest_rate is not above 0);
        found_as (1 for the slice found first, and so on). What was tested: the first slice beside all other rows; later
        ones beside rows that the slices found before treat alike (within strata), or outside of these alone, as
        tested_beside says. tested_size, tested_rate, tested_rest_rate, tested_difference, tested_low and tested_high
        are of that comparison (over strata with the weights of Mantel-Haenszel); so are shrunk (the tested difference
        corrected for the slice having been picked from many, or measured on rows that took no part in finding it),
        p_value of the slice alone, p_adjusted for the search, and impact (error that would vanish if these rows were
        like those beside them: shrunk times tested_size).
    named : pandas.DataFrame
        The same columns for slices that the caller defined, in the given order, whatever their p values.
    n_rows : int
        Rows with an error.
    n_searched : int
        Slices that were compared.
    error_rate : float
        Mean error of all rows.
    shares : bool
        Whether errors are 0 or 1, so that rates are shares.
    percent : bool
        Whether rates are written as percentages: errors are 0 or 1, or are shares themselves, as those of
        :func:`labelqa.disagreement_slices` are.
    alpha : float
        Probability of any finding where there is nothing to find.
    method : {"westfall_young", "hold_out"}
        How the search is allowed for. With hold_out, rates, difference and interval are those of the half of the rows
        that took no part in finding; size and support are of all rows.
    left_out : tuple of (str, str)
        Columns of the features that make no slices, with the reason.
    closest : str
        Where nothing was found: which slice came closest.
    undefined_because : str or None
        Why nothing could be searched.
    notes : tuple of str
        What a user should know of.
    """

    frame: pd.DataFrame
    named: pd.DataFrame
    n_rows: int
    n_searched: int
    error_rate: float
    shares: bool
    percent: bool
    alpha: float
    method: str
    left_out: tuple[tuple[str, str], ...]
    closest: str
    undefined_because: str | None
    notes: tuple[str, ...]
    _masks: npt.NDArray[np.bool_]
    _held: Held

    def __len__(self) -> int:
        return len(self.frame)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a slice, by falling impact."""
        return self.frame.copy()

    @property
    def index(self) -> pd.Index | None:
        """Names of the rows that were searched; None where the features had none."""
        return self._held.index

    def mask(self, i: int) -> npt.NDArray[np.bool_]:
        """Return the rows of slice `i` to which the error applies, bool (n,).

        Raises
        ------
        ParameterError
            If there is no such slice.
        """
        if not is_whole(i, 0) or i >= len(self):
            allowed = f"0 to {len(self) - 1}" if len(self) else "none: no slice was found"
            raise ParameterError(Problem(what=f"there is no slice {i!r}", parameter="i", value=i, allowed=(allowed,)))
        return np.asarray(self._masks[i])

    def detail(self, i: int) -> SliceDetail:
        """Return slice `i` taken apart: its conditions alone, the rest, and other levels of its columns beside it.

        Raises
        ------
        ParameterError
            If there is no such slice.
        """
        mask = self.mask(i)
        return slice_detail(self._held, i, mask, str(self.frame["predicates"].iloc[i]))

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that were searched; a heat map needs two."""
        return self._held.table.names

    def cells(self, column_a: str | None = None, column_b: str | None = None) -> SliceCells:
        """Return the error of each pair of levels of two columns, with intervals.

        Parameters
        ----------
        column_a, column_b : str, optional
            Columns that were searched; by default those of the slice of most impact that has two conditions, else the
            pair with the worst cell.

        Raises
        ------
        ParameterError
            If a column was not searched, both are the same, or there are fewer than two.
        """
        return slice_cells(self._held, column_a, column_b)

    def summary(self) -> list[str]:
        """Return the slices with the largest impact, or that there is none."""
        if self.undefined_because:
            return ["no slices", f"  {self.undefined_because}", "  next: more rows, or other features (see left_out)"]
        lines = [self._row_text(row) for row in self.frame.head(SHOWN).to_dict("records")]
        if not len(self):
            lines = [f"  closest: {self.closest}" if self.closest else "  none has more than its share of the error"]
        if self.left_out:
            names = shortened(", ".join(f"{name} ({reason})" for name, reason in self.left_out), 100)
            lines.append(f"  left out: {names}")
        lines += [f"  ! {note}" for note in self.notes[:1]]
        found = "  next: .to_frame(), .detail(0), .mask(0), .plot(), .heat_map()"
        return [self._head(), *lines, found if len(self) else "  next: more rows, or other features"]

    def _head(self) -> str:
        among = f"{self.n_searched:,} searched; {self.n_rows:,} rows, error {self._rate_text(self.error_rate)} in all"
        if not len(self):
            return f"No slice has more error than chance gives the worst of many ({among})"
        return f"{counted(len(self), 'slice')} with more error than the rest ({among})"

    def _row_text(self, row: dict[Hashable, object]) -> str:
        rate, rest = (self._rate_text(float(str(row[c]))) for c in ("tested_rate", "tested_rest_rate"))
        name = shortened(row["predicates"], 60)
        beside = "" if row["tested_beside"] == ALL else f" in {row['tested_beside']}"
        p = p_text(float(str(row["p_adjusted"])))
        return f"  {name}: {rate} on {row['tested_size']:,} rows against {rest}{beside}, p {p}"

    def _rate_text(self, value: float) -> str:
        return as_percent(value, 1) if self.percent else as_number(value)

    def plot(self) -> alt.Chart | alt.LayerChart:
        """Return differences with their intervals as a chart, one row a slice (the first 40)."""
        from labelqa.slices.chart import difference_chart  # charts are imported only when drawn

        title = "Error rate above the rest" if self.percent else "Mean error above the rest"
        return difference_chart(self.tested().head(40), title=title, percent=self.percent)

    def with_percent(self) -> SliceTable:
        """Return the same slices of errors that are shares themselves, to be written as percentages."""
        return replace(self, percent=True, _held=replace(self._held, percent=True))

    def tested(self) -> pd.DataFrame:
        """Return one row a slice, size, rates, difference and interval those of the comparison that was tested."""
        named = {f"tested_{c}": c for c in ("size", "rate", "rest_rate", "difference", "low", "high")}
        return self.frame.drop(columns=list(named.values())).rename(columns=named)

    def heat_map(self, column_a: str | None = None, column_b: str | None = None) -> alt.Chart | alt.LayerChart:
        """Return the error by the levels of two columns as a chart; cells with few rows are dashed, without colour.

        Parameters
        ----------
        column_a, column_b : str, optional
            As for :meth:`cells`.

        Raises
        ------
        ParameterError
            As for :meth:`cells`.
        """
        return self.cells(column_a, column_b).plot()
