"""What a comparison of two rounds found, in numbers and in words."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from labelqa.inference.intervals import ConfidenceInterval, check_level, percentile_interval, undefined_interval
from labelqa.reliability import names
from labelqa.reliability.comparison.inference import Redraw
from labelqa.reliability.comparison.verdict import INDEPENDENT, MIXED, PAIRED, RELEVANT, t_test
from labelqa.reliability.result import AgreementResult
from labelqa.results import Result, as_number, as_percent, json_safe, p_text, reason_as_object

if TYPE_CHECKING:
    import altair as alt

COLUMNS = ("quantity", "estimate", "low", "high", "standard_error", "n_items", "p_value", "p_permutation", "reason")
HARDLY = 100_000  # items; a change that needs more than these is of no practical interest
VERDICT_TITLES = {
    "improved": "Agreement improved.",
    "worse": "Agreement got worse.",
    "no_evidence": "No evidence of a change.",
    "too_few_items": "Too few items for a verdict.",
    "undefined": "No verdict: there are no two numbers to compare.",
}
DESIGN_WORDS = {
    PAIRED: "the same items in both rounds",
    INDEPENDENT: "different items in the two rounds",
    MIXED: "partly the same items",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class AgreementComparison(Result):
    """Agreement before and after, and whether the difference is more than chance.

    Attributes
    ----------
    coefficient, weights : str
        What was computed.
    before, after : AgreementResult
        The two rounds, both in the classes of the two together.
    difference : float
        After minus before; nan where one is undefined.
    standard_error : float
        Standard error of the difference.
    low, high : float
        Confidence interval of the difference.
    confidence : float
        Level of that interval; the verdict uses 1 - confidence as the level of its test.
    method : str
        What error and interval are: ``"linearised t"`` or ``"bootstrap"``.
    p_value : float
        Two-sided p value of that method.
    p_permutation : float
        Two-sided p value of the studentised permutation test, on which the verdict stands.
    n_permutations : int
        Arrangements the permutation test looked at.
    permutation_is_exact : bool
        Whether these were all there are.
    design : {"paired", "independent", "mixed"}
        Whether the rounds labeled the same items, different ones, or partly the same.
    n_shared, n_before_only, n_after_only : int
        Items labeled in both rounds, and in one only.
    classes : pandas.DataFrame
        One row a class ("this class" against "another"), the clearest change first. Columns: class, n_before, n_after
        (labels), before, after, difference, low, high, standard_error, p_value, p_adjusted (Holm), reason.
    class_test : {"permutation", "linearised t"}
        What the p values of classes are: of the arrangements that the whole is tested with, or, where these would take
        too long, of the t test, which are too small for classes used on few items.
    verdict : {"improved", "worse", "no_evidence", "too_few_items", "undefined"}
        ``too_few_items``: a change of 0.1 could have gone unseen (power under 80 %); ``undefined``: a round has no
        coefficient, as `undefined_because` says.
    detectable_difference : float
        The smallest true difference that a comparison like this finds in 80 % of cases.
    n_items_needed, n_more_items : int or None
        Items a round that would give the observed difference a power of 80 %, and how many that is more than now;
        None where the difference is found already, is 0 or undefined.
    warnings : tuple of str
        What may mislead: how items were chosen, classes of one round only, other annotators.
    undefined_because : str or None
        Why the difference is nan.
    interval_undefined_because : str or None
        Why the difference has no interval.
    """

    coefficient: str
    weights: str
    before: AgreementResult
    after: AgreementResult
    difference: float
    standard_error: float
    low: float
    high: float
    confidence: float
    method: str
    p_value: float
    p_permutation: float
    n_permutations: int
    permutation_is_exact: bool
    design: str
    n_shared: int
    n_before_only: int
    n_after_only: int
    verdict: str
    detectable_difference: float
    n_items_needed: int | None = None
    n_more_items: int | None = None
    warnings: tuple[str, ...] = ()
    undefined_because: str | None = None
    interval_undefined_because: str | None = None
    classes: pd.DataFrame = field(default_factory=pd.DataFrame)
    class_test: str = "permutation"
    _degrees: float = math.nan
    _redraw: Redraw | None = None

    @property
    def title(self) -> str:
        """Name of the coefficient, with its weights where these are not identity."""
        weighted = "" if self.weights == "identity" else f" ({self.weights} weights)"
        return names.TITLES[self.coefficient] + weighted

    @property
    def statement(self) -> str:
        """The change and its interval in one sentence."""
        if self.undefined_because:
            return f"The change of {self.title} is undefined: {self.undefined_because}."
        if self.difference == 0:
            return f"{self.title} stayed at {as_number(self.after.estimate)}."
        moved = "rose" if self.difference > 0 else "fell"
        spread = (
            f"no interval: {self.interval_undefined_because}"
            if self.interval_undefined_because
            else f"{as_percent(self.confidence)} interval {signed(self.low)} to {signed(self.high)}"
        )
        return (
            f"{self.title} {moved} from {as_number(self.before.estimate)} to {as_number(self.after.estimate)}: "
            f"{signed(self.difference)} ({spread})."
        )

    @property
    def meaning(self) -> tuple[str, ...]:
        """What the numbers say to people who are not statisticians, a sentence or two each."""
        if self.undefined_because:
            return ("Without both numbers there is nothing to compare.",)
        return tuple(text for text in (self._chance(), self._sensitivity(), self._items_needed()) if text)

    def _chance(self) -> str:
        if math.isnan(self.p_permutation) or self.difference == 0:
            return "" if self.difference else "There is no difference to explain."
        verdict = {
            "improved": "That is more than chance explains",
            "worse": "That is more than chance explains",
        }.get(self.verdict, "That is within what chance explains")
        share = "fewer than 1 in 1,000" if self.p_permutation < 0.001 else f"{as_percent(self.p_permutation, 1)}"
        n = f"{self.n_permutations:,}"
        ways = f"all {n} arrangements" if self.permutation_is_exact else f"{n} random arrangements"
        apart = (self.p_value <= 1 - self.confidence) != (self.p_permutation <= 1 - self.confidence)
        remark = " The interval says otherwise, so take this as a borderline case." if apart else ""
        return (
            f"{verdict}: if nothing had changed, {share} of comparisons would show a difference at least this clear "
            f"(permutation test, {ways}).{remark}"
        )

    def _sensitivity(self) -> str:
        if math.isnan(self.detectable_difference) or self.verdict in ("improved", "worse"):
            return ""
        found = as_number(self.detectable_difference, 2)
        if self.verdict == "too_few_items":
            return (
                f"Only changes of {found} or more would be found with these items in 4 of 5 cases; a change of "
                f"{RELEVANT:g} could have gone unseen."
            )
        return f"A change of {found} or more would have been found in 4 of 5 cases, so a larger one is unlikely."

    def _items_needed(self) -> str:
        if self.n_items_needed is None or self.verdict in ("improved", "worse"):
            return ""
        if self.n_items_needed > HARDLY:
            return f"A change of {signed(self.difference)} is so small that no sensible number of items would show it."
        each = "in both rounds" if self.design == PAIRED else "in each round"
        return (
            f"If the observed change of {signed(self.difference)} is real, about {self.n_items_needed:,} items {each} "
            f"would show it in 4 of 5 cases: {self.n_more_items:,} more than now."
        )

    def confidence_interval(self, level: float = 0.95) -> ConfidenceInterval:
        """Return the interval of the difference: t, or percentiles of the joint bootstrap where the design is mixed.

        Parameters
        ----------
        level : float
            Nominal coverage; at `confidence` the interval is `low` to `high`.

        Raises
        ------
        ParameterError
            If `level` is not between 0 and 1.
        """
        check_level(level)
        method = "analytic" if self._redraw is None else "bootstrap"
        reason = self.undefined_because or self.interval_undefined_because
        if reason is not None:
            return undefined_interval(level, method, reason)
        if self._redraw is not None:
            return percentile_interval(self._redraw.differences(), level)
        test = t_test(self.difference, self.standard_error, self._degrees, level)
        return ConfidenceInterval(
            low=test.low, high=test.high, level=level, method=method, standard_error=test.standard_error
        )

    def to_frame(self) -> pd.DataFrame:
        """Return three rows: before, after, difference; the classes are in ``.classes``.

        Columns: quantity, estimate, low, high, standard_error, n_items, p_value, p_permutation, reason.
        """
        rows: list[dict[str, object]] = []
        for quantity, result in (("before", self.before), ("after", self.after)):
            row = result.row(self.confidence)
            rows.append({"quantity": quantity, "p_value": math.nan, "p_permutation": math.nan} | row)
        numbers = ("low", "high", "standard_error", "p_value", "p_permutation")
        rows.append(
            {"quantity": "difference", "estimate": self.difference, "n_items": self._n_items()}
            | {name: getattr(self, name) for name in numbers}
            | {"reason": self.undefined_because or self.interval_undefined_because}
        )
        frame = pd.DataFrame([{name: row[name] for name in COLUMNS} for row in rows], columns=list(COLUMNS))
        return reason_as_object(frame)

    def _n_items(self) -> int:
        return self.n_shared + self.n_before_only + self.n_after_only

    def to_dict(self) -> dict[str, object]:
        """Return a JSON-safe dictionary, with ``statement`` and ``meaning`` in words."""
        words = {"statement": self.statement, "meaning": list(self.meaning)}
        rounds = {name: json_safe(self._round(name)) for name in ("before", "after")}
        return Result.to_dict(self) | rounds | words

    def _round(self, name: str) -> dict[str, object]:
        """Return one round with its interval at the level of this comparison."""
        result: AgreementResult = getattr(self, name)
        ends = result.confidence_interval(self.confidence)
        return result.to_dict() | {"low": ends.low, "high": ends.high}

    def summary(self) -> list[str]:
        """Return the change, the verdict, the items and what to call next."""
        shown = [f"  ! {text}" for text in self.warnings[:1]]
        more = [f"  {self._sensitivity()}"] if self._sensitivity() else []
        return [
            self.statement,
            self._verdict_line(),
            f"  {self.items_text()}",
            *more,
            *shown,
            "  next: .meaning, .classes, .plot()",
        ]

    def _verdict_line(self) -> str:
        if self.undefined_because:
            return f"  {VERDICT_TITLES['undefined']}"
        tests = f"p = {p_text(self.p_permutation)} (permutation), {p_text(self.p_value)} ({self.method})"
        return f"  {VERDICT_TITLES[self.verdict]} {tests}"

    def items_text(self) -> str:
        """Return how many items were compared and how the rounds share them."""
        if self.design == PAIRED:
            return f"{self.n_shared:,} items, {DESIGN_WORDS[PAIRED]}"
        return (
            f"{DESIGN_WORDS[self.design]}: {self.n_shared:,} in both, {self.n_before_only:,} before only, "
            f"{self.n_after_only:,} after only"
        )

    def plot(self) -> alt.Chart | alt.LayerChart:
        """Return both rounds with their intervals, and a dumbbell (before, after) for each class (the first 30)."""
        from labelqa.charts.change import change_chart  # charts are imported only when drawn

        return change_chart(self.to_frame().head(2).rename(columns={"quantity": "name"}), self.classes.head(30))


def signed(value: float, digits: int = 3) -> str:
    """Return a difference with its sign, or ``undefined`` for nan.

    Examples
    --------
    >>> signed(0.25), signed(-0.0001)
    ('+0.250', '0.000')
    """
    text = as_number(value, digits)
    return f"+{text}" if value > 0 and float(text) > 0 else text
