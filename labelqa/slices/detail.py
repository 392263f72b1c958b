"""One slice taken apart: the combination, each condition alone, the rest, and the levels beside it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.results import Result, as_number, as_percent
from labelqa.slices.effects import Side, difference_interval
from labelqa.slices.held import FEW, LEVEL, Condition, Held, all_of, measured
from labelqa.text import counted, shortened

if TYPE_CHECKING:
    import altair as alt

Mask = npt.NDArray[np.bool_]
COLUMNS = ("part", "predicates", "n", "rate", "low", "high", "few")
SLICE, ALONE, NONE, REST, BESIDE = "slice", "without", "none", "rest", "beside"
MOST_OF_IT = 0.5  # share of the slice's excess from which a part of its conditions is enough for most of it
MOST_BESIDE = 6  # levels beside, of each column, that are drawn


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SliceDetail(Result):
    """The error of one slice beside that of its parts.

    Attributes
    ----------
    predicates : str
        The slice.
    percent : bool
        Whether rates are written as percentages.
    reading : str
        Whether the combination matters or a condition alone, in words.
    frame : pandas.DataFrame
        One row a group of rows. Columns: part (slice; without: rows that meet some of its conditions and not the
        others; none: rows that meet none; rest: all rows outside; beside: another level of one column, all other
        conditions met); predicates in words; n (rows the rate is measured on); rate (mean error) with its 95 % interval
        low, high; few (whether there are fewer than 30 rows, too few to read much into the rate).
    """

    predicates: str
    percent: bool
    reading: str
    frame: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return one row a group of rows, the slice first."""
        return self.frame.copy()

    def summary(self) -> list[str]:
        """Return the slice, the rest, and what makes the difference."""
        rows = [r for part in (SLICE, REST) for r in self.frame[self.frame["part"] == part].to_dict("records")]
        written = [[_rate(r[c], self.percent) for c in ("rate", "low", "high")] for r in rows]
        lines = [
            f"  {r['part']}: {rate} ({low} to {high}) on {r['n']:,} rows"
            for r, (rate, low, high) in zip(rows, written, strict=True)
        ]
        return [shortened(self.predicates, 90), *lines, f"  {self.reading}", "  next: .to_frame(), .plot()"]

    def drawn(self) -> pd.DataFrame:
        """Return the rows of the picture: all but the rest, and of the levels beside those with the most rows."""
        beside = self.frame[self.frame["part"] == BESIDE]
        if len(beside) > 2 * MOST_BESIDE:
            kept = beside.sort_values("n", ascending=False, kind="stable").head(2 * MOST_BESIDE).index
            beside = beside[beside.index.isin(kept)]
        first = self.frame[self.frame["part"].isin((SLICE, ALONE, NONE))]
        shown = pd.concat([first, beside])
        return shown[shown["n"] > 0]

    def plot(self) -> alt.Chart | alt.LayerChart:
        """Return rates with their intervals as a chart; dashed: all rows outside the slice."""
        from labelqa.slices.chart import detail_chart  # charts are imported only when drawn

        rest = float(self.frame.loc[self.frame["part"] == REST, "rate"].iloc[0])
        title = "Error rate" if self.percent else "Mean error"
        return detail_chart(self.drawn(), title=title, percent=self.percent, reference=rest)


def slice_detail(held: Held, i: int, mask: Mask, predicates: str) -> SliceDetail:
    """Take slice `i` apart.

    Parameters
    ----------
    held : Held
        The rows.
    i : int
        Position of the slice.
    mask : bool (n,)
        Its rows.
    predicates : str
        Its conditions in words.
    """
    conditions = held.conditions[i]
    n = held.error.size
    meets = [held.meets(c) for c in conditions]
    sides: dict[str, Side] = {}
    rows: list[dict[str, object]] = []
    for part, text, of in _groups(held, conditions, meets, mask, predicates):
        sides[text if part == ALONE else part] = of
        rows.append({"part": part, "predicates": text, **measured(of, shares=held.shares)})
    for j in range(len(conditions)):
        rows += _beside(held, conditions, j, all_of([m for k, m in enumerate(meets) if k != j], n))
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return SliceDetail(
        predicates=predicates, percent=held.percent, reading=_reading(held, frame, sides, len(conditions)), frame=frame
    )


