"""Which items people disagree on most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.table import Annotations
from labelqa.counts.patterns import CountPatterns, item_patterns, need_annotations
from labelqa.reliability.rank import scheme_for
from labelqa.reliability.weights import WeightsLike
from labelqa.results import Result, as_percent

Ints = npt.NDArray[np.int64]
COLUMNS = ("item", "n_annotations", "n_classes", "disagreement", "top_class", "top_share", "tied", "labels")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ItemDisagreement(Result):
    """Disagreement on each item, worst first.

    Attributes
    ----------
    frame : pandas.DataFrame
        Columns: item; n_annotations; n_classes; disagreement in [0, 1] (share of the item's label pairs that split,
        or their mean distance under weights; nan with a single label); top_class, its share, tied where another class
        has as many labels; labels as text.
    """

    frame: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return one row an item, most disputed first."""
        return self.frame.copy()

    def top(self, n: int = 20) -> pd.DataFrame:
        """Return the `n` most disputed items."""
        return self.frame.head(n)

    def summary(self) -> list[str]:
        """Return how many items are disputed, and the worst."""
        disputed = int((self.frame["disagreement"] > 0).sum())
        lines = [f"  {row['item']}: {row['labels']}" for row in self.frame.head(3).to_dict("records")]
        share = as_percent(disputed / max(len(self.frame), 1))
        return [f"{disputed:,} of {len(self.frame):,} items ({share}) are disputed", *lines, "  next: .top(20)"]


def item_disagreement(annotations: Annotations, *, weights: WeightsLike = "identity") -> ItemDisagreement:
    """Share of each item's label pairs that split: 1 - sum_c c(c-1) / (r(r-1)).

    Parameters
    ----------
    annotations : Annotations
        Labels of one round.
    weights : str or array (k, k)
        Agreement weights as for :func:`labelqa.agreement`: with others than identity, near misses count less.

    Returns
    -------
    ItemDisagreement
        One row an item with a label, most disputed first.

    Raises
    ------
    ParameterError, LabelError, RoundsError
        As for :func:`labelqa.agreement`.

    Examples
    --------
    >>> import pandas as pd
    >>> wide = pd.DataFrame({"ann": ["x", "x", "y", "z"], "ben": ["x", "x", "y", "x"]})
    >>> item_disagreement(Annotations.from_wide(wide)).top(1)["labels"].tolist()
    ['x x1, z x1']
    """
    need_annotations(annotations)
    patterns, inverse = item_patterns(annotations)
    kinds = _describe(patterns, weights)
    used = kinds["n_annotations"].to_numpy()[inverse] > 0
    worst = kinds["order"].to_numpy()[inverse]
    chosen = np.flatnonzero(used)
    chosen = chosen[np.argsort(worst[chosen], kind="stable")]
    frame = kinds.take(inverse[chosen]).reset_index(drop=True)
    frame["item"] = annotations.items.take(chosen).to_numpy()
    return ItemDisagreement(frame=frame[list(COLUMNS)])


def _describe(patterns: CountPatterns, weights: WeightsLike) -> pd.DataFrame:
    """Describe each pattern (p rows), with its rank from most to least disputed."""
    rows, p = patterns.rows, len(patterns)
    r = rows.sums()
    agreeing = scheme_for(patterns, weights).form(rows) - r if patterns.schema.k else r
    pairs = r * (r - 1)
    disagreement = np.where(pairs > 0, 1 - agreeing / np.where(pairs > 0, pairs, 1.0), np.nan)
    top_entry, tied = _top(rows.start, rows.counts)
    names = np.array([*patterns.schema.classes, None], dtype=object)
    top_class = np.where(top_entry >= 0, rows.classes[np.maximum(top_entry, 0)] if rows.classes.size else 0, -1)
    top_count = rows.counts[np.maximum(top_entry, 0)] if rows.counts.size else np.zeros(p)
    frame = pd.DataFrame(
        {
            "n_annotations": r.astype(np.int64),
            "n_classes": np.diff(rows.start),
            "disagreement": disagreement,
            "top_class": names[top_class],
            "top_share": np.where(r > 0, top_count / np.maximum(r, 1), np.nan),
            "tied": tied,
            "labels": _texts(patterns),
        }
    )
    order = np.lexsort((-r, -np.nan_to_num(disagreement, nan=-1.0)))
    frame["order"] = np.argsort(order)
    return frame


def _top(start: Ints, counts: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Return per row the entry with the highest count (-1 for empty rows) and whether another has as many."""
    p = start.size - 1
    row = np.repeat(np.arange(p), np.diff(start))
    order = np.lexsort((-counts, row))
    entry = np.full(p, -1, dtype=np.int64)
    filled = np.diff(start) > 0
    entry[filled] = order[start[:-1][filled]]
    highest = np.zeros(p, dtype=np.int64)
    highest[filled] = counts[entry[filled]]
    ties = np.bincount(row, weights=counts == highest[row], minlength=p)
    return entry, ties > 1


def _texts(patterns: CountPatterns) -> list[str]:
    """Write each pattern as ``sport x2, politics x1``, the most frequent class first."""
    names = patterns.schema.names
    rows = patterns.rows
    order = np.lexsort((rows.classes, -rows.counts, rows.row))
    classes, counts = rows.classes[order].tolist(), rows.counts[order].tolist()
    parts = [f"{names[c]} x{n}" for c, n in zip(classes, counts, strict=True)]
    return [", ".join(parts[a:b]) for a, b in zip(rows.start[:-1].tolist(), rows.start[1:].tolist(), strict=True)]
