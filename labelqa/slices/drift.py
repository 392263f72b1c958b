"""What changed between two batches: slices that are new, more or less frequent, or have another error."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.errors import ParameterError, Problem, check_between, shorten
from labelqa.inference.randomness import random_generator
from labelqa.results import Result, as_number, p_text
from labelqa.slices.changed import ErrorChange, changed_errors
from labelqa.slices.effects import difference_interval, side
from labelqa.slices.features import FeatureTable, encode_features
from labelqa.slices.find import find_slices
from labelqa.slices.given import check_predicates, numbers_of
from labelqa.slices.lattice import Lattice, search
from labelqa.slices.rowwise import frame_of, in_order_of
from labelqa.text import counted, shortened

if TYPE_CHECKING:
    import altair as alt

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
COLUMNS = (
    "predicates",
    "change",
    "n_before",
    "n_after",
    "before",
    "after",
    "difference",
    "low",
    "high",
    "p_value",
    "p_adjusted",
)
ALL = "all rows"
ROSE, FELL = "error rose", "error fell"
AGAINST_ALL = ", measured against all rows"
OF_ERROR = (ROSE, FELL, ROSE + AGAINST_ALL, FELL + AGAINST_ALL)
LEAST_SIZE = 20  # rows of a slice, both batches together
LEVEL = 0.95


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SliceDrift(Result):
    """Slices that changed from one batch to the next.

    Attributes
    ----------
    n_before, n_after : int
        Rows of the batches.
    n_searched : int
        Slices compared.
    alpha : float
        Probability of reporting any change where there is none.
    error_before, error_after : float
        Mean error of all rows; nan where no errors were passed.
    shares : bool
        Whether errors are 0 or 1 (or none were passed), so that they are shares.
    left_out : tuple of (str, str)
        Columns that make no slices or that one batch lacks, with the reason.
    frame : pandas.DataFrame
        One row a change. Columns: predicates; change (error rose | error fell | new | more frequent | rarer; the first
        two with ", measured against all rows" where all rows changed, too, and the slice otherwise); n_before and
        n_after, rows of the slice; before and after (its mean error, or its share of the rows), their difference with
        its 95 % interval low, high; p_value; p_adjusted for all slices and both directions.
    """

    n_before: int
    n_after: int
    n_searched: int
    alpha: float
    error_before: float
    error_after: float
    shares: bool
    left_out: tuple[tuple[str, str], ...]
    frame: pd.DataFrame

    def __len__(self) -> int:
        return len(self.frame)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a change, errors first."""
        return self.frame.copy()

    def summary(self) -> list[str]:
        """Return the changes with the lowest p values."""
        head = f"{counted(len(self), 'change')} ({self.n_before:,} rows before, {self.n_after:,} after)"
        lines = [
            f"  {shortened(r['predicates'], 60)}: {r['change']}, {as_number(r['before'])} to {as_number(r['after'])}, "
            f"p {p_text(r['p_adjusted'])}"
            for r in self.frame.head(3).to_dict("records")
        ]
        if not lines and self.n_before + self.n_after < 2 * LEAST_SIZE:
            least = f"{LEAST_SIZE} of both batches together make a slice"
            lines = [f"  {counted(self.n_before + self.n_after, 'row')}: too few, {least}"]
        if self.left_out:
            names = ", ".join(f"{name} ({reason})" for name, reason in self.left_out)
            lines = [*(lines or ["  none beyond chance"]), f"  left out: {shortened(names, 100)}"]
        return [head, *(lines or ["  none beyond chance"]), "  next: .to_frame(), .plot()"]

    def plot(self) -> alt.Chart | alt.LayerChart:
        """Return differences with their intervals as a chart, one row a change (the first 40).

        Errors that are no shares have a unit of their own: then they are drawn, and shares only without them.
        """
        from labelqa.slices.chart import difference_chart

        of_error = self.frame["change"].isin(OF_ERROR)
        errors_only = not self.shares and bool(of_error.any())
        shown = (self.frame[of_error] if errors_only else self.frame).head(40)
        texts = shown["predicates"] + ": " + shown["change"]
        shown = shown.assign(predicates=texts, size=shown["n_before"] + shown["n_after"])
        return difference_chart(shown, title="Change", percent=not errors_only)


