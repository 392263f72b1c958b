"""The change of agreement stratum by stratum, and the one answer."""

from __future__ import annotations

import math
from collections.abc import Hashable

import numpy as np
import pandas as pd

from labelqa.reliability.comparison.compare import compare_agreement
from labelqa.reliability.comparison.result import AgreementComparison
from labelqa.results import reason_as_object
from labelqa.review.proving.division import NOT_ONE_BY_ONE, Division
from labelqa.review.proving.panel import Panel, Part
from labelqa.review.proving.settings import Settings

ANSWER = "answer"
NUMBERS = ("difference", "low", "high", "standard_error", "p_value")
COLUMNS = (
    "stratum", "design", "n_both", "n_before_only", "n_after_only", "before", "after", *NUMBERS, "verdict",
    "n_more_items", "in_answer", "reason",
)  # fmt: skip


def compared(panel: Panel, part: Part, settings: Settings, rng: np.random.Generator) -> AgreementComparison:
    """Return the comparison of the labels that enter, items weighing what they weigh."""
    before, after = panel.annotations(part)
    selection: dict[Hashable, float] | None = None
    if part.is_weighted:
        keep = part.before | part.after
        smallest = float(part.weight[keep].min())
        selection = {str(i): smallest / float(w) for i, w in zip(panel.items[keep], part.weight[keep], strict=True)}
    return compare_agreement(
        before,
        after,
        settings.coefficient,
        selection=selection,
        confidence=settings.confidence,
        n_permutations=settings.n_permutations,
        rng=rng,
    )


def stratum_changes(
    panel: Panel, division: Division, settings: Settings, rng: np.random.Generator
) -> tuple[pd.DataFrame, AgreementComparison | None]:
    """Return one row a stratum and one of the answer (columns COLUMNS), and the comparison behind the answer."""
    rows = []
    answer = None
    for name, part in division.strata.items():
        if name in division.not_compared:
            rows.append(_left_out(name, part, division.remarks[name]))
            continue
        found = compared(panel, part, settings, rng)
        rows.append(_row(name, found, division.remarks.get(name), in_answer=name in division.rests_on))
        if division.rests_on == (name,):
            answer = found
    if len(division.rests_on) > 1:
        answer = compared(panel, division.answer, settings, rng)
    if answer is not None:
        rows.append(_row(ANSWER, answer, None, in_answer=True))
    return reason_as_object(pd.DataFrame(rows, columns=list(COLUMNS))), answer


def _row(name: str, found: AgreementComparison, remark: str | None, *, in_answer: bool) -> dict[str, object]:
    return {
        "stratum": name,
        "design": found.design,
        "n_both": found.n_shared,
        "n_before_only": found.n_before_only,
        "n_after_only": found.n_after_only,
        "before": found.before.estimate,
        "after": found.after.estimate,
        "difference": found.difference,
        "low": found.low,
        "high": found.high,
        "standard_error": found.standard_error,
        "p_value": found.p_permutation,
        "verdict": found.verdict,
        "n_more_items": math.nan if found.n_more_items is None else float(found.n_more_items),
        "in_answer": in_answer,
        "reason": found.undefined_because or found.interval_undefined_because or remark,
    }


def _left_out(name: str, part: Part, remark: str) -> dict[str, object]:
    sizes = {
        "n_both": int(part.shared.sum()),
        "n_before_only": int((part.before & ~part.after).sum()),
        "n_after_only": int((part.after & ~part.before).sum()),
    }
    unknown = dict.fromkeys(("before", "after", *NUMBERS, "n_more_items"), math.nan)
    words = {"stratum": name, "design": "paired", "verdict": "undefined", "in_answer": False, "reason": remark}
    return words | sizes | unknown


def class_verdicts(
    answer: AgreementComparison | None, touched: frozenset[str], *, is_weighted: bool = False
) -> pd.DataFrame:
    """Return one row a class, the clearest change first: the columns of a comparison, verdict and touched.

    There is no verdict on single classes where items weigh differently.
    """
    if answer is None or answer.classes.empty:
        from labelqa.reliability.comparison.classes import COLUMNS as OF_CLASSES

        return pd.DataFrame(columns=[*OF_CLASSES, "verdict", "touched"])
    frame = answer.classes
    level = 1 - answer.confidence
    verdicts = [change_verdict(d, p, level) for d, p in zip(frame["difference"], frame["p_adjusted"], strict=True)]
    frame = frame.assign(verdict=verdicts, touched=[str(name) in touched for name in frame["class"]])
    if is_weighted:
        reasons = frame["reason"].where(frame["reason"].notna(), NOT_ONE_BY_ONE)
        return frame.assign(verdict="undefined", reason=reasons)
    return frame


def change_verdict(difference: float, p_value: float, level: float) -> str:
    """Return improved, worse, no_evidence or undefined.

    Examples
    --------
    >>> change_verdict(0.2, 0.01, 0.05), change_verdict(-0.2, 0.01, 0.05), change_verdict(0.2, 0.3, 0.05)
    ('improved', 'worse', 'no_evidence')
    """
    if math.isnan(difference) or math.isnan(p_value):
        return "undefined"
    if difference == 0 or p_value > level:
        return "no_evidence"
    return "improved" if difference > 0 else "worse"
