"""What the disputed items have in common: words, words of both classes in one text, and rules on their data.

Three families of tests; a family speaks only if its best p value holds among the three (Benjamini & Bogomolov 2014), so
that on data without any cue a cue is shown in at most 5 % of cases.

References
----------
Benjamini, Y. & Bogomolov, M. (2014). Selective inference on multiple families of hypotheses. J. R. Statist. Soc. B 76,
297-318.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.ambiguity.evidence.pair_items import PairItems
from labelqa.ambiguity.evidence.words import LEVEL, Group, WordTable, log_odds, more_often
from labelqa.inference.adjustment import benjamini_hochberg
from labelqa.inference.proportions import wilson

Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]
COLUMNS = (
    "kind", "cue", "n_items", "n_split", "split_rate", "low", "high", "rest_rate", "lift", "held_out_lift",
    "held_out_n", "p_value", "p_adjusted",
)  # fmt: skip
LENGTH = "length in characters"  # of texts, as rules name it
TYPICAL = 1.28  # z score from which a word is taken as typical of a class: one-sided 10 %
FOLDS = 10
SHOWN_PAIRS = 3
MOST_WORDS = 100  # typical words of a class among which examples are sought


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """One thing that disputed items have in common.

    Attributes
    ----------
    kind : {"word", "words of both", "rule"}
        What it is.
    cue : str
        The word, or the condition.
    n_items, n_split : int
        Items that have it, and the disputed ones among them.
    rest_items, rest_split : int
        The same of all other items.
    p_value, p_adjusted : float
        That it has nothing to do with the dispute; adjusted within its family.
    held_out_lift : float
        How many times as often held-out items with it split; nan where nothing was held out.
    held_out_n : int
        Held-out items with it.
    """

    kind: str
    cue: str
    n_items: int
    n_split: int
    rest_items: int
    rest_split: int
    p_value: float
    p_adjusted: float
    held_out_lift: float = math.nan
    held_out_n: int = 0

    @property
    def is_of_length(self) -> bool:
        """Whether it speaks of nothing but the length of texts."""
        return self.kind == "rule" and self.cue.startswith(LENGTH) and self.cue.count(LENGTH) > self.cue.count(" and ")

    @property
    def surely_splits(self) -> float:
        """Lower end of the 95 % interval of the split rate of items that have it."""
        return float(wilson(np.array([self.n_split]), np.array([self.n_items]), 0.95)[1][0])

    def row(self, confidence: float) -> dict[str, object]:
        """Return the cue as a row of a table."""
        rate = self.n_split / max(self.n_items, 1)
        rest = self.rest_split / max(self.rest_items, 1)
        _, low, high = wilson(np.array([self.n_split]), np.array([self.n_items]), confidence)
        found = {name: getattr(self, name) for name in ("kind", "cue", "n_items", "n_split", "p_value", "p_adjusted")}
        held = {"held_out_lift": self.held_out_lift, "held_out_n": self.held_out_n}
        return found | held | {
            "split_rate": rate, "low": float(low[0]), "high": float(high[0]), "rest_rate": rest,
            "lift": lift_of(rate, rest),
        }  # fmt: skip


def lift_of(rate: float, rest: float) -> float:
    """Return how many times as high a rate is; nan where the other is zero."""
    return rate / rest if rest > 0 else math.nan


def chosen_cues(families: Sequence[Sequence[Cue]], confidence: float) -> pd.DataFrame:
    """Return the cues that hold, the surest family first.

    Parameters
    ----------
    families : sequence of sequences of Cue
        Every cue that was tested, adjusted within its family, in the order in which a reader should see them.
    confidence : float
        Level of the intervals.
    """
    best = np.array([min((c.p_adjusted for c in cues), default=1.0) for cues in families])
    held = benjamini_hochberg(best) <= LEVEL
    level = LEVEL * held.sum() / max(len(families), 1)
    order = sorted(np.flatnonzero(held).tolist(), key=lambda f: min(c.p_value for c in families[f]))
    kept = [c for f in order for c in families[f] if c.p_adjusted <= level]
    kept.sort(key=lambda c: c.is_of_length)  # a word or a column explains more than the length that goes with it
    return pd.DataFrame([c.row(confidence) for c in kept], columns=list(COLUMNS)).astype(
        {"kind": object, "cue": object}
    )


def word_cues(table: WordTable, items: PairItems) -> list[Cue]:
    """Test every word: is it more frequent in disputed texts than where all agree on a, and where all agree on b."""
    if not items.n_split or items.n_split == len(items):
        return []
    split, only_a, only_b = (table.counts(rows) for rows in (items.is_split, items.is_a, items.is_b))
    others = [Group(only_a, int(items.is_a.sum())), Group(only_b, int(items.is_b.sum()))]
    p_values, adjusted = more_often(Group(split, items.n_split), [g for g in others if g.n])
    found = np.flatnonzero(adjusted < 1)
    found = found[np.argsort(p_values[found], kind="stable")]
    with_it = [items.standing_for(*counts) for counts in zip(split, only_a, only_b, strict=True)]
    return [
        _counted_cue("word", str(table.words[j]), int(split[j]), with_it[j], items,
                     p_value=float(p_values[j]), p_adjusted=float(adjusted[j]))
        for j in found
    ]  # fmt: skip


def _counted_cue(
    kind: str, cue: str, n_split: int, n_items: int, items: PairItems, *, p_value: float, p_adjusted: float
) -> Cue:
    return Cue(
        kind=kind,
        cue=cue,
        n_items=n_items,
        n_split=n_split,
        rest_items=items.n_whole - n_items,
        rest_split=items.n_split - n_split,
        p_value=p_value,
        p_adjusted=p_adjusted,
    )


def mixed_cue(table: WordTable, items: PairItems, rng: np.random.Generator) -> list[Cue]:
    """Test whether disputed texts hold words typical of both classes more often than texts where all agree do.

    Which words are typical is learned from agreed items of other folds, so that no item is judged by its own words.
    """
    if min(int(items.is_a.sum()), int(items.is_b.sum())) < FOLDS or not items.n_split:
        return []
    fold = rng.permuted(np.arange(len(items)) % FOLDS)
    has_both = np.zeros(len(items), dtype=np.bool_)
    for f in range(FOLDS):
        mine = fold == f
        has_both[mine] = _has_both(table, items.is_a & ~mine, items.is_b & ~mine)[mine]
    inside, *others = (
        Group(np.array([float(has_both[rows].sum())]), int(rows.sum()))
        for rows in (items.is_split, items.is_a, items.is_b)
    )
    p_value = float(more_often(inside, others)[0][0])
    split = round(float(inside.count[0]))
    total = items.standing_for(split, *(float(has_both[rows].sum()) for rows in (items.is_a, items.is_b)))
    text = f"words typical of both classes in one text{_examples(table, items)}"
    cue = _counted_cue("words of both", text, split, total, items, p_value=p_value, p_adjusted=p_value)
    return [cue]


def _sides(table: WordTable, is_a: Truths, is_b: Truths) -> Floats:
    """Return how typical each single word is of a (positive) or b (negative), as z scores (w,)."""
    _, z = log_odds(table.counts(is_a), int(is_a.sum()), table.counts(is_b), int(is_b.sum()))
    return np.where(table.is_single, z, 0.0)


def _has_both(table: WordTable, is_a: Truths, is_b: Truths) -> Truths:
    z = _sides(table, is_a, is_b)
    of_a, of_b = (table.present @ (side * z >= TYPICAL).astype(np.float64) for side in (1, -1))
    return np.asarray((of_a > 0) & (of_b > 0))


def _examples(table: WordTable, items: PairItems) -> str:
    """Return the pairs of a word of a and a word of b that most disputed texts share."""
    z = _sides(table, items.is_a, items.is_b)
    order = np.argsort(-z, kind="stable")
    of_a, of_b = order[z[order] >= TYPICAL][:MOST_WORDS], order[::-1][z[order[::-1]] <= -TYPICAL][:MOST_WORDS]
    if not of_a.size or not of_b.size:
        return ""
    split, agreed = (table.present[np.flatnonzero(rows)] for rows in (items.is_split, ~items.is_split))
    both = np.asarray((split[:, of_a].T @ split[:, of_b]).todense(), dtype=np.float64)
    rest = np.asarray((agreed[:, of_a].T @ agreed[:, of_b]).todense(), dtype=np.float64)
    excess = both - rest * items.n_split / max(len(items) - items.n_split, 1)
    order = np.argsort(-excess, axis=None, kind="stable")[:SHOWN_PAIRS]
    rows, columns = np.unravel_index(order, excess.shape)
    told = [
        f'"{table.words[of_a[i]]}" with "{table.words[of_b[j]]}"'
        for i, j in zip(rows, columns, strict=True)
        if excess[i, j] > 0
    ]
    return f": {', '.join(told)}" if told else ""