def slice_drift(
    before: object,
    after: object,
    *,
    error: tuple[object, object] | None = None,
    max_predicates: int = 2,
    min_support: float = 0.01,
    alpha: float = 0.05,
    rng: int | np.random.Generator = 0,
) -> SliceDrift:
    """Slices whose share or error changed from one batch to the next, with one error rate for all of it.

    Half of `alpha` goes to changed errors (permutation moments of the batch within each slice, Bonferroni over slices
    and directions), a quarter each to slices that became more frequent and rarer (:func:`find_slices` on the batch).
    A change that all rows share is reported as one of all rows; slices then count only if they changed otherwise.

    Parameters
    ----------
    before, after : table (pandas, polars, pyarrow)
        Features of both batches; columns that only one has are left out.
    error : (sequence (n_before,), sequence (n_after,)), optional
        Errors of both, nan where they do not apply; without them only shares are compared. A Series is matched to its
        batch by the index.
    max_predicates : {1, 2, 3}
        Most conditions of a slice.
    min_support : float
        Least share of the rows of both batches.
    alpha : float
        Probability of reporting any change where there is none.
    rng : int or numpy.random.Generator
        Of the shuffles for shares.

    Returns
    -------
    SliceDrift
        One row a change.

    Raises
    ------
    ParameterError
        If the batches share no column, lengths differ, or a parameter is out of range.

    References
    ----------
    Mielke, P. W. & Berry, K. J. (2007). Permutation Methods, 2nd ed., section 2.3.

    Examples
    --------
    >>> old = pd.DataFrame({"channel": ["chat", "mail"] * 200})
    >>> wrong = (np.zeros(400), ((old["channel"] == "chat") & (old.index % 8 == 0)).astype(float))
    >>> slice_drift(old, old, error=wrong).to_frame()[["predicates", "change"]].values.tolist()
    [['channel = chat', 'error rose']]
    """
    check_predicates(max_predicates)
    check_between("alpha", alpha, 0, 1, what="a probability", example="0.05")
    check_between("min_support", min_support, 0, 1, what="a share of rows", example="0.01")
    generator = random_generator(rng)
    before, after = (frame_of(b, n, "Pass features as columns.") for b, n in ((before, "before"), (after, "after")))
    table, left_out = _together(before, after)
    is_after = np.arange(len(table)) >= len(before)
    least = max(LEAST_SIZE, int(np.ceil(min_support * len(table))))
    rows: list[dict[str, object]] = []
    n_searched = 0
    both = np.full(len(table), np.nan)
    if error is not None:
        _check_pair(error)
        both = np.concatenate(
            [
                numbers_of(in_order_of(batch.index, values, f"error[{i}]", name), f"error[{i}]", len(batch))
                for i, (batch, values, name) in enumerate(zip((before, after), error, ("before", "after"), strict=True))
            ]
        )
        everything = np.ones(len(table), dtype=np.bool_)
        lattice = search(table, both, max_predicates=max_predicates, min_size=least, alone=[everything])
        n_searched = len(lattice)
        changes = changed_errors(lattice, both[lattice.rows], is_after[lattice.rows], alpha)
        rows += [_error_row(table, lattice, both, is_after, change) for change in changes]
    options = {"max_predicates": max_predicates, "min_support": min_support, "alpha": alpha / 4, "rng": generator}
    for direction in (is_after, ~is_after):
        shares = find_slices(table, direction.astype(float), **options)  # type: ignore[arg-type]  # as named above
        n_searched = max(n_searched, shares.n_searched)
        rows += [_share_row(shares.mask(i), is_after, row) for i, row in enumerate(shares.frame.to_dict("records"))]
    return SliceDrift(
        n_before=len(before),
        n_after=len(after),
        n_searched=n_searched,
        alpha=alpha,
        error_before=side(both, ~is_after & ~np.isnan(both), None).rate,
        error_after=side(both, is_after & ~np.isnan(both), None).rate,
        shares=bool(np.isin(both[~np.isnan(both)], (0.0, 1.0)).all()),
        left_out=left_out,
        frame=pd.DataFrame(rows, columns=list(COLUMNS)),
    )


