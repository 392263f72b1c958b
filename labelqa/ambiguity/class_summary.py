"""Each class at a glance: how much of it is disputed, and with which class its border is unclear."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from labelqa.ambiguity.advice import ENOUGH_ITEMS
from labelqa.ambiguity.confusions import class_confusions
from labelqa.ambiguity.measures import Term, rate
from labelqa.ambiguity.sums import pair_sums
from labelqa.annotations.schema import LabelSchema
from labelqa.counts.patterns import as_patterns
from labelqa.reliability.estimate import Data
from labelqa.results import Result, as_percent
from labelqa.text import counted, visible

if TYPE_CHECKING:
    import altair as alt

FEW = "few label pairs split: the interval may be too narrow"
COLUMNS = (
    "class", "n_items", "n_annotations", "disagreement", "low", "high", "share_of_disagreement", "n_flagged",
    "confused_with", "caution", "reason",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ClassAmbiguity(Result):
    """How unclear each class is.

    Attributes
    ----------
    confidence : float
        Level of the intervals.
    frame : pandas.DataFrame
        One row a class, by falling share of all disagreement. Columns: class; n_items that got it and two or more
        labels; n_annotations there; disagreement (share of label pairs with this class that split), low, high;
        share_of_disagreement (half of each split pair); n_flagged pairs; confused_with (classes of flagged pairs, the
        least distinguishable first); caution (why to be careful with its interval); reason (why disagreement is nan).
    """

    confidence: float
    frame: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return one row a class, by falling share of disagreement."""
        return self.frame.copy()

    def summary(self) -> list[str]:
        """Return the classes that are disputed most."""
        lines = [
            f"  {visible(row['class'])}: "
            + ("nothing to compare" if row["reason"] else f"{as_percent(row['disagreement'])} of its label pairs split")
            + (f", unclear border with {row['confused_with']}" if row["confused_with"] else "")
            for row in self.frame.head(3).to_dict("records")
        ]
        unclear = int((self.frame["n_flagged"] > 0).sum())
        head = f"{counted(len(self.frame), 'class', 'classes')}, {unclear:,} with an unclear border"
        return [head, *lines, "  next: .to_frame(), .plot(), labelqa.class_confusions(data)"]

    def plot(self) -> alt.Chart | alt.LayerChart:
        """Return split rates and intervals as a chart, one row a class (the first 40)."""
        from labelqa.charts.intervals import interval_chart  # charts are imported only when drawn

        rows = self.frame.head(40).rename(columns={"class": "name", "disagreement": "estimate"})
        return interval_chart(rows, title="Share of label pairs that split")


def class_ambiguity(data: Data, tolerance: float = 0.10, *, confidence: float = 0.95) -> ClassAmbiguity:
    """How unclear each class is: the share of its label pairs that split, and with which class.

    Parameters
    ----------
    data : Annotations or CountPatterns
        Labels of one round, k classes.
    tolerance, confidence : float
        As for :func:`labelqa.class_confusions`.

    Returns
    -------
    ClassAmbiguity
        One row a class.

    Raises
    ------
    ParameterError, RoundsError
        As for :func:`labelqa.class_confusions`.

    Examples
    --------
    >>> import pandas as pd
    >>> from labelqa.annotations.table import Annotations
    >>> wide = pd.DataFrame({"ann": list("xxxyyyzz"), "ben": list("xxyyyxzz")})
    >>> class_ambiguity(Annotations.from_wide(wide)).to_frame()[["class", "disagreement"]].values.tolist()
    [['x', 0.3333333333333333], ['y', 0.3333333333333333], ['z', 0.0]]
    """
    found = class_confusions(data, tolerance, confidence=confidence)
    patterns = as_patterns(data)
    sums = pair_sums(patterns).classes
    n = int(patterns.multiplicity[patterns.rows.sums() >= 2].sum())
    split = Term(total=sums.split, squares=sums.split2)
    shown = rate(split, Term(total=sums.alike, squares=sums.alike2), sums.alike_split, n=n, confidence=confidence)
    partners = _partners(found.flagged, patterns.schema)
    known = (sums.split + sums.alike) > 0
    frame = pd.DataFrame(
        {
            "class": pd.Series(patterns.schema.classes, dtype=object),
            "n_items": sums.items.round().astype(np.int64),
            "n_annotations": sums.labels.round().astype(np.int64),
            "disagreement": shown.estimate,
            "low": np.where(known, shown.low, np.nan),
            "high": np.where(known, shown.high, np.nan),
            "share_of_disagreement": sums.split / (float(sums.split.sum()) or 1.0),
            "n_flagged": [len(p) for p in partners],
            "confused_with": [", ".join(p) for p in partners],
            "caution": pd.Series(
                [FEW if ok and s < ENOUGH_ITEMS else "" for ok, s in zip(known, sums.split, strict=True)]
            ),
            "reason": pd.Series([None if ok else "no item with two labels has it" for ok in known], dtype=object),
        }
    )
    order = ["share_of_disagreement", "n_annotations"]
    frame = frame.sort_values(order, ascending=False, kind="stable", ignore_index=True)
    return ClassAmbiguity(confidence=confidence, frame=frame)


def _partners(flagged: pd.DataFrame, schema: LabelSchema) -> list[list[str]]:
    """Return, for each class, the names of the classes that it is confused with."""
    out: list[list[str]] = [[] for _ in range(schema.k)]
    for pair in zip(flagged["class_a"], flagged["class_b"], strict=True):
        a, b = (schema.index_of(c) for c in pair)
        if a is not None and b is not None:
            out[a].append(schema.names[b])
            out[b].append(schema.names[a])
    return out
