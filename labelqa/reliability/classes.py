"""Agreement class by class, and which classes most of the disagreement comes from."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.schema import LabelSchema
from labelqa.annotations.table import Annotations
from labelqa.counts.patterns import CountPatterns, as_patterns
from labelqa.counts.sparse import ClassCounts
from labelqa.errors import check_choice
from labelqa.inference.intervals import check_level
from labelqa.reliability import names
from labelqa.reliability.estimate import Data, agreement
from labelqa.results import Result, as_number, as_percent, reason_as_object

if TYPE_CHECKING:
    import altair as alt

Floats = npt.NDArray[np.float64]
COLUMNS = (
    "class",
    "n_items",
    "n_annotations",
    "share",
    "estimate",
    "low",
    "high",
    "standard_error",
    "disagreement",
    "share_of_disagreement",
    "reason",
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ClassAgreement(Result):
    """Agreement on each class against all others.

    Attributes
    ----------
    coefficient : str
        The coefficient, computed on "this class or another".
    confidence : float
        Level of the intervals.
    frame : pandas.DataFrame
        One row a class, by falling share of all disagreement. Columns: class; n_items on which it was used;
        n_annotations; share of all labels; estimate, low, high, standard_error; disagreement (share of the class's
        label pairs that split); share_of_disagreement (of all split pairs, half to either class; sums to 1); reason.
    """

    coefficient: str
    confidence: float
    frame: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return one row a class, by falling share of disagreement."""
        return self.frame.copy()

    def summary(self) -> list[str]:
        """Return the classes that most of the disagreement comes from."""
        lines = [
            f"  {row['class']}: {as_percent(row['share_of_disagreement'])} of all disagreement, "
            f"agreement {as_number(row['estimate'])}"
            for row in self.frame.head(3).to_dict("records")
        ]
        head = f"{names.TITLES[self.coefficient]} of {len(self.frame):,} classes, each against the others"
        return [head, *lines, "  next: .to_frame(), .plot()"]

    def plot(self) -> alt.Chart | alt.LayerChart:
        """Return estimates and intervals as a chart, one row a class (the first 40)."""
        from labelqa.charts.intervals import interval_chart  # charts are imported only when drawn

        return interval_chart(self.frame.head(40).rename(columns={"class": "name"}))


def class_agreement(data: Data, *, coefficient: str = names.KRIPPENDORFF, confidence: float = 0.95) -> ClassAgreement:
    """Agreement on each class, the others taken as one (Fleiss 1971).

    Parameters
    ----------
    data : Annotations or CountPatterns
        Labels of one round.
    coefficient : str
        Any coefficient of :func:`labelqa.agreement`; ``cohen_kappa`` and ``conger_kappa`` need annotations.
    confidence : float
        Level of the intervals.

    Returns
    -------
    ClassAgreement
        One row a class, by falling share of all disagreement.

    Raises
    ------
    ParameterError, RoundsError
        As for :func:`labelqa.agreement`.

    References
    ----------
    Fleiss, J. L. (1971). Measuring nominal scale agreement among many raters. Psychol. Bull. 76, 378-382.

    Examples
    --------
    >>> import pandas as pd
    >>> wide = pd.DataFrame({"ann": ["x", "x", "y", "z"], "ben": ["x", "x", "y", "x"]})
    >>> frame = class_agreement(Annotations.from_wide(wide)).to_frame()
    >>> frame[["class", "share_of_disagreement"]].values.tolist()
    [['x', 0.5], ['z', 0.5], ['y', 0.0]]
    """
    check_choice("coefficient", coefficient, names.COEFFICIENTS)
    check_level(confidence)
    patterns = as_patterns(data)
    used, labels, splits, pairs = _class_totals(patterns)
    rows: list[dict[str, object]] = []
    for c, name in enumerate(patterns.schema.classes):
        result = agreement(_one_class(data, patterns, c, coefficient), coefficient)
        row = result.row(confidence)
        if not labels[c]:
            row |= dict.fromkeys(("estimate", "low", "high", "standard_error"), math.nan)
        rows.append(
            {
                "class": name,
                "n_items": int(used[c]),
                "n_annotations": int(labels[c]),
                "share": labels[c] / max(labels.sum(), 1),
                "disagreement": splits[c] / pairs[c] if pairs[c] else math.nan,
                "share_of_disagreement": splits[c] / splits.sum() if splits.sum() else 0.0,
                "reason": row["reason"] if labels[c] else "the class was not used",
            }
            | {key: row[key] for key in ("estimate", "low", "high", "standard_error")}
        )
    frame = reason_as_object(pd.DataFrame(rows, columns=list(COLUMNS)))
    frame = frame.sort_values(["share_of_disagreement", "n_annotations"], ascending=False, kind="stable")
    return ClassAgreement(coefficient=coefficient, confidence=confidence, frame=frame.reset_index(drop=True))


def _class_totals(patterns: CountPatterns) -> tuple[Floats, Floats, Floats, Floats]:
    """Return per class (k,): items that use it, labels, split label pairs and all label pairs that involve it.

    Each item's pairs weigh 1/(r_i - 1), so that every label counts once (Krippendorff's coincidences).
    """
    rows, times = patterns.rows, patterns.multiplicity.astype(np.float64)
    r = rows.sums()
    per_pair = np.where(r >= 2, 1 / np.maximum(r - 1, 1), 0.0)
    at, counts = rows.row, rows.counts.astype(np.float64)
    weights = {
        "used": times[at],
        "labels": times[at] * counts,
        "splits": times[at] * per_pair[at] * counts * (r[at] - counts),
        "alike": times[at] * per_pair[at] * counts * (counts - 1),
    }
    sums = {n: np.bincount(rows.classes, weights=w, minlength=rows.k).astype(np.float64) for n, w in weights.items()}
    return sums["used"], sums["labels"], sums["splits"], sums["splits"] + sums["alike"]


def _one_class(data: Data, patterns: CountPatterns, c: int, coefficient: str) -> Data:
    """Return the data as "class c" against "another class"."""
    if coefficient not in names.IGNORE_ANNOTATORS and isinstance(data, Annotations):
        codes = (data.label != c).astype(np.int32)
        return replace(data, schema=_two_classes(patterns.schema, c), label=codes)
    return two_class_patterns(patterns, c)


def _two_classes(schema: LabelSchema, c: int) -> LabelSchema:
    return LabelSchema(classes=(schema.classes[c], _OTHER), level="nominal")


def two_class_patterns(patterns: CountPatterns, c: int) -> CountPatterns:
    """Return the patterns with every class but `c` taken as one; cost: the entries of class c."""
    rows, times = patterns.rows, patterns.multiplicity
    r = rows.sums().astype(np.int64)
    mine = np.flatnonzero(rows.classes == c)
    at = rows.row[mine]
    rest = np.bincount(r, weights=times) - np.bincount(r[at], weights=times[at], minlength=int(r.max(initial=0)) + 1)
    sizes = np.flatnonzero(np.round(rest))
    with_class = np.stack([rows.counts[mine], r[at] - rows.counts[mine]], axis=1)
    without = np.stack([np.zeros_like(sizes), sizes], axis=1)
    return CountPatterns(
        patterns=ClassCounts.from_dense(np.concatenate([with_class, without])),
        multiplicity=np.r_[times[at], np.round(rest[sizes]).astype(np.int64)],
        schema=_two_classes(patterns.schema, c),
    )


_OTHER = object()  # a class name that no data can hold