def _check_pair(error: object) -> None:
    if not isinstance(error, tuple | list) or len(error) != 2:
        what, step = f"error is {type(error).__name__}, not one for each batch", "Pass (errors before, errors after)."
        raise ParameterError(Problem(what=what, parameter="error", next_step=step))


def _together(before: pd.DataFrame, after: pd.DataFrame) -> tuple[FeatureTable, tuple[tuple[str, str], ...]]:
    """Return both batches coded alike, and the columns that were left out."""
    for name, batch in (("before", before), ("after", after)):
        if not batch.columns.is_unique:
            twice = batch.columns[batch.columns.duplicated()].tolist()
            what = f"{name} has columns of the same name ({shorten(map(repr, twice), 3)}), which cannot be matched"
            raise ParameterError(Problem(what=what, parameter=name, next_step="Rename them."))
    shared = [c for c in before.columns if c in after.columns]
    if not shared or not len(before) or not len(after):
        what = "the batches share no column" if len(before) and len(after) else "one of the batches has no rows"
        raise ParameterError(Problem(what=what, parameter="after", next_step="Pass the same columns for both."))
    lacking = [(c, "only before has it") for c in before.columns if c not in after.columns]
    lacking += [(c, "only after has it") for c in after.columns if c not in before.columns]
    table = encode_features(pd.concat([before[shared], after[shared]], ignore_index=True)).stated
    return table, (*((str(c), reason) for c, reason in lacking), *table.left_out)


def _error_row(
    table: FeatureTable, lattice: Lattice, error: Floats, is_after: Mask, change: ErrorChange
) -> dict[str, object]:
    mask = np.zeros(error.size, dtype=np.bool_)
    mask[lattice.rows] = lattice.mask(change.slice)
    after, before = side(error, mask & is_after, None), side(error, mask & ~is_after, None)
    known = error[lattice.rows]
    shares = bool(np.all((known == 0) | (known == 1)))
    low, high = difference_interval(after, before, shares=shares, level=LEVEL)
    d = len(table.names)
    conditions = [table.levels[j][v] if j < d else ALL for j, v in lattice.conditions(change.slice)]
    return {
        "predicates": " and ".join(conditions),
        "change": (ROSE if change.rose else FELL) + (AGAINST_ALL if change.against_all else ""),
        "n_before": before.size,
        "n_after": after.size,
        "before": before.rate,
        "after": after.rate,
        "difference": after.rate - before.rate,
        "low": low,
        "high": high,
        "p_value": change.p_value,
        "p_adjusted": change.p_adjusted,
    }


def _share_row(mask: Mask, is_after: Mask, row: dict[Hashable, object]) -> dict[str, object]:
    after, before = side(mask.astype(float), is_after, None), side(mask.astype(float), ~is_after, None)
    low, high = difference_interval(after, before, shares=True, level=LEVEL)
    n_before = int((mask & ~is_after).sum())
    grown = after.rate > before.rate
    return {
        "predicates": row["predicates"],
        "change": ("new" if n_before == 0 else "more frequent") if grown else "rarer",
        "n_before": n_before,
        "n_after": int((mask & is_after).sum()),
        "before": before.rate,
        "after": after.rate,
        "difference": after.rate - before.rate,
        "low": low,
        "high": high,
        "p_value": row["p_value"],
        "p_adjusted": min(1.0, 4 * float(str(row["p_adjusted"]))),
    }
