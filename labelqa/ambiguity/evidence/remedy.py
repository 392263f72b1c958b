"""What to do about a pair once it is known what its disputed items have in common."""

from __future__ import annotations

import pandas as pd

from labelqa.ambiguity.advice import BIASED
from labelqa.ambiguity.evidence.pair_items import PairItems
from labelqa.ambiguity.evidence.result import sentence_of
from labelqa.results import as_percent

GUESSED = 0.5  # share of disputed items with labels of yet other classes from which annotators seem to guess
LABELS_TO_GUESS = 3  # an item needs to show that
DEEP = 0.5  # split rate from which a group of items is a class of its own to somebody
CALM = 0.1  # split rate of the others up to which the dispute is about that group alone
POOR = ("length of text <", "is missing")  # what rules say of items that tell too little


def refined(row: pd.Series, cues: pd.DataFrame, items: PairItems) -> tuple[str, str]:
    """Return the advice on a pair and its reason: that of the numbers alone, sharpened by the cues."""
    advice, reason = str(row["advice"]), str(row["advice_reason"])
    if advice in ("merge", "retrain"):
        return advice, reason
    first = None if cues.empty else dict(cues.iloc[0])
    unclear = _too_little(cues, items)
    if unclear:
        return "cannot_tell", f"{unclear}: give annotators a class for items that do not tell enough"
    if first is not None and _is_a_group(first, row):
        return "split", (
            f"one group of items is read differently by different people, and hardly any others are disputed "
            f"({sentence_of(first)}): name the group in the instruction, with a class of its own if it matters"
        )
    if first is not None:
        return "clarify", f"{reason}; write the rule for this case first: {sentence_of(first)}"
    return advice, reason


def _too_little(cues: pd.DataFrame, items: PairItems) -> str:
    rules = cues[cues["kind"] == "rule"]
    poor = [dict(r) for _, r in rules.iterrows() if any(mark in str(r["cue"]) for mark in POOR)]
    if poor:
        return f"disputed items tell little ({sentence_of(poor[0])})"
    many = items.is_split & (items.says_a + items.says_b + items.says_other >= LABELS_TO_GUESS)
    others = float((items.says_other[many] > 0).mean()) if many.any() else 0.0
    if many.sum() >= 10 and others >= GUESSED:
        return f"{as_percent(others)} of the disputed items got labels of yet other classes: annotators guess"
    return ""


def _is_a_group(cue: dict[object, object], row: pd.Series) -> bool:
    deep = float(str(cue["split_rate"])) >= DEEP and float(str(cue["rest_rate"])) <= CALM
    return deep and float(row["direction_p"]) <= BIASED
