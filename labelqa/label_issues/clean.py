"""Corrected labels with provenance: nothing changes without a verdict."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.schema import LabelSchema
from labelqa.errors import ParameterError, Problem
from labelqa.label_issues.given import class_values
from labelqa.label_issues.result import LabelIssues
from labelqa.label_issues.verdicts import RIGHT, UNSURE, WRONG, Verdicts, read_verdicts
from labelqa.results import Result
from labelqa.text import counted

Codes = npt.NDArray[np.int32]
ACTIONS = ("kept unreviewed", "confirmed", "corrected", "dropped", "kept in doubt")
KEPT, CONFIRMED, CORRECTED, DROPPED, DOUBTED = range(5)
WHYS = (
    "no verdict",
    "verdict: right",
    "verdict names the class",
    "verdict: wrong, class suggested by {source}",
    "verdict: unsure",
    "verdict: wrong, new class unknown",
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class CleanedLabels(Result):
    """Labels after review; n rows.

    Attributes
    ----------
    items : pandas.Index (n,)
        Names of the rows.
    schema : LabelSchema
        The classes.
    old, codes : int32 (n,)
        Class before and after, as positions in the classes; `codes` is -1 where the row is dropped.
    action : object (n,)
        kept unreviewed, confirmed, corrected, dropped, or kept in doubt (unsure, or wrong without a new class).
    why : object (n,)
        What the action rests on.
    reviewer : object (n,)
        Who gave the verdict, where it was told; else None.
    """

    items: pd.Index
    schema: LabelSchema
    old: Codes
    codes: Codes
    action: npt.NDArray[np.object_]
    why: npt.NDArray[np.object_]
    reviewer: npt.NDArray[np.object_]

    def __len__(self) -> int:
        """Return the number of rows n, dropped ones included."""
        return len(self.items)

    @property
    def kept(self) -> npt.NDArray[np.bool_]:
        """Rows that are not dropped, bool (n,)."""
        return np.asarray(self.codes >= 0)

    @property
    def labels(self) -> pd.Series:
        """The corrected labels by item, without the rows that are dropped."""
        classes = class_values(self.schema)
        return pd.Series(classes[self.codes[self.kept]], index=self.items[self.kept], name="label").infer_objects()

    @property
    def counts(self) -> dict[str, int]:
        """Rows of each action."""
        return {name: int((self.action == name).sum()) for name in ACTIONS}

    def to_frame(self) -> pd.DataFrame:
        """Return one row a label: item, old, new (None where dropped), action, why, reviewer."""
        classes = np.array([*class_values(self.schema), None], dtype=object)
        return pd.DataFrame(
            {
                "item": np.asarray(self.items),
                "old": classes[self.old],
                "new": pd.Series(classes[self.codes], dtype=object),
                "action": self.action,
                "why": self.why,
                "reviewer": pd.Series(self.reviewer, dtype=object),
            }
        )

    def summary(self) -> list[str]:
        """Return what changed in a few lines."""
        counts = self.counts
        changed, dropped = counts["corrected"], counts["dropped"]
        lines = [
            f"{counted(changed, 'label')} of {len(self):,} corrected, {dropped:,} dropped",
            f"  {counts['confirmed']:,} confirmed, {counts['kept unreviewed']:,} kept without review",
        ]
        guessed = sum("suggested by" in why for why in self.why)
        unknown = int((self.why == WHYS[5]).sum())
        unsure = int((self.why == WHYS[4]).sum()) - dropped
        told = (
            (guessed, f"{guessed:,} of the corrected took the suggested class: no reviewer named one"),
            (unknown, f"{unknown:,} wrong, but kept: the new class is unknown"),
            (unsure, f"{unsure:,} unsure, and kept (drop_unsure=True drops them)"),
        )
        return [*lines, *(f"  ! {text}" for n, text in told if n), "  next: .labels, .to_frame()"]


def clean_labels(issues: LabelIssues, verdicts: object, *, drop_unsure: bool = False) -> CleanedLabels:
    """Labels corrected by verdicts, each with where it comes from; without a verdict nothing changes.

    Parameters
    ----------
    issues : LabelIssues
        Of :func:`find_label_issues`.
    verdicts : mapping, Series, or DataFrame with columns item and verdict
        For each item: the right class; "wrong" or True (then the suggested class is taken where it differs from the
        given one, and marked so); "right" or False; "unsure". A column reviewer is kept.
    drop_unsure : bool
        Whether rows that the reviewer was unsure of are dropped.

    Returns
    -------
    CleanedLabels
        Labels, and for each row the action and its reason.

    Raises
    ------
    ParameterError
        For unknown or repeated items and unknown verdicts.

    Examples
    --------
    >>> from labelqa.label_issues.find import find_label_issues
    >>> probabilities = [[0.9, 0.1], [0.2, 0.8], [0.95, 0.05], [0.1, 0.9]]
    >>> issues = find_label_issues(["cat", "dog", "dog", "dog"], pred_probs=probabilities)
    >>> cleaned = clean_labels(issues, {2: "cat", 0: "right"})
    >>> cleaned.labels.tolist(), cleaned.counts["corrected"]
    (['cat', 'dog', 'cat', 'dog'], 1)
    """
    if not isinstance(drop_unsure, bool | np.bool_):
        raise ParameterError(
            Problem(
                what=f"drop_unsure={drop_unsure!r} is neither yes nor no",
                parameter="drop_unsure",
                value=drop_unsure,
                allowed=("True", "False"),
            )
        )
    read = read_verdicts(issues, verdicts)
    action, why, new = _outcomes(issues, read, bool(drop_unsure))
    n = len(issues)
    codes = issues.given.copy()
    codes[read.rows] = new
    reviewer = np.full(n, None, dtype=object)
    reviewer[read.rows] = read.reviewers
    whys = np.array([w.format(source=issues.source) for w in WHYS], dtype=object)
    return CleanedLabels(
        items=issues.items,
        schema=issues.schema,
        old=issues.given,
        codes=codes,
        action=np.array(ACTIONS, dtype=object)[_over(n, read, action)],
        why=whys[_over(n, read, why)],
        reviewer=reviewer,
    )


def _outcomes(issues: LabelIssues, read: Verdicts, drop_unsure: bool) -> tuple[Codes, Codes, Codes]:
    """Return action, reason and new class, int32 (j,) each, of labels with a verdict."""
    given, suggested = issues.given[read.rows], issues.suggested[read.rows]
    wrong, unsure = read.said == WRONG, read.said == UNSURE
    named = wrong & (read.classes >= 0)
    guessed = wrong & ~named & (suggested != given)
    unknown = wrong & ~named & ~guessed
    right = read.said == RIGHT
    cases = [right, named, guessed, unsure & drop_unsure, unsure, unknown]
    action = np.select(cases, [CONFIRMED, CORRECTED, CORRECTED, DROPPED, DOUBTED, DOUBTED])
    why = np.select(cases, [1, 2, 3, 4, 4, 5])
    new = np.select([named, guessed, unsure & drop_unsure], [read.classes, suggested, -1], default=given)
    return action.astype(np.int32), why.astype(np.int32), new.astype(np.int32)


def _over(n: int, read: Verdicts, values: Codes) -> Codes:
    out = np.zeros(n, dtype=np.int32)
    out[read.rows] = values
    return out
