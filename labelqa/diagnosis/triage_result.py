"""The result of :func:`labelqa.triage`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from labelqa.diagnosis.weighing import CAUSES
from labelqa.diagnosis.words import NEXT, class_name
from labelqa.errors import check_choice, check_whole
from labelqa.results import Result, as_percent
from labelqa.text import counted, visible

ITEM_COLUMNS = (
    "item", "cause", "probability", "slip", "definition", "variation", "hard", "class_a", "class_b", "top_class",
    "n_labels", "labels", "reason", "action",
)  # fmt: skip
LABEL_COLUMNS = ("item", "label", "n_votes", "n_labels", "share", "lone", "slip_probability", "annotators")
PAIR_COLUMNS = ("class_a", "class_b", "kept", "share", "n_items", "gain")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Triage(Result):
    """Why people disagree on each item, and what to do next.

    Attributes
    ----------
    items : pandas.DataFrame
        One row an item that got two different labels or was flagged by a model, surest cause first. Columns: item;
        cause (``slip, definition, variation, hard``) and its probability; the probability of each cause (they sum to
        one); class_a and class_b, the pair to write into the instruction (None where the cause is another); top_class
        (the most frequent label, None where two are); n_labels; labels as text; reason in words; action (``relabel,
        instruction, soft_label, more_labels``).
    labels : pandas.DataFrame
        One row an item and class that it was given, most probably wrong first. Columns: item; label; n_votes for it of
        the item's n_labels, and their share; lone (whether one person of several gave it); slip_probability (that the
        class is right in no reading of the item); annotators who gave it, as text. Undisputed items are in it only
        where a model flagged them.
    pairs : pandas.DataFrame
        One row a pair of classes that was taken for ambiguous beforehand. Columns: class_a, class_b; kept (whether
        its splits are more than slips and variation explain; only then it is a cause); share of all items that lie
        between the two; n_items whose cause it is; gain in log-likelihood (nan where that was not tested).
    shares : mapping of str to float
        Share of the items with two or more labels that are ``clear``, and of each other cause, by the model. Most clear
        items show no slip.
    slip_rate : float
        How often people slip on clear items, by the model.
    n_items, n_disputed, n_flagged : int
        Items with a label; those with two different ones; those that a model flagged.
    notes : tuple of str
        What a user should know of.
    undefined_because : str or None
        Why there is nothing to sort: `items` and `labels` are then empty.
    """

    items: pd.DataFrame
    labels: pd.DataFrame
    pairs: pd.DataFrame
    shares: Mapping[str, float]
    slip_rate: float
    n_items: int
    n_disputed: int
    n_flagged: int
    notes: tuple[str, ...] = ()
    undefined_because: str | None = None

    def __len__(self) -> int:
        """Return the number of items that need something done."""
        return len(self.items)

    @property
    def counts(self) -> dict[str, int]:
        """Items of each cause."""
        found = self.items["cause"].value_counts()
        return {cause: int(found.get(cause, 0)) for cause in CAUSES}

    def of(self, cause: str) -> pd.DataFrame:
        """Return the items of one cause, surest first.

        Raises
        ------
        ParameterError
            If `cause` is not one of ``slip, definition, variation, hard``.
        """
        check_choice("cause", cause, CAUSES)
        return self.items[self.items["cause"] == cause].reset_index(drop=True)

    def suspects(self, n: int = 20) -> pd.DataFrame:
        """Return the `n` labels that are most probably wrong, worst first.

        Raises
        ------
        ParameterError
            If `n` is not a whole number from 0 on.
        """
        check_whole("n", n, 0, what="is not a number of labels", usual="20")
        return self.labels.head(int(n)).copy()

    def to_frame(self) -> pd.DataFrame:
        """Return one row an item, surest cause first."""
        return self.items.copy()

    @property
    def meaning(self) -> tuple[str, ...]:
        """What was found and what to do next, for people who are not statisticians, a sentence or two each."""
        if self.undefined_because:
            return (f"Nothing to sort: {self.undefined_because}.",)
        told = [
            f"{counted(n, 'item')}: {_TITLES[cause]}. Next: {NEXT[cause]}." for cause, n in self.counts.items() if n
        ]
        return (*told, *self._instructions(), *self.notes)

    def _instructions(self) -> list[str]:
        rows = self.pairs[self.pairs["kept"].astype(bool) & (self.pairs["n_items"] > 0)].to_dict("records")
        return [
            f"Tell {class_name(row['class_a'])} from {class_name(row['class_b'])} in the instruction: this would "
            f"settle {counted(row['n_items'], 'item')}."
            for row in rows[:5]
        ]

    def summary(self) -> list[str]:
        """Return how many items have which cause, and what to call next."""
        if self.undefined_because:
            return [f"No item to sort out: {self.undefined_because}", "  next: labelqa.agreement_table(annotations)"]
        flagged = f" and {self.n_flagged:,} flagged by a model" if self.n_flagged else ""
        causes = ", ".join(f"{n:,} {cause}" for cause, n in self.counts.items() if n)
        rate = "" if math.isnan(self.slip_rate) else f"; people slip on {as_percent(self.slip_rate, 1)} of labels"
        first = self.items.iloc[0]
        return [
            f"{self.n_disputed:,} of {counted(self.n_items, 'item')} disputed{flagged}: {causes}",
            f"  by a model of all items{rate}",
            f"  surest: {visible(first['item'])}, {first['cause']} ({as_percent(first['probability'])}): "
            f"{visible(first['labels'])}",
            *(f"  ! {note}" for note in self.notes[:1]),
            "  next: .meaning, .of('slip'), .suspects(20), .pairs",
        ]


_TITLES = {
    "slip": "probably a slip of somebody",
    "definition": "the instruction does not seem to say which of two classes applies",
    "variation": "more than one answer may be right",
    "hard": "no answer stands out",
}
