"""What may mislead in a comparison of two rounds."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from labelqa.annotations.table import Annotations
from labelqa.errors import shorten
from labelqa.reliability.comparison.classes import PERMUTED
from labelqa.reliability.comparison.pair import RoundPair
from labelqa.reliability.comparison.selection import Selection, chosen_for_disagreement, effective_items
from labelqa.reliability.estimate import Data
from labelqa.reliability.weights import Weights

FEW_IN_CLASS = 10  # items
RARE = 0.1  # share of all labels
NO_NAMES = (
    "Count patterns hold no item names: the rounds were compared as if they shared no item. If they do share items, "
    "compare annotations, which finds smaller changes."
)


def warnings_about(
    before: Data,
    after: Data,
    pair: RoundPair,
    weights: Weights | None,
    selection: Selection | None,
    *,
    class_test: str = PERMUTED,
) -> tuple[str, ...]:
    """Return a sentence or two for everything that may mislead, most important first.

    Without `weights` there is no difference, and nothing is said of how items were chosen.
    """
    found: list[str | None] = []
    if isinstance(before, Annotations) and isinstance(after, Annotations):
        found.append(_same_labels(pair, before, after))
        if selection is not None:
            found.append(_selected(pair, before, after))
        elif weights is not None:
            found.append(chosen_for_disagreement(pair, weights))
        found.append(_other_people(before, after))
    else:
        found.append(NO_NAMES)
    found += [_other_classes(before, after), _thin_classes(pair, class_test)]
    return tuple(text for text in found if text)


def _same_labels(pair: RoundPair, before: Annotations, after: Annotations) -> str | None:
    if pair.before.size and before.n_items == after.n_items and (pair.before == pair.after).all():
        return "Every item has the same labels in both rounds: was the same data given twice?"
    return None


def _selected(pair: RoundPair, before: Annotations, after: Annotations) -> str | None:
    n = int(pair.times.sum())
    least, most = float(pair.weight.min(initial=1.0)), float(pair.weight.max(initial=1.0))
    left_out = before.n_items + after.n_items - n - pair.sizes[0]
    parts = []
    if most > least:
        parts.append(
            f"Items were chosen with unequal probabilities, and each weighs 1 / its probability: the {n:,} compared "
            f"items tell as much as {effective_items(pair):,.0f} equally weighted ones."
        )
    if left_out:
        parts.append(
            f"With probabilities of being chosen, only items of both rounds are compared: {left_out:,} others are left "
            "out."
        )
    return " ".join(parts) or None


def _other_people(before: Annotations, after: Annotations) -> str | None:
    first, second = ({str(name) for name in part.annotators} for part in (before, after))
    if first == second or not first or not second:
        return None
    return (
        f"Other people labeled: {len(first & second):,} annotators took part in both rounds, {len(first - second):,} "
        f"only before and {len(second - first):,} only after. A change may come from the people."
    )


def _other_classes(before: Data, after: Data) -> str | None:
    first, second = (dict.fromkeys(part.schema.names) for part in (before, after))
    only = [([c for c in first if c not in second], "before"), ([c for c in second if c not in first], "after")]
    texts = [f"only {when}: {shorten(classes, 5)}" for classes, when in only if classes]
    if not texts:
        return None
    return f"The rounds have different classes ({'; '.join(texts)}); both are measured with the classes of the two."


def _thin_classes(pair: RoundPair, class_test: str) -> str | None:
    few = [pair.schema.names[c] for c in np.flatnonzero(_is_thin(pair))]
    if not few:
        return None
    of_classes = (
        ""
        if class_test == PERMUTED
        else ", and p values of single classes are too small (from the t test: with so many arrangements, items and "
        "classes a permutation test of each class takes too long)"
    )
    return (
        f"Used on fewer than {FEW_IN_CLASS} items of a round: {shorten(few, 5)}. The interval is then too narrow"
        f"{of_classes}; the permutation test, on which the verdict stands, is not misled."
    )


def _is_thin(pair: RoundPair) -> npt.NDArray[np.bool_]:
    """Return which classes are used, but on few items of one of the rounds and in a small share of labels, (k,)."""
    rows, kinds = pair.kinds, len(pair.kinds)
    items, labels = [], np.zeros(rows.k)
    for kind in (pair.before, pair.after):
        times = np.bincount(kind, weights=pair.times, minlength=kinds)[rows.row]
        items.append(np.bincount(rows.classes, weights=times, minlength=rows.k))
        labels += np.bincount(rows.classes, weights=times * rows.counts, minlength=rows.k)
    small = labels < RARE * labels.sum()
    return np.asarray((labels > 0) & small & (np.minimum(items[0], items[1]) < FEW_IN_CLASS))
