"""How many labels an item has, where a number was expected."""

from __future__ import annotations

import numpy as np

from labelqa.text import counted
from labelqa.validation.result import Finding
from labelqa.validation.subject import Subject, finding_on


def check_counts(subject: Subject) -> list[Finding]:
    """Return the items (of a round) with fewer or more labels than expected; items without any in a round are not."""
    if subject.expect.labels_per_item is None:
        return []
    fewest, most = subject.expect.labels_per_item
    found = subject.annotations
    key = found.item.astype(np.int64)
    if found.round is not None:
        key = key * found.n_rounds + found.round
    keys, counts = np.unique(key, return_counts=True)
    item = keys if found.round is None else keys // found.n_rounds
    out: list[Finding] = []
    for wrong, code, text, step in (
        (counts < fewest, "too_few_labels", f"fewer than {counted(fewest, 'label')}", "Have the missing ones made."),
        (
            counts > most,
            "too_many_labels",
            f"more than {counted(most, 'label')}",
            "Check that no item was handed out twice.",
        ),
    ):
        at = np.flatnonzero(wrong)
        told = f"{counted(int(at.size), 'item')} with {text}" + (" in a round." if found.n_rounds > 1 else ".")
        out += finding_on(
            at, lambda i: subject.item(int(item[i]), counted(int(counts[i]), "label")), ("error", code, told), step
        )
    return out