def _groups(
    held: Held, conditions: tuple[Condition, ...], meets: list[Mask], mask: Mask, predicates: str
) -> Iterator[tuple[str, str, Side]]:
    """Yield the slice, the rows that meet some conditions only, those that meet none, and the rest."""
    yield SLICE, predicates, held.side(mask)
    k = len(conditions)
    for size in range(k - 1, 0, -1):
        for chosen in combinations(range(k), size):
            inside = all_of([meets[j] if j in chosen else ~meets[j] for j in range(k)], mask.size)
            with_ = " and ".join(held.text(conditions[j]) for j in chosen)
            without = " nor ".join(held.text(conditions[j]) for j in range(k) if j not in chosen)
            yield ALONE, f"{with_}, but not {without}", held.side(inside)
    if k > 1:
        yield NONE, "none of these conditions", held.side(all_of([~m for m in meets], mask.size))
    yield REST, "all other rows", held.side(~mask)


def _beside(held: Held, conditions: tuple[Condition, ...], j: int, others: Mask) -> list[dict[str, object]]:
    """Return the other levels of the column of condition `j`, the `others` met."""
    column, level = conditions[j]
    rows: list[dict[str, object]] = []
    for v in range(len(held.table.levels[column])):
        of = held.side(others & held.meets((column, v)))
        if v != level and of.size:
            words = " and ".join(held.text((column, v) if k == j else c) for k, c in enumerate(conditions))
            rows.append({"part": BESIDE, "predicates": words, **measured(of, shares=held.shares)})
    return rows


def _reading(held: Held, frame: pd.DataFrame, sides: dict[str, Side], k: int) -> str:
    """Return whether the combination matters or a condition alone, by the intervals of the differences."""
    if not k:
        return "a slice of your own, with no conditions to take apart."
    if k == 1:
        n = int((frame["part"] == BESIDE).sum())
        return f"one condition; {counted(n, 'other level')} of its column to compare it with."
    none = sides[NONE]
    raised: list[str] = []
    level: list[str] = []
    few: list[str] = []
    for text in frame.loc[frame["part"] == ALONE, "predicates"]:
        of = sides[text]
        low, _ = difference_interval(of, none, shares=held.shares, level=LEVEL)
        is_raised = not math.isnan(low) and low > 0
        (few if min(of.size, none.size) < FEW else raised if is_raised else level).append(text)
    told = list(_said(held, sides, (raised, level, few)))
    return " ".join([*told[:1], *(t[:1].upper() + t[1:] for t in told[1:])])


def _said(held: Held, sides: dict[str, Side], sorted_: tuple[list[str], list[str], list[str]]) -> Iterator[str]:
    def named(texts: list[str]) -> str:
        return "; ".join(f"{shortened(t, 90)} ({_rate(sides[t].rate, held.percent)})" for t in texts)

    raised, level, few = sorted_
    base, top = sides[NONE].rate, sides[SLICE].rate
    none = _rate(base, held.percent)
    much = [t for t in raised if sides[t].rate - base >= MOST_OF_IT * (top - base)]
    some = [t for t in raised if t not in much]
    if much:
        yield f"a part of the conditions is enough for most of it: {named(much)}, against {none} where none is met."
    if some:
        yield f"a part of the conditions has a little more error than where none is met ({none}): {named(some)}."
    if level and not raised and not few:
        rates = " and ".join(_rate(sides[t].rate, held.percent) for t in level)
        yield (
            f"the combination matters: rows that meet a part of it only ({rates}) have no clear excess over rows that "
            f"meet none ({none})."
        )
    elif level and not raised:
        yield f"no clear excess over rows that meet no condition ({none}): {named(level)}."
    if few:
        sizes = "; ".join(f"{shortened(t, 90)} ({counted(sides[t].size, 'row')})" for t in few)
        yield f"too few rows to tell: {sizes}."


def _rate(value: float, percent: bool) -> str:
    return as_percent(value) if percent else as_number(value)
