"""A proof in plain words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from labelqa.errors import shorten
from labelqa.reliability.comparison.result import AgreementComparison, signed
from labelqa.reliability.sequential.state import SequentialState
from labelqa.results import as_number, as_percent, p_text
from labelqa.review.proving.learning import LearningEffect
from labelqa.text import counted

STRATUM_WORDS = {
    "held_out": "held-out items",
    "fresh": "items not in the earlier round",
    "paired": "items labeled again",
    "control": "control items",
    "answer": "all that the answer rests on",
}
VERDICT_WORDS = {
    "improved": "People agree better than before.",
    "worse": "People agree less than before.",
    "no_evidence": "There is no evidence that agreement changed.",
    "too_few_items": "There are too few items to tell whether agreement changed.",
    "undefined": "Whether agreement changed cannot be told.",
}
SHORT_VERDICTS = {
    "improved": "better",
    "worse": "worse",
    "no_evidence": "no evidence of a change",
    "too_few_items": "too few items to tell",
    "undefined": "undefined",
}
CREDIT_WORDS = {
    "rules": "The classes of the changed rules gained more than people gained elsewhere: the rules helped.",
    "learning": "People got better everywhere, and not clearly more where rules changed: take it as learning.",
    "unclear": "Whether the rules or mere practice helped cannot be told yet: the control items leave both open.",
    "no_control": "Whether the rules or mere practice helped cannot be told: there is too little to compare with.",
}
SENSIBLE = 5_000  # more items than these are not worth naming
BOTH_FAMILIES = "; the same change as in the line of its rule, which is tested among the changed rules only"
COUNTED_ALIKE = "(Every difference counts alike here.)"
NOTHING = "no held-out, fresh or randomly chosen items have two labels in both rounds"


def level_caution(level: str) -> tuple[str, ...]:
    """Return what to know where the level of the classes asks for weights, which a proof does not take.

    Examples
    --------
    >>> level_caution("nominal")
    ()
    """
    if level == "nominal":
        return ()
    return (
        f"The classes are {level}, but a proof counts every difference alike (nominal), its target too. The progress "
        f"of a project and reports use {level} weights: their agreement, and whether the target is reached, may differ "
        "from it.",
    )


def answer_line(verdict: str, answer: AgreementComparison | None, title: str) -> str:
    """Return the verdict and the numbers."""
    if answer is None:
        return f"{VERDICT_WORDS['undefined']} {title}: {NOTHING}."
    return f"{VERDICT_WORDS[verdict]} {answer.statement}"


def rests_line(rests_on: tuple[str, ...]) -> str:
    """Return which strata the answer rests on."""
    if not rests_on:
        return "It rests on nothing: no items allow a fair comparison."
    unseen = all(name in ("held_out", "fresh") for name in rests_on)
    seen = "which were open while the rules were written"
    tail = "; nobody saw those of the later round while the rules were written" if unseen else f", {seen}"
    return f"This rests on {' and '.join(STRATUM_WORDS[name] for name in rests_on)}{tail}."


def interval_remark(row: Mapping[Any, Any], confidence: float, family: str) -> str:
    """Return why there is no clear change although the interval of a row leaves out 0; else nothing.

    Examples
    --------
    >>> row = {"low": 0.01, "high": 0.13, "p_value": 0.03, "p_adjusted": 0.09, "verdict": "too_few_items"}
    >>> interval_remark(row, 0.95, "changed rules")
    'the interval leaves out 0, but is for one look; looking at all changed rules at once (p 0.090), it may be chance'
    """
    if row["verdict"] not in ("no_evidence", "too_few_items") or not (row["low"] > 0 or row["high"] < 0):
        return ""
    adjusted = row.get("p_adjusted", row["p_value"])
    if row["p_value"] <= 1 - confidence < adjusted:
        return (
            f"the interval leaves out 0, but is for one look; looking at all {family} at once (p {p_text(adjusted)}), "
            "it may be chance"
        )
    return f"the interval leaves out 0, but by the permutation test (p {p_text(row['p_value'])}) it may be chance"


def credit_line(credit: str) -> str:
    """Return whether rules or practice helped."""
    return CREDIT_WORDS[credit]


def stratum_line(row: dict[Any, Any]) -> str:
    """Return one row of `strata`."""
    name = STRATUM_WORDS[row["stratum"]]
    sizes = (
        f"{row['n_both']:,} in both rounds, {row['n_before_only']:,} before only, {row['n_after_only']:,} after only"
    )
    if math.isnan(row["difference"]):
        return f"{name} ({sizes}): {row['reason']}"
    moved = f"{as_number(row['before'], 2)} -> {as_number(row['after'], 2)}"
    ends = f"[{signed(row['low'], 2)}, {signed(row['high'], 2)}]"
    more = f", {int(row['n_more_items']):,} more would show it" if row["n_more_items"] <= SENSIBLE else ""
    why = f"; {row['reason']}" if row["reason"] else ""
    return f"{name} ({sizes}): {moved} {ends}, {SHORT_VERDICTS[row['verdict']]}{more}{why}"


def class_line(row: dict[Any, Any]) -> str:
    """Return one row of `classes`."""
    moved = f"{as_number(row['before'], 2)} -> {as_number(row['after'], 2)}"
    rule = "a rule of it changed" if row["touched"] else "no rule of it changed"
    verdict = SHORT_VERDICTS[row["verdict"]]
    return f"{row['class']}: {moved}, {verdict} (p {p_text(row['p_adjusted'])} over all classes), {rule}"


def class_lines(classes: pd.DataFrame, rules: pd.DataFrame) -> list[str]:
    """Return the classes that clearly changed, each once: what the line of its own rule says is not said again.

    A rule of one class and that class are the same effect, tested in two families: among the changed rules, and among
    all classes. Where the two verdicts differ, the line says why.
    """
    changed = classes[classes["verdict"].isin(["improved", "worse"])]
    alone = rules[~rules["class_b"].astype(object).where(rules["class_b"].notna(), "").astype(bool)]
    said = dict(zip(alone["class_a"], alone["verdict"], strict=True))
    return [
        class_line(row) + (BOTH_FAMILIES if row["class"] in said else "")
        for row in changed.to_dict("records")
        if said.get(row["class"]) != row["verdict"]
    ]


def no_class_line(classes: pd.DataFrame) -> str:
    """Return what to say where no class has a line."""
    some = classes["verdict"].isin(["improved", "worse"]).any()
    return "No class beside those of the changed rules clearly changed." if some else "No single class clearly changed."


def pair_line(row: dict[Any, Any]) -> str:
    """Return one row of `new_pairs`."""
    grew = "agreement on them clearly fell" if row["is_clear"] else "that may be chance: it only crossed the line"
    return (
        f"now confused: {row['class_a']} and {row['class_b']}, {as_percent(row['disagreement'])} of label pairs split "
        f"(before {as_percent(row['disagreement_before'])}); {grew}"
    )


def target_line(state: SequentialState | None, reason: str | None, level: str = "nominal") -> str:
    """Return where the target stands."""
    return f"{_target(state, reason)}{'' if state is None or level == 'nominal' else ' ' + COUNTED_ALIKE}"


def _target(state: SequentialState | None, reason: str | None) -> str:
    if state is None:
        return f"Target: {reason}."
    if state.reached:
        return f"Target {as_number(state.target, 2)} reached: agreement was shown to be above it after {_items(state)}."
    bound = f"; agreement is above {_floored(state.lower_bound)}" if state.lower_bound > -1 else ""
    return f"Target {as_number(state.target, 2)} not reached yet after {_items(state)}{bound}."


def _floored(bound: float) -> str:
    """Return a lower bound, never rounded up: a target of 0.80 must not read as passed at 0.797."""
    return as_number(math.floor(bound * 100) / 100, 2)


def _items(state: SequentialState) -> str:
    return counted(state.reached_at or state.n_items, "item")


def learning_line(effect: LearningEffect) -> str:
    """Return the learning effect in a sentence or two."""
    if math.isnan(effect.difference):
        return f"Learning cannot be told from the rules: {effect.reason}."
    sizes = f"{effect.n_before:,} items before, {effect.n_after:,} after"
    moved = (
        f"{as_number(effect.before, 2)} -> {as_number(effect.after, 2)} on items that no changed rule touches ({sizes})"
    )
    heads = {"improved": "People also learned", "worse": "Where no rule changed, people agree less"}
    head = f"{heads.get(effect.verdict, 'No clear learning')}: {moved}."
    if effect.beyond_learning is None:
        return f"{head} How much of the change is learning is open: {effect.reason}."
    if effect.by_learning < effect.touched_before:
        return (
            f"{head} So learning is no reason why the changed classes went from "
            f"{as_number(effect.touched_before, 2)} to {as_number(effect.touched_after, 2)}."
        )
    ends = f"[{as_number(effect.excess_low, 2)}, {as_number(effect.excess_high, 2)}]"
    tail = "more than" if effect.beyond_learning else "not clearly more than"
    return (
        f"{head} By learning alone the changed classes would have reached {as_number(effect.by_learning, 2)}; they "
        f"reached {as_number(effect.touched_after, 2)} ({as_number(effect.excess, 2)} {ends} beyond): {tail} learning."
    )


def next_step(verdict: str, credit: str, n_more: int | None, regressions: tuple[str, ...], reached: bool | None) -> str:
    """Return what to do next."""
    if verdict == "undefined":
        return "have at least two people label held-out or fresh items in the next round, then prove again."
    if regressions:
        return f"look at what the change did to {shorten(regressions, 3)}: read these items, mend or restore the rule."
    if reached:
        return "the target is reached: adjudicate what is left and export the gold labels."
    if verdict == "improved":
        again = "" if credit in ("rules", "none") else " (and plan control items, to tell rules from practice)"
        return f"revise the next unclear pair, which the progress of the project names{again}."
    if verdict == "worse":
        return "restore the version before, or read what people now disagree on."
    if verdict == "too_few_items":
        about = f", about {n_more:,}" if n_more and n_more <= SENSIBLE else ""
        return f"label more held-out or fresh items{about}, then prove again."
    return "the change did not show: read the items still in dispute and try another wording."
