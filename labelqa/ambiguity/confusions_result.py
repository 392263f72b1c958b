"""The result of :func:`labelqa.class_confusions`."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from labelqa.annotations.schema import LabelSchema
from labelqa.errors import ParameterError, Problem
from labelqa.results import Result, as_percent
from labelqa.text import counted, visible

if TYPE_CHECKING:
    import altair as alt

COLUMNS = (
    "class_a", "class_b", "n_items", "coincidences", "share_of_disagreement", "disagreement", "disagreement_low",
    "disagreement_high", "indistinguishability", "indistinguishability_low", "indistinguishability_high", "smoothed",
    "expected", "p_value", "p_adjusted", "beyond_chance", "above_tolerance", "flagged", "reason", "direction_p",
    "leaning", "leans_to", "merge_gain", "merge_gain_low", "merge_gain_high", "information_lost", "advice",
    "advice_reason", "caution",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ClassConfusions(Result):
    """Pairs of classes that were given to the same item: how far they overlap, and what to do about it.

    Attributes
    ----------
    frame : pandas.DataFrame
        One row a pair that met: flagged ones, those on three items or more, the others; each by falling
        indistinguishability. Columns: class_a, class_b;
        n_items that got both; coincidences (split label pairs, each item's pairs weighing 1/(r_i - 1));
        share_of_disagreement; disagreement (share of label pairs within the two classes that split) and
        indistinguishability (o_ab^2 / (o_aa o_bb): 0 never confused, 1 like one class) with their intervals;
        smoothed (whether half a coincidence stands for none); expected (coincidences by chance), p_value, p_adjusted;
        beyond_chance, above_tolerance, flagged (either) and the reason in words; direction_p (that all annotators read
        the border alike), leaning (who differs most) and leans_to (the class); merge_gain (in Krippendorff's alpha)
        with a paired interval and information_lost (share of the entropy of the labels); advice (``merge, retrain,
        clarify, none``) with its reason; caution (why to be careful with this row).
    classes : tuple
        All k classes, in their order.
    n_items : int
        Items with two or more labels.
    n_pairs : int
        Pairs of used classes, also those that never met.
    tolerance, confidence : float
        Share of split label pairs that is tolerated, and the level of the intervals.
    source : str
        Whose labels are compared.
    notes : tuple of str
        What a reader should know.
    no_chance_because : str or None
        Why there is no test against chance.
    no_direction_because : str or None
        Why nothing is said of single annotators.
    undefined_because : str or None
        Why there is nothing to compare.
    """

    frame: pd.DataFrame
    classes: tuple[Hashable, ...]
    n_items: int
    n_pairs: int
    tolerance: float
    confidence: float
    source: str
    notes: tuple[str, ...] = ()
    no_chance_because: str | None = None
    no_direction_because: str | None = None
    undefined_because: str | None = None

    @property
    def flagged(self) -> pd.DataFrame:
        """The flagged pairs, the least distinguishable first."""
        return self.frame[self.frame["flagged"]].reset_index(drop=True)

    def pair(self, class_a: object, class_b: object) -> pd.Series:
        """Return the row of a pair, in either order.

        Raises
        ------
        ParameterError
            If a class does not exist, both are the same, or the two never met on an item.
        """
        schema = LabelSchema(classes=self.classes)
        codes = [schema.index_of(c) for c in (class_a, class_b)]
        unknown = [c for c, code in zip((class_a, class_b), codes, strict=True) if code is None]
        if unknown or codes[0] == codes[1]:
            raise ParameterError(
                Problem(
                    what=f"{unknown[0]!r} is not a class" if unknown else "a pair needs two different classes",
                    parameter="pair",
                    value=str(unknown[0]) if unknown else str(class_a),
                    allowed=tuple(str(c) for c in self.classes),
                )
            )
        sides = zip(self.frame["class_a"], self.frame["class_b"], strict=True)
        for row, (a, b) in enumerate(sides):
            if {schema.index_of(a), schema.index_of(b)} == set(codes):
                return self.frame.iloc[row]
        raise ParameterError(
            Problem(
                what=self.undefined_because
                or f"no item got both {class_a!r} and {class_b!r}: they are not confused here",
                parameter="pair",
                value=f"{class_a}, {class_b}",
                next_step="" if self.undefined_because else "Choose two classes that met on an item.",
            )
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one row a pair of classes, in the order of ``frame``."""
        return self.frame.copy()

    def summary(self) -> list[str]:
        """Return the flagged pairs in words."""
        if self.undefined_because:
            return ["no pair of classes can be judged", f"  {self.undefined_because}", "  next: collect second labels"]
        flagged = self.flagged
        head = f"{counted(len(flagged), 'pair')} of classes with an unclear border, of {self.n_pairs:,} ({self.source})"
        lines = [f"  {line_of(row)}" for _, row in flagged.head(3).iterrows()]
        by_people = len(flagged) and "model" not in self.source
        following = "labelqa.explain_confusion(annotations, (a, b))" if by_people else ".to_frame()"
        return [head, *lines, f"  next: {following}, .plot(), .plot_map()"]

    def plot(self) -> alt.Chart | alt.LayerChart:
        """Return the split rates of the pairs with their intervals, in the order of the frame (the first 20)."""
        from labelqa.charts.intervals import interval_chart  # charts are imported only when drawn
        from labelqa.charts.theme import pair_names

        rows = self.frame.head(20)
        pairs = list(zip(rows["class_a"], rows["class_b"], strict=True))
        named = rows.assign(
            name=pair_names(pairs),
            full=[f"{a} / {b}" for a, b in pairs],
            reason=None,
        ).rename(columns={"disagreement": "estimate", "disagreement_low": "low", "disagreement_high": "high"})
        shown = named[["name", "full", "estimate", "low", "high", "reason"]]
        return interval_chart(shown, title="Share of label pairs that split", reference=(self.tolerance,))

    def plot_map(self) -> alt.Chart | alt.LayerChart:
        """Return a heat map of how many items got both labels."""
        from labelqa.charts.heatmap import heatmap_chart  # charts are imported only when drawn

        return heatmap_chart(self.frame)


def line_of(row: pd.Series) -> str:
    """Return a pair in a line: how often it splits, and what to do."""
    spread = f"{as_percent(row['disagreement_low'])} to {as_percent(row['disagreement_high'])}"
    return (
        f"{visible(row['class_a'])} / {visible(row['class_b'])}: {as_percent(row['disagreement'])} of label pairs "
        f"split ({spread}), {counted(int(row['n_items']), 'item')}: {row['advice']}"
    )
