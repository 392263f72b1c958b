"""The effect of each changed rule, on the classes it speaks of.

A rule about the border of two classes is measured on the labels of these two, any other rule on its class against all
others. Rules about the same classes share one effect: nothing tells them apart.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from labelqa.annotations.schema import LabelSchema
from labelqa.errors import ParameterError, Problem
from labelqa.inference.adjustment import holm
from labelqa.reliability.comparison.result import signed
from labelqa.reliability.comparison.verdict import FEWEST, ChangeTest, items_a_round, judge
from labelqa.results import as_number, p_text, reason_as_object
from labelqa.review.proving.division import NOT_ONE_BY_ONE
from labelqa.review.proving.effects import Effect, effect_of, permuted, scorer_of
from labelqa.review.proving.learning import Control, excess_over_learning
from labelqa.review.proving.panel import Panel, Part
from labelqa.review.proving.settings import Settings
from labelqa.review.proving.wording import interval_remark

ChangedRule = tuple[str, str, str | None]  # id, class, and the other class of a border
COLUMNS = (
    "rule_id", "class_a", "class_b", "n_before", "n_after", "before", "after", "difference", "low", "high", "p_value",
    "p_adjusted", "verdict", "n_more_items", "by_learning", "excess", "excess_low", "excess_high", "excess_p_adjusted",
    "credit", "words", "reason",
)  # fmt: skip
CREDIT_WORDS = {
    "rules": "more than learning explains",
    "learning": "people learned everywhere, and this is not clearly more",
    "unclear": "whether it is more than learning is open",
    "no_control": "there are too few control items to tell it from learning",
    "none": "",
}
VERDICT_WORDS = {
    "improved": "improved",
    "worse": "got worse",
    "no_evidence": "no evidence of a change",
    "too_few_items": "too few items to tell",
    "undefined": "undefined",
}
UNKNOWN_CLASS = "a class of this rule was given in neither round"
NOTHING = "there is nothing to compare: no items that both rounds can be measured on"


def checked_rules(rules: Sequence[ChangedRule]) -> tuple[ChangedRule, ...]:
    """Return the rules.

    Raises
    ------
    ParameterError
        If one is not (id, class, other class or None).
    """
    given: Sequence[object] = rules
    wrong = [rule for rule in given if not isinstance(rule, tuple | list) or len(rule) != 3]
    if wrong:
        raise ParameterError(
            Problem(
                what=f"changed_rules holds {wrong[0]!r}",
                parameter="changed_rules",
                value=wrong[0],
                allowed=("(rule id, class, other class or None)",),
            )
        )
    return tuple((str(rule), str(name), None if other is None else str(other)) for rule, name, other in rules)


def classes_of(rule: ChangedRule, schema: LabelSchema) -> list[int] | None:
    """Return the codes of the classes of a rule; None where one was never given."""
    found = [schema.index_of(name) for name in dict.fromkeys(rule[1:]) if name is not None]
    return None if None in found else sorted(code for code in found if code is not None)


def touched_classes(rules: Sequence[ChangedRule], schema: LabelSchema) -> list[int]:
    """Return the codes of all classes that a rule speaks of."""
    found = {schema.index_of(name) for rule in rules for name in rule[1:] if name is not None}
    return sorted(code for code in found if code is not None)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """What is known of the classes of one rule."""

    effect: Effect
    p_value: float
    by_learning: float
    excess: float
    excess_test: ChangeTest


def rule_effects(
    panel: Panel,
    part: Part,
    rules: Sequence[ChangedRule],
    control: Control,
    settings: Settings,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return one row a rule, in the order given; columns COLUMNS."""
    places = [classes_of(rule, panel.schema) for rule in rules]
    sets = list(dict.fromkeys(tuple(place) for place in places if place))
    measured = dict(zip(sets, _measured(panel, part, sets, control, settings, rng), strict=True)) if part else {}
    adjusted = _adjusted(sets, [m.p_value for m in measured.values()])
    beyond = _adjusted(sets, [m.excess_test.p_value for m in measured.values()])
    n_items = items_a_round(panel.pair(part).sizes) if part else 0
    rows = []
    for rule, place in zip(rules, places, strict=True):
        key = tuple(place or ())
        if key in measured:
            row = _row(measured[key], adjusted[key], beyond[key], control, settings, n_items)
            row |= {"verdict": "undefined", "credit": "none", "reason": NOT_ONE_BY_ONE} if part.is_weighted else {}
        else:
            row = _nothing(UNKNOWN_CLASS if part else NOTHING)
        together = [other[0] for other, theirs in zip(rules, places, strict=True) if theirs == place and other != rule]
        row |= {"rule_id": rule[0], "class_a": rule[1], "class_b": rule[2]}
        rows.append(row | {"words": _words(row, settings, len(sets), together)})
    return reason_as_object(pd.DataFrame(rows, columns=list(COLUMNS)))


