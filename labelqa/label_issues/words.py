"""Why a label is suspected, in words: who says what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.int32]
NOBODY = "no evidence"
THE_MODEL = "the model"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """Who says what of n rows.

    Attributes
    ----------
    names : tuple of str
        Names of the k classes.
    given, suggested : int32 (n,)
        The label and what the evidence speaks for.
    models : int32 (n, q)
        Most probable class by each of q models.
    votes : int64 (n, k) or None
        Labels of annotators.
    neighbours : int32 (n, 5) or None
        Nearest other rows, -1 where there are fewer.
    """

    names: tuple[str, ...]
    given: Codes
    suggested: Codes
    models: Codes
    votes: npt.NDArray[np.int64] | None = None
    neighbours: Codes | None = None

    def of(self, row: int) -> str:
        """Return the evidence on one row."""
        what = self.names[self.suggested[row]]
        who = [text for text in (self._models(row), self._annotators(row)) if text]
        parts = [f"{' and '.join(who)} {'says' if who == [THE_MODEL] else 'say'} {what}"] if who else []
        near = self._nearest(row)
        return "; ".join([*parts, *([near] if near else [])]) or NOBODY

    def _models(self, row: int) -> str:
        said = self.models[row]
        agreeing = int((said == self.suggested[row]).sum())
        return THE_MODEL if said.size == agreeing == 1 else _of(agreeing, said.size, "model")

    def _annotators(self, row: int) -> str:
        if self.votes is None:
            return ""
        votes = self.votes[row]
        return _of(int(votes[self.suggested[row]]), int(votes.sum()), "annotator")

    def _nearest(self, row: int) -> str:
        if self.neighbours is None:
            return ""
        near = self.neighbours[row]
        labels = self.given[near[near >= 0]]
        return f"labels of the nearest {labels.size}: {_tally(self.names[c] for c in labels)}" if labels.size else ""


def _of(part: int, whole: int, word: str) -> str:
    return f"{part} of {whole} {word}{'' if whole == 1 else 's'}" if whole else ""


def _tally(names: Iterable[str]) -> str:
    counts = Counter(names).most_common()
    if len(counts) == 1:
        return f"all {counts[0][0]}"
    return ", ".join(f"{count} {name}" for name, count in counts)
