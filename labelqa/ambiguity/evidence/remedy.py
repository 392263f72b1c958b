"""What to do about a pair once it is known what its disputed items have in common."""

from __future__ import annotations

import re

import pandas as pd

from labelqa.ambiguity.advice import BIASED
from labelqa.ambiguity.evidence.pair_items import PairItems
from labelqa.ambiguity.evidence.result import sentence_of
from labelqa.results import as_percent

GUESSED = 1 / 3  # share of the labels of disputed items in yet other classes from which annotators seem to guess
LABELS_TO_GUESS = 3  # an item needs to show that
DEEP = 0.5  # split rate from which a group of items is a class of its own to somebody
CALM = 0.1  # split rate of the others up to which the dispute is about that group alone
POOR = re.compile(r"^length in characters(?: \(counted\))? < \d+$| is missing$")  # rules on items that tell too little
MINORITY = 0.5  # of the items: what most of them are is no lack


def refined(row: pd.Series, cues: pd.DataFrame, items: PairItems, direction_p: float) -> tuple[str, str]:
    """Return the advice on a pair and its reason: that of the numbers alone, sharpened by the cues."""
    advice, reason = str(row["advice"]), str(row["advice_reason"])
    if advice in ("none", "merge", "retrain"):
        return advice, reason
    first = None if cues.empty else dict(cues.iloc[0])
    unclear = _too_little(cues, items)
    if unclear:
        return "cannot_tell", f"{unclear}: give annotators a class for items that do not tell enough"
    if first is not None and _is_a_group(first, direction_p):
        return "split", (
            f"one group of items is read differently by different people, and hardly any others are disputed "
            f"({sentence_of(first)}): name the group in the instruction, with a class of its own if it matters"
        )
    if first is not None:
        return "clarify", f"{reason}; write the rule for this case first: {sentence_of(first)}"
    return advice, reason


def _too_little(cues: pd.DataFrame, items: PairItems) -> str:
    rules = cues[cues["kind"] == "rule"]
    some = rules[rules["n_items"] <= MINORITY * len(items)]
    poor = [dict(r) for _, r in some.iterrows() if POOR.search(str(r["cue"]))]
    if poor:
        return f"disputed items tell little ({sentence_of(poor[0])})"
    labels = items.says_a + items.says_b + items.says_other
    many = items.is_split & (labels >= LABELS_TO_GUESS)
    others = float(items.says_other[many].sum() / max(float(labels[many].sum()), 1.0))
    if many.sum() >= 10 and others >= GUESSED:
        return f"{as_percent(others)} of the labels on disputed items are yet other classes: annotators guess"
    return ""


def _is_a_group(cue: dict[object, object], direction_p: float) -> bool:
    deep = float(str(cue["split_rate"])) >= DEEP and float(str(cue["rest_rate"])) <= CALM
    return deep and direction_p <= BIASED
