"""The result of :func:`diagnose_slices`."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from labelqa.diagnosis.slice_rows import SliceRows
from labelqa.diagnosis.slice_votes import Votes, vote_texts
from labelqa.errors import ParameterError, Problem, is_whole
from labelqa.results import Result, as_percent
from labelqa.text import counted, shortened

if TYPE_CHECKING:
    import altair as alt

COLUMNS = (
    "slice", "size", "share", "error", "rest_error", "excess", "excess_low", "excess_high", "n_audited",
    "definition", "definition_low", "definition_high", "noise", "noise_low", "noise_high",
    "data", "data_low", "data_high", "rest", "rest_low", "rest_high",
    "remedy", "part", "sureness", "n_more", "n_new", "gain", "cost", "priority", "class_a", "class_b", "reason",
    "missing",
)  # fmt: skip
SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SliceDiagnosis(Result):
    """Why each slice has more error than the rest, and what to do about it.

    Attributes
    ----------
    frame : pandas.DataFrame
        One row a slice, in the order given. Columns: slice; size (rows with a label and a prediction) and share of all;
        error, rest_error (outside the slice), excess = error - rest_error with interval; n_audited (rows with two
        labels by annotators); the four parts of the excess, each the slice's amount minus that of the rest, none below
        0 or above the excess, with intervals, nan where unknown: definition (error that unclear classes must cause),
        noise (stored labels are wrong), data (what more data would remove), rest (what features or the model leave;
        holds unknown parts); remedy (``clarify, relabel, collect, improve_model, audit_more, none``); part (the one it
        is for; with audit_more the likeliest); sureness (share of resamples in which that part is the largest); n_more
        (items to audit, relabel or collect) and n_new (those of them that the slice does not have yet); gain (error
        rate of the slice that would vanish; with audit_more after the likeliest remedy); cost; priority = gain *
        share / cost; class_a and class_b, the pair that is unclear where the remedy is to clarify; reason in words;
        missing (what to provide to tell more, as `annotations` or as `model` and `features`; "" if nothing).
    n_rows : int
        Rows with a label and a prediction.
    confidence : float
        Level of the intervals, and of the test whether a slice is worse than the rest at all.
    notes : tuple of str
        What a user should know of.
    """

    frame: pd.DataFrame
    n_rows: int
    confidence: float
    notes: tuple[str, ...]
    _rows: SliceRows
    _votes: Votes
    _classes: tuple[object, ...]

    def __len__(self) -> int:
        """Return the number of slices."""
        return len(self.frame)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a slice, in the order given."""
        return self.frame.copy()

    def ranked(self) -> pd.DataFrame:
        """Return one row a slice, by falling priority."""
        return self.frame.sort_values("priority", ascending=False, kind="stable").reset_index(drop=True)

    def evidence(self, i: int, n: int = 20) -> pd.DataFrame:
        """Return the rows of slice `i` that speak most for its remedy.

        Parameters
        ----------
        i : int
            Position of the slice.
        n : int
            Most rows.

        Returns
        -------
        DataFrame
            Columns: row (name), label, prediction, wrong, split (share of annotators' label pairs that differ, nan
            without two), differs (share of annotators who differ from the stored label), votes as text. First come rows
            that annotators split on (clarify), whose stored label they reject with one voice (relabel), that are
            predicted wrongly though annotators confirm the label (collect, improve_model), or that nobody has audited
            (audit_more), wrong ones first.

        Raises
        ------
        ParameterError
            If there is no such slice, or `n` is not a whole number from 0 on.
        """
        if not is_whole(i, 0) or i >= len(self):
            allowed = f"0 to {len(self) - 1}" if len(self) else "none: there are no slices"
            raise ParameterError(Problem(what=f"there is no slice {i!r}", parameter="i", value=i, allowed=(allowed,)))
        if not is_whole(n, 0):
            raise ParameterError(Problem(what=f"n={n!r} is not a number of rows", parameter="n", value=n))
        rows = np.flatnonzero(self._rows.masks[i])
        split, differs = self._votes.split[rows], self._votes.differs[rows]
        wrong = self._rows.wrong[rows]
        remedy = str(self.frame["remedy"].iloc[i])
        told, doubt = np.nan_to_num(split), np.nan_to_num(differs)
        score = {
            "clarify": 4 * told,
            "relabel": 4 * (doubt - told),
            "audit_more": 4.0 * np.isnan(split),
        }.get(remedy, 0 - doubt)
        chosen = rows[np.argsort(-(score + wrong), kind="stable")[: int(n)]]
        return pd.DataFrame(
            {
                "row": self._rows.index.take(chosen),
                "label": self._rows.classes[self._rows.label[chosen]],
                "prediction": self._rows.classes[self._rows.predicted[chosen]],
                "wrong": self._rows.wrong[chosen] == 1,
                "split": self._votes.split[chosen],
                "differs": self._votes.differs[chosen],
                "votes": vote_texts(self._votes, self._classes, chosen),
            }
        )

    def summary(self) -> list[str]:
        """Return the slices of highest priority with their remedies, and what to call next."""
        if not len(self):
            return ["No slices to diagnose", "  next: labelqa.find_slices(features, error)"]
        rows = self.ranked().head(SHOWN).to_dict("records")
        return [
            f"{counted(len(self), 'slice')} diagnosed on {self.n_rows:,} rows",
            *(self._line(row) for row in rows),
            *(f"  ! {note}" for note in self.notes[:1]),
            "  next: .ranked(), .evidence(0), .plot()",
        ]

    def _line(self, row: dict[Hashable, object]) -> str:
        rates = " against ".join(as_percent(float(str(row[c])), 1) for c in ("error", "rest_error"))
        new = f", {row['n_new']:,} of them new" if row["n_new"] else ""
        more = f" ({row['n_more']:,} items{new})" if row["n_more"] else ""
        return f"  {shortened(row['slice'], 50)}: {rates}; {row['remedy']}{more}"

    def plot(self) -> alt.Chart | alt.LayerChart:
        """Return the parts of each slice's excess with their intervals as a chart (the first 12 slices)."""
        from labelqa.charts.intervals import interval_chart  # charts are imported only when drawn
        from labelqa.diagnosis.slice_parts import PARTS

        rows = self.frame.head(12).to_dict("records")
        drawn = [
            {
                "name": f"{shortened(row['slice'], 60)}: {part}",
                "estimate": row[part],
                "low": row[f"{part}_low"],
                "high": row[f"{part}_high"],
                "reason": "not known",
            }
            for row in rows
            for part in PARTS
        ]
        columns = ["name", "estimate", "low", "high", "reason"]
        return interval_chart(pd.DataFrame(drawn, columns=columns), title="Share of rows: part of the excess error")