def _measured(
    panel: Panel,
    part: Part,
    sets: list[tuple[int, ...]],
    control: Control,
    settings: Settings,
    rng: np.random.Generator,
) -> list[Measured]:
    pair = panel.pair(part)
    scorers = [scorer_of(pair, settings.coefficient, list(place)) for place in sets]
    p_values = permuted(pair, scorers, settings.n_permutations, rng)
    out = []
    for place, scorer, p_value in zip(sets, scorers, p_values.tolist(), strict=True):
        by_learning, excess, test = excess_over_learning(panel, part, list(place), control, settings)
        effect = effect_of(pair, scorer, settings.confidence)
        out.append(Measured(effect=effect, p_value=p_value, by_learning=by_learning, excess=excess, excess_test=test))
    return out


def _adjusted(sets: list[tuple[int, ...]], p_values: list[float]) -> dict[tuple[int, ...], float]:
    found = holm(np.array(p_values, dtype=np.float64)).tolist()
    return dict(zip(sets, found, strict=False))


def _row(
    found: Measured, p_adjusted: float, beyond: float, control: Control, settings: Settings, n_items: int
) -> dict[str, object]:
    effect = found.effect
    judged = judge(effect.difference, effect.test, p_adjusted, settings.confidence, n_items)
    few = min(effect.n_before, effect.n_after) < FEWEST and judged.verdict == "no_evidence"
    verdict = "too_few_items" if few else judged.verdict
    return {
        "n_before": effect.n_before,
        "n_after": effect.n_after,
        "before": effect.before,
        "after": effect.after,
        "difference": effect.difference,
        "low": effect.test.low,
        "high": effect.test.high,
        "p_value": found.p_value,
        "p_adjusted": p_adjusted,
        "verdict": verdict,
        "n_more_items": math.nan if judged.n_more is None else float(judged.n_more),
        "by_learning": found.by_learning,
        "excess": found.excess,
        "excess_low": found.excess_test.low,
        "excess_high": found.excess_test.high,
        "excess_p_adjusted": beyond,
        "credit": _credit(verdict, found.excess, beyond, control, settings),
        "reason": effect.reason,
    }


def _credit(verdict: str, excess: float, p_value: float, control: Control, settings: Settings) -> str:
    """Return to what an improvement is credited."""
    if verdict != "improved":
        return "none"
    if math.isnan(p_value):
        return "no_control"
    if excess > 0 and p_value <= settings.level:
        return "rules"
    return "learning" if control.effect.verdict == "improved" else "unclear"


def _nothing(reason: str) -> dict[str, object]:
    numbers = [c for c in COLUMNS[3:] if c not in ("verdict", "credit", "words", "reason")]
    return dict.fromkeys(numbers, math.nan) | {
        "n_before": 0, "n_after": 0, "verdict": "undefined", "credit": "none", "reason": reason,
    }  # fmt: skip


def _words(row: dict[str, object], settings: Settings, n_effects: int, together: list[str]) -> str:
    name = f"{row['rule_id']} {row['class_a']}" + (f"/{row['class_b']}" if row["class_b"] else "")
    value = {c: float(row[c]) for c in ("before", "after", "difference", "low", "high", "p_adjusted")}  # type: ignore[arg-type]
    if math.isnan(value["difference"]):
        return f"{name}: undefined, {row['reason']}"
    moved = f"{settings.short_name} {as_number(value['before'], 2)} -> {as_number(value['after'], 2)}"
    ends = "no interval" if math.isnan(value["low"]) else f"{signed(value['low'], 2)}, {signed(value['high'], 2)}"
    if row["verdict"] == "undefined":
        return f"{name}: {moved} [{ends}], no verdict: {row['reason']}"
    among = f" over {n_effects} effects of changed rules" if n_effects > 1 else ""
    text = f"{name}: {moved} [{ends}], {VERDICT_WORDS[str(row['verdict'])]} (p {p_text(value['p_adjusted'])}{among})"
    credit = CREDIT_WORDS[str(row["credit"])]
    shared = f"; one effect together with {', '.join(together)}" if together else ""
    remark = interval_remark(row, settings.confidence, "changed rules")
    return text + "".join(f"; {more}" for more in (credit, remark) if more) + shared
