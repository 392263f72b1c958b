"""What the test for schools found, in numbers and in words."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from labelqa.errors import shorten
from labelqa.results import Result, as_number, as_percent, json_safe, p_text
from labelqa.text import counted

if TYPE_CHECKING:
    import altair as alt

COLUMNS = ("annotator", "n", "school", "lean")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class AnnotatorSchools(Result):
    """Whether annotators fall into two groups that read the definition differently.

    Attributes
    ----------
    found : bool
        Whether `p_value` is at most `alpha`.
    p_value : float
        How often chance alone, with annotators as accurate as these, divides them as clearly; nan where undefined.
    alpha : float
        Level of the test.
    statistic : float
        Largest eigenvalue of the likeness of annotators.
    n_permutations : int
        Deals of labels it was compared with; few where it was soon clear that chance divides as much.
    n_items : int
        Disputed items used.
    members : pandas.DataFrame
        One row an annotator. Columns: annotator, n (labels on disputed items), school (1 the larger, 2 the smaller, nan
        where none was found or nothing is shared), lean (entry of the eigenvector; far apart means clearly divided).
    classes : pandas.DataFrame
        Class pairs that divide the schools, clearest first. Columns: school_1_says, school_2_says, items (on how many
        items), expected (by chance), excess.
    items : pandas.DataFrame
        The ten items that divide them most. Columns: item, school_1 and school_2 (their labels), division.
    undefined_because : str or None
        Why there is no test.
    notes : tuple of str
        What a user should know of.
    """

    found: bool
    p_value: float
    alpha: float
    statistic: float
    n_permutations: int
    n_items: int
    members: pd.DataFrame
    classes: pd.DataFrame
    items: pd.DataFrame
    undefined_because: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def groups(self) -> tuple[tuple[Hashable, ...], ...]:
        """Names of the annotators of each school, the larger school first; empty where none was found."""
        if not self.found:
            return ()
        school = self.members["school"]
        return tuple(tuple(self.members.loc[school == s, "annotator"]) for s in (1, 2))

    @property
    def meaning(self) -> tuple[str, ...]:
        """What was found, for people who are not statisticians, a sentence or two each."""
        if self.undefined_because:
            return (f"Whether annotators read the definition in different ways cannot be said: {self._why()}.",)
        if not self.found:
            return (
                "The annotators do not fall into groups that read the definition in different ways: disagreement like "
                f"this comes about by chance in {as_percent(self.p_value)} of cases.",
            )
        return (self._split(), *self._classes(), *self._items(), *self.notes)

    def _why(self) -> str:
        return str(self.undefined_because)

    def _split(self) -> str:
        one, two = self.groups
        return (
            f"The annotators fall into two groups that read the definition differently (p = {p_text(self.p_value)}): "
            f"{shorten(two)} against {shorten(one)}. Neither is wrong by that: the guideline has to say which reading "
            "is meant."
        )

    def _classes(self) -> tuple[str, ...]:
        rows = self.classes[self.classes["excess"] >= 1].head(2).to_dict("records")
        texts = [
            f"where the larger group says '{row['school_1_says']}', the smaller says '{row['school_2_says']}' "
            f"({counted(round(row['items']), 'item')}, {row['expected']:.0f} expected by chance)"
            for row in rows
        ]
        return (f"They part mostly here: {'; '.join(texts)}.",) if texts else ()

    def _items(self) -> tuple[str, ...]:
        return (f"Items to talk about: {shorten(self.items['item'], 5)}.",) if len(self.items) else ()

    def to_frame(self) -> pd.DataFrame:
        """Return one row an annotator: annotator, n, school, lean."""
        return self.members.copy()

    def to_dict(self) -> dict[str, object]:
        """Return a JSON-safe dictionary, with ``groups`` and ``meaning``."""
        return Result.to_dict(self) | {"groups": json_safe(self.groups), "meaning": list(self.meaning)}

    def summary(self) -> list[str]:
        """Return whether schools were found, who they are and where they part."""
        if self.undefined_because:
            return ["Schools of annotators: undefined", f"  {self._why()}", "  next: .members, .meaning"]
        verdict = "two schools of annotators" if self.found else "no schools of annotators"
        lines = [f"{verdict} (p = {p_text(self.p_value)}, {counted(self.n_items, 'disputed item')})"]
        lines += [f"  school {i}: {shorten(group, 6)}" for i, group in enumerate(self.groups, start=1)]
        for row in self.classes.head(1).to_dict("records"):
            part = f"{row['school_1_says']} / {row['school_2_says']}"
            lines.append(f"  they part on: {part}, {counted(round(row['items']), 'item')}")
        return [*lines, f"  statistic {as_number(self.statistic)}", "  next: .meaning, .members, .classes, .items"]

    def plot(self) -> alt.Chart | alt.LayerChart:
        """Return where each annotator stands between the two readings (the 40 that stand furthest out) as a chart."""
        from labelqa.charts.intervals import interval_chart  # charts are imported only when drawn

        frame = self.members.dropna(subset=["lean"]).astype({"annotator": str})
        far = frame["lean"].abs().sort_values(ascending=False, kind="stable").index[:40]
        frame = frame.loc[far].sort_values("lean", kind="stable").rename(columns={"lean": "estimate"})
        frame = frame.assign(low=math.nan, high=math.nan)
        return interval_chart(frame, label="annotator", title="Lean between the two readings", reference=(0.0,))
