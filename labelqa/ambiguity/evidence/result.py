"""The result of :func:`labelqa.explain_confusion`."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from labelqa.results import Result, as_percent
from labelqa.text import counted, shortened, visible


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ConfusionEvidence(Result):
    """What the author of a labeling instruction needs to tell two classes apart.

    Attributes
    ----------
    class_a, class_b : str
        The pair.
    n_split, n_only_a, n_only_b : int
        Items that got both labels; that all annotators (two or more) gave one of them.
    disagreement, low, high : float
        Share of label pairs within the two classes that split, with its interval.
    confidence : float
        Level of the intervals.
    cues : pandas.DataFrame
        What disputed items have in common, surest first: kind (``word``, ``words of both``, ``rule``), cue, n_items,
        n_split, split_rate with low and high (Wilson), rest_rate, lift, held_out_lift, held_out_n (rules only),
        p_value, p_adjusted. Empty where nothing holds.
    typical : pandas.DataFrame
        Words typical of either class where all agree: word, class, share_a, share_b, log_odds, z, p_adjusted.
    boundary : pandas.DataFrame
        Similar items with different agreed labels: item_a, item_b, similarity, text_a, text_b.
    prototypes : pandas.DataFrame
        The most typical agreed items of each class: class, item, text.
    disputed : pandas.DataFrame
        Items that got both labels, from nearly agreed to hopeless: item, says_a, says_b, says_other, leans_to, clarity
        (1 to 0), text.
    who : pandas.DataFrame
        Who says what on the disputed items: annotator, n, says_a, says_b, share_a, expected_a (share of a if all read
        the border alike), z.
    direction_p : float
        That all annotators read the border alike.
    advice, advice_reason : str
        What to do (``clarify, merge, split, retrain, cannot_tell, none``), and why.
    compared_by : str
        What items were compared by; empty where there was nothing.
    notes : tuple of str
        What a reader should know.
    """

    class_a: str
    class_b: str
    n_split: int
    n_only_a: int
    n_only_b: int
    disagreement: float
    low: float
    high: float
    confidence: float
    cues: pd.DataFrame
    typical: pd.DataFrame
    boundary: pd.DataFrame
    prototypes: pd.DataFrame
    disputed: pd.DataFrame
    who: pd.DataFrame
    direction_p: float
    advice: str
    advice_reason: str
    compared_by: str
    notes: tuple[str, ...] = ()

    def to_frame(self) -> pd.DataFrame:
        """Return the cues, one row each, surest first."""
        return self.cues.copy()

    def summary(self) -> list[str]:
        """Return what is known of the border in a few lines."""
        pair = f"{visible(self.class_a)} / {visible(self.class_b)}"
        spread = f"{as_percent(self.low)} to {as_percent(self.high)}"
        head = f"{pair}: {as_percent(self.disagreement)} of label pairs split ({spread}), on {self.n_split:,} items"
        first = self.cues.head(2).to_dict("records")
        lines = [f"  {shortened(sentence_of(cue), 110)}" for cue in first] or ["  no cue that disputed items share"]
        advice = f"  advice: {self.advice}: {shortened(self.advice_reason, 90)}"
        return [head, *lines, advice, "  next: .cues, .disputed, .boundary, labelqa.evidence_report(evidence)"]


def sentence_of(cue: dict[str, object] | dict[object, object]) -> str:
    """Return a cue in words, with its figures."""
    n, rate = int(str(cue["n_items"])), float(str(cue["split_rate"]))
    what = {"word": f'"{cue["cue"]}"', "rule": str(cue["cue"])}.get(str(cue["kind"]), str(cue["cue"]))
    told = f"{what}: {as_percent(rate)} of {counted(n, 'such item')} split, {as_percent(float(str(cue['rest_rate'])))}"
    held = float(str(cue["held_out_lift"]))
    rest = f"{told} of the others"
    if held != held:
        return rest
    checked = counted(int(str(cue["held_out_n"])), "item")
    return f"{rest} (checked on {checked} kept apart: {held:.1f} times as often)"
