"""What a round proved, in numbers and in words."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from labelqa.errors import shorten
from labelqa.reliability.comparison.result import AgreementComparison
from labelqa.reliability.names import TITLES
from labelqa.reliability.sequential.state import SequentialState
from labelqa.results import Result, as_percent, p_text, reason_as_object
from labelqa.review.proving.learning import NO_RULES, LearningEffect
from labelqa.review.proving.wording import (
    STRATUM_WORDS,
    answer_line,
    class_lines,
    credit_line,
    learning_line,
    next_step,
    no_class_line,
    pair_line,
    rests_line,
    stratum_line,
    target_line,
)

if TYPE_CHECKING:
    import altair as alt

COLUMNS = (
    "part", "name", "n_before", "n_after", "before", "after", "difference", "low", "high", "p_value", "verdict",
    "reason",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class RoundProof(Result):
    """Whether a change of the instruction helped, which rule, and what it cost.

    Attributes
    ----------
    coefficient : str
        What was measured.
    confidence : float
        Level of intervals; tests are at 1 - confidence.
    verdict : {"improved", "worse", "no_evidence", "too_few_items", "undefined"}
        The one answer. "Improved" says that agreement rose, `credit` whether rules are the reason.
    rests_on : tuple of str
        The strata behind the answer.
    answer : AgreementComparison or None
        The comparison behind it; None where there is nothing to compare.
    credit : {"rules", "learning", "unclear", "no_control", "none"}
        What an improvement is credited to: more than people learned on classes without a changed rule; learning;
        not to be told yet; no control items to tell it by; no improvement, or no rule changed.
    strata : pandas.DataFrame
        One row a stratum, and one of the answer: stratum, design, n_both, n_before_only, n_after_only, before, after,
        difference, low, high, standard_error, p_value (permutation), verdict, n_more_items, in_answer, reason.
    classes : pandas.DataFrame
        One row a class against all others, as `classes` of a comparison, with verdict (Holm) and touched (by a rule).
    rules : pandas.DataFrame
        One row a changed rule: rule_id, class_a, class_b, n_before, n_after (items that say something), before, after,
        difference, low, high, p_value, p_adjusted (Holm over different effects), verdict, n_more_items, by_learning,
        excess, excess_low, excess_high, excess_p_adjusted, credit, words, reason.
    new_pairs : pandas.DataFrame
        Pairs of classes flagged now and not before: class_a, class_b, disagreement_before, disagreement with its
        interval, before, after, difference, low, high, p_adjusted (agreement on the two), is_clear.
    learning : LearningEffect
        The change on items of other classes, and what the touched classes gained beyond it.
    target : SequentialState or None
        Where the sequential target stands.
    no_target_because : str or None
        Why it says nothing.
    cautions : tuple of str
        What may mislead.
    level : str
        Level of the classes; a proof counts every difference alike at any level.
    """

    coefficient: str
    confidence: float
    verdict: str
    rests_on: tuple[str, ...]
    answer: AgreementComparison | None
    credit: str
    strata: pd.DataFrame
    classes: pd.DataFrame
    rules: pd.DataFrame
    new_pairs: pd.DataFrame
    learning: LearningEffect
    target: SequentialState | None = None
    no_target_because: str | None = None
    cautions: tuple[str, ...] = field(default=())
    level: str = "nominal"

    @property
    def title(self) -> str:
        """Name of the coefficient."""
        return TITLES[self.coefficient]

    @property
    def regressions(self) -> tuple[str, ...]:
        """Classes on which people agree less than before (Holm over all classes), those without a rule first."""
        worse = self.classes[self.classes["verdict"] == "worse"]
        ordered = worse.assign(_order=worse["touched"].astype(bool)).sort_values("_order", kind="stable")
        return tuple(str(name) for name in ordered["class"])

    @property
    def n_more_items(self) -> int | None:
        """Items a round that are still needed to show a change as large as the one seen; None where not known."""
        return None if self.answer is None else self.answer.n_more_items

    @property
    def target_reached(self) -> bool | None:
        """Whether agreement was shown to be above the target; None without one."""
        return None if self.target is None else self.target.reached

    @property
    def next_step(self) -> str:
        """What to do next, in a sentence."""
        return next_step(self.verdict, self.credit, self.n_more_items, self.regressions, self.target_reached)

    @property
    def statement(self) -> str:
        """The answer in one or two sentences."""
        return answer_line(self.verdict, self.answer, self.title)

    def to_text(self) -> str:
        """Return all that was found, for people who are not statisticians."""
        return "\n".join(self._lines())

    def _lines(self) -> list[str]:
        lines = [self.statement, rests_line(self.rests_on)]
        lines += [credit_line(self.credit)] if self.credit != "none" else []
        if len(self.rules):
            lines += ["", f"Changed rules ({self._level()} intervals of the change):"]
            lines += [f"  {words}" for words in self.rules["words"]]
        lines += ["", "Where it was measured:", *(f"  {stratum_line(r)}" for r in self.strata.to_dict("records"))]
        changed = class_lines(self.classes, self.rules)
        lines += ["", "Classes that clearly changed:" if changed else no_class_line(self.classes)]
        lines += [f"  {line}" for line in changed]
        lines += [f"  {pair_line(row)}" for row in self.new_pairs.to_dict("records")]
        lines += ["", learning_line(self.learning)]
        lines += [target_line(self.target, self.no_target_because, self.level)] if self._has_target() else []
        lines += [f"! {text}" for text in self.cautions]
        return [*lines, "", f"Next: {self.next_step}"]

    def _has_target(self) -> bool:
        return self.target is not None or self.no_target_because is not None

    def _level(self) -> str:
        return as_percent(self.confidence)

    def summary(self) -> list[str]:
        """Return the answer, what it rests on, the rules and what to call next."""
        rules = [f"  {words}" for words in self.rules["words"].head(2)]
        more = [f"  got worse: {shorten(self.regressions, 5)}"] if self.regressions else []
        credit = [f"  {credit_line(self.credit)}"] if self.credit != "none" and not more else []
        where = ", ".join(STRATUM_WORDS[name] for name in self.rests_on) or "nothing"
        p_value = math.nan if self.answer is None else self.answer.p_permutation
        head = [self.statement, f"  {self.verdict} (p {p_text(p_value)}), resting on {where}"]
        return [*head, *rules[: 3 - len(more) - len(credit)], *more, *credit, "  next: .to_text(), .rules, .classes"]

    def to_frame(self) -> pd.DataFrame:
        """Return one row a stratum, rule, class and the learning effect.

        Columns: part, name, n_before, n_after, before, after, difference, low, high, p_value (adjusted for rules and
        classes), verdict, reason. n counts items in strata, informative items of rules, labels of classes.
        """
        strata = self.strata.assign(
            part="stratum",
            name=self.strata["stratum"],
            n_before=self.strata["n_both"] + self.strata["n_before_only"],
            n_after=self.strata["n_both"] + self.strata["n_after_only"],
        )
        rules = self.rules.assign(part="rule", name=self.rules["rule_id"], p_value=self.rules["p_adjusted"])
        classes = self.classes.assign(part="class", name=self.classes["class"], p_value=self.classes["p_adjusted"])
        numbers = {c: getattr(self.learning, c) for c in ("before", "after", "difference", "low", "high", "p_value")}
        told = {c: getattr(self.learning, c) for c in ("n_before", "n_after", "verdict", "reason")}
        last = pd.DataFrame([{"part": "learning", "name": "control"} | numbers | told])
        rows = [
            row
            for part in (strata, rules, classes, last)
            for row in part.reindex(columns=list(COLUMNS)).to_dict("records")
        ]
        return reason_as_object(pd.DataFrame(rows, columns=list(COLUMNS)))

    def plot(self) -> alt.Chart | alt.LayerChart:
        """Return the change of agreement with its interval: all together, each changed rule, each class."""
        from labelqa.charts.intervals import interval_chart  # charts are imported only when drawn

        frame = self.to_frame()
        names = {"rule": "rule {}", "class": "class {}", "stratum": "{}"}
        rows = [
            {
                "name": names[row["part"]].format(STRATUM_WORDS.get(row["name"], row["name"])),
                "estimate": row["difference"],
                "low": row["low"],
                "high": row["high"],
                "reason": row["reason"] or "not known",
            }
            for row in frame.to_dict("records")
            if row["part"] in names
        ]
        return interval_chart(
            pd.DataFrame(rows, columns=["name", "estimate", "low", "high", "reason"]),
            title=f"Change of {self.title} (right of 0 is better)",
            reference=(0.0,),
        )

    def to_dict(self) -> dict[str, object]:
        """Return a JSON-safe dictionary, with the words in it."""
        words: dict[str, object] = {
            "statement": self.statement,
            "regressions": list(self.regressions),
            "n_more_items": self.n_more_items,
            "next_step": self.next_step,
        }
        return Result.to_dict(self) | words


def credit_of(verdict: str, learning: LearningEffect) -> str:
    """Return what a change for the better is credited to."""
    if verdict != "improved" or learning.reason == NO_RULES:
        return "none"
    if learning.beyond_learning is None:
        return "no_control"
    if learning.beyond_learning:
        return "rules"
    return "learning" if learning.verdict == "improved" else "unclear"
