"""Which two classes meet on the same items: counts of split label pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from labelqa.counts.patterns import as_patterns
from labelqa.reliability.estimate import Data
from labelqa.results import Result, as_percent

if TYPE_CHECKING:
    import altair as alt

COLUMNS = ("class_a", "class_b", "n_items", "coincidences", "share_of_disagreement")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ClassPairCounts(Result):
    """Pairs of classes that were given to the same item.

    Attributes
    ----------
    frame : pandas.DataFrame
        One row a pair that occurs, most frequent first. Columns: class_a, class_b; n_items on which both were used;
        coincidences (split label pairs, each item's pairs weighing 1/(r_i - 1)); share_of_disagreement.
    """

    frame: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return one row a pair of classes, most frequent first."""
        return self.frame.copy()

    def summary(self) -> list[str]:
        """Return the pairs that meet most often."""
        lines = [
            f"  {row['class_a']} / {row['class_b']}: {row['n_items']:,} items, "
            f"{as_percent(row['share_of_disagreement'])} of all disagreement"
            for row in self.frame.head(3).to_dict("records")
        ]
        return [f"{len(self.frame):,} pairs of classes were used on the same item", *lines, "  next: .to_frame()"]

    def plot(self) -> alt.Chart | alt.LayerChart:
        """Return a map of the pairs."""
        from labelqa.charts.heatmap import heatmap_chart  # charts are imported only when drawn

        return heatmap_chart(self.frame)


def class_pair_counts(data: Data) -> ClassPairCounts:
    """Count the items and label pairs on which two different classes meet.

    Parameters
    ----------
    data : Annotations or CountPatterns
        Labels of one round.

    Raises
    ------
    RoundsError
        If annotations hold more than one round.
    """
    patterns = as_patterns(data)
    rows, times = patterns.rows, patterns.multiplicity.astype(np.float64)
    r = rows.sums()
    found: list[pd.DataFrame] = []
    for at, a, b in rows.entry_pairs():
        weight = times[at] / (r[at] - 1)
        split = pd.DataFrame(
            {
                "key": rows.classes[a].astype(np.int64) * rows.k + rows.classes[b],
                "n_items": times[at],
                "coincidences": weight * rows.counts[a] * rows.counts[b],
            }
        )
        found.append(split.groupby("key", as_index=False).sum())
    if not found:
        return ClassPairCounts(frame=pd.DataFrame(columns=list(COLUMNS)))
    totals = pd.concat(found).groupby("key", as_index=False).sum()
    totals = totals[totals["n_items"] > 0]
    first, second = np.divmod(totals["key"].to_numpy(), rows.k)
    classes = np.array(patterns.schema.classes, dtype=object)
    frame = pd.DataFrame(
        {
            "class_a": classes[first],
            "class_b": classes[second],
            "n_items": totals["n_items"].round().astype(np.int64),
            "coincidences": totals["coincidences"],
            "share_of_disagreement": totals["coincidences"] / totals["coincidences"].sum(),
        }
    )
    frame = frame.sort_values("coincidences", ascending=False, kind="stable")
    return ClassPairCounts(frame=frame.reset_index(drop=True))
