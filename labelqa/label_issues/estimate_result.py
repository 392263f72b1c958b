"""What verdicts on a designed sample say: the number of wrong labels, the worth of the flags, what to check next."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.errors import check_whole
from labelqa.label_issues.result import LabelIssues
from labelqa.label_issues.stratified import Strata
from labelqa.results import Result, as_percent
from labelqa.text import counted

if TYPE_CHECKING:
    import altair as alt

Mask = npt.NDArray[np.bool_]
ROUNDING = 1e-6
NEXT = 40  # labels that the summary proposes to check next


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Errors among some labels, with their 95 % interval; nan with a reason where nothing is known."""

    name: str
    n: int
    judged: int
    wrong: int
    errors: float
    low: float
    high: float
    undefined_because: str | None = None

    def shares(self) -> tuple[float, float, float]:
        """Return the errors and their limits as shares of the labels; nan where there are none."""
        whole = self.n or math.nan
        return self.errors / whole, self.low / whole, self.high / whole

    def row(self) -> dict[str, object]:
        """Return the figure as a row of a table."""
        names = ("rate", "rate_low", "rate_high")
        counts = {"labels": self.name, "n": self.n, "judged": self.judged, "wrong": self.wrong}
        spans = {"errors": self.errors, "low": self.low, "high": self.high}
        return {**counts, **spans, **dict(zip(names, self.shares(), strict=True)), "reason": self.undefined_because}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """Labels by stratum and what is known of them.

    Attributes
    ----------
    cell : int (n,)
        Twice the stratum of each label, plus 1 unless it is among those that were chosen as the most suspicious and
        judged without exception: these are strata of their own.
    used : bool (n,)
        Labels whose verdict speaks for their stratum.
    known, wrong : bool (n,)
        Labels with a verdict, drawn or not, and those of them that are wrong.
    """

    cell: npt.NDArray[np.intp]
    used: Mask
    known: Mask
    wrong: Mask

    def strata(self, domain: Mask, event: Mask) -> Strata:
        """Return the labels of `domain` by stratum, with `event` in the place of wrong."""
        k = int(self.cell.max(initial=-1)) + 1
        size, judged, wrong = (
            np.bincount(self.cell[mask], minlength=k)
            for mask in (domain, domain & self.used, domain & self.used & event)
        )
        filled = size > 0
        chosen = np.flatnonzero(filled) % 2 == 0
        return Strata(size=size[filled], judged=judged[filled], wrong=wrong[filled], chosen=chosen)

    def count(self, name: str, domain: Mask) -> Figure:
        """Return the errors among the labels of `domain`, which is made of whole strata."""
        return self._figure(name, domain, self.strata(domain, self.wrong))

    def count_class(self, name: str, domain: Mask) -> Figure:
        """Return the errors among the labels of `domain`, which may be any part of the strata."""
        return self._figure(name, domain, self.strata(np.ones_like(domain), self.wrong & domain))

    def _figure(self, name: str, domain: Mask, strata: Strata) -> Figure:
        n, judged = int(domain.sum()), int((domain & self.known).sum())
        wrong = int((domain & self.wrong).sum())
        most = n - (judged - wrong)
        low, high = strata.limits()
        low, high = np.clip([math.ceil(low - ROUNDING), math.floor(high + ROUNDING)], wrong, most)
        errors = float(np.clip(strata.total, wrong, most)) if n else math.nan
        reason = None if not math.isnan(errors) else "no verdict on the sample" if n else "there are no such labels"
        return Figure(
            name=name,
            n=n,
            judged=judged,
            wrong=wrong,
            errors=errors,
            low=float(low),
            high=float(max(high, low)),
            undefined_because=reason,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ErrorEstimate(Result):
    """Number of wrong labels, counted from verdicts.

    Attributes
    ----------
    errors, low, high : float
        Unbiased number of wrong labels and its 95 % interval; it holds errors that no model sees.
    precision, precision_low, precision_high : float
        Share of the flagged labels that is wrong; nan where none is flagged.
    n : int
        Labels in all.
    judged, wrong, unsure : int
        Labels with a verdict, those of them that are wrong, and verdicts that were set aside.
    in_sample : int
        Verdicts on the designed sample: the ones that speak for the rest.
    notes : tuple of str
        What a user should know of.
    undefined_because : str or None
        Why `errors` is nan.
    """

    errors: float
    low: float
    high: float
    precision: float
    precision_low: float
    precision_high: float
    n: int
    judged: int
    wrong: int
    unsure: int
    in_sample: int
    notes: tuple[str, ...] = ()
    undefined_because: str | None = None
    _figures: tuple[Figure, ...]
    _cells: Cells
    _issues: LabelIssues
    _seen: Mask

    @property
    def issues(self) -> LabelIssues:
        """The issues ranked anew: verdicts replace qualities, and recalibrate those of labels without a verdict."""
        return self._issues

    @property
    def rate(self) -> float:
        """Share of labels that are wrong."""
        return self.errors / self.n if self.n else math.nan

    def to_frame(self) -> pd.DataFrame:
        """Return three rows, all, flagged and other labels: labels, n, judged, wrong, errors, low, high, rate, ..."""
        return pd.DataFrame([figure.row() for figure in self._figures])

    def class_errors(self) -> pd.DataFrame:
        """Return one row a given class, with the columns of `to_frame` and class in the place of labels.

        Classes share the sample, so that the interval of a rare one is wide.
        """
        given, names = self._issues.given, self._issues.schema.names
        rows = [self._cells.count_class(name, np.asarray(given == c)).row() for c, name in enumerate(names)]
        columns = list(self._figures[0].row())
        return pd.DataFrame(rows, columns=columns).rename(columns={"labels": "class"})

    def next_to_review(self, n: int = NEXT) -> pd.DataFrame:
        """Return the `n` labels without a verdict that are most probably wrong, worst first."""
        check_whole("n", n, 0, what="is not a number of labels", usual=str(NEXT))
        frame = self._issues.worst(int(n) + int(self._seen.sum()))
        place = self._issues.ranking[: len(frame)]
        return frame[~self._seen[place]].head(int(n)).reset_index(drop=True)

    def summary(self) -> list[str]:
        """Return the count, the worth of the flags and what to check next, in a few lines."""
        if self.undefined_because:
            head = f"number of wrong labels undefined: {self.undefined_because}"
        else:
            head = f"about {self.errors:,.0f} of {self.n:,} labels are wrong ({as_percent(self.rate, 1)})"
        lines = [
            head,
            f"  with 95 % confidence {self.low:,.0f} to {self.high:,.0f}; "
            f"{counted(self.judged, 'label')} judged, {self.wrong:,} wrong, {self.unsure:,} unsure",
        ]
        if not math.isnan(self.precision):
            span = f"{as_percent(self.precision_low)} to {as_percent(self.precision_high)}"
            lines.append(f"  of the flagged labels {as_percent(self.precision)} are wrong ({span})")
        lines += [f"  ! {note}" for note in self.notes[:1]]
        return [*lines, f"  next: {self._advice()}"]

    def _advice(self) -> str:
        left = np.sort(self._issues.quality[~self._seen])[:NEXT]
        if not left.size:
            return "every label is judged: clean_labels(issues, verdicts)"
        expected = float((1 - left).sum())
        return f"review {left.size:,} more, .next_to_review({left.size}): expect {expected:,.0f} wrong"

    def plot(self) -> alt.Chart | alt.LayerChart:
        """Return the share of wrong labels among all, flagged and other labels as a chart."""
        from labelqa.charts.intervals import interval_chart  # charts are imported only when drawn

        rows = [(f.name, *f.shares(), f.undefined_because) for f in self._figures]
        frame = pd.DataFrame(rows, columns=["name", "estimate", "low", "high", "reason"])
        return interval_chart(frame, title="Share of wrong labels")
