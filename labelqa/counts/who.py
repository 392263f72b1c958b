"""Who said what: the distinct ways in which annotators labeled an item, with their multiplicities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labelqa.annotations.schema import natural_key
from labelqa.annotations.table import Annotations
from labelqa.counts.sparse import ClassCounts, distinct_rows
from labelqa.errors import ParameterError, Problem

Ints = npt.NDArray[np.int64]
MAX_CELLS = 50_000_000  # numbers in a dense table of pairs


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WhoCounts:
    """Distinct rows of (annotator, label) and how many items have each: the state of Cohen's and Conger's kappa.

    Attributes
    ----------
    rows : ClassCounts (p, m * k)
        Row by row the codes ``annotator * k + label``; every count is 1.
    multiplicity : int64 (p,)
        Number of items of each row.
    annotators : tuple of str, length m
        Names in natural order.
    k : int
        Number of classes.
    """

    rows: ClassCounts
    multiplicity: Ints
    annotators: tuple[str, ...]
    k: int

    @property
    def m(self) -> int:
        """Number of annotators m."""
        return len(self.annotators)

    @classmethod
    def of(cls, annotations: Annotations) -> tuple[WhoCounts, npt.NDArray[np.intp]]:
        """Return the rows of `annotations` (one round) and the row of every item, (n,); -1 for items without label."""
        annotator, names = _by_name(annotations)
        k = annotations.schema.k
        code = annotator.astype(np.int64) * k + annotations.label
        rows = ClassCounts.from_codes(annotations.item, code, annotations.n_items, len(names) * k)
        return cls.gather(rows, np.ones(len(rows), dtype=np.int64), annotators=names, k=k)

    @classmethod
    def gather(
        cls, rows: ClassCounts, multiplicity: Ints, *, annotators: Sequence[str], k: int
    ) -> tuple[WhoCounts, npt.NDArray[np.intp]]:
        """Merge equal rows and drop empty ones; return where each row went too, (p,), -1 for empty rows."""
        full = np.flatnonzero(np.diff(rows.start))
        first, inverse = distinct_rows(rows.take(full), canonical=False)
        times = np.bincount(inverse, weights=multiplicity[full], minlength=first.size).astype(np.int64)
        place = np.full(len(rows), -1, dtype=np.intp)
        place[full] = inverse
        kept = rows.take(full[first])
        return cls(rows=kept, multiplicity=times, annotators=tuple(annotators), k=k), place

    @property
    def codes(self) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """Row, annotator and label of every entry, int32 (e,) each, in order of rows and annotators."""
        annotator, label = np.divmod(self.rows.classes, max(self.k, 1))
        return self.rows.row.astype(np.int32), annotator.astype(np.int32), label.astype(np.int32)

    def margins(self) -> Ints:
        """Return the labels of every annotator per class, int64 (m, k)."""
        weights = np.repeat(self.multiplicity, np.diff(self.rows.start))
        found = np.bincount(self.rows.classes, weights=weights, minlength=self.m * self.k)
        return found.reshape(self.m, self.k).astype(np.int64)

    def pair_tables(self) -> Ints:
        """Return how often annotators g and h gave the labels a and b to one item, int64 (m, m, k, k).

        Raises
        ------
        ParameterError
            If the table would not fit in memory; the coefficients do not need it.
        """
        width = self.m * self.k
        if width**2 > MAX_CELLS:
            raise ParameterError(
                Problem(
                    what=f"a table of all pairs of {self.m:,} annotators and {self.k:,} classes is too large",
                    parameter="pair_tables",
                    value=width**2,
                    allowed=(f"at most {MAX_CELLS:,} cells",),
                    next_step="Use labelqa.annotator_agreement, which lists only pairs that share items.",
                )
            )
        table = np.zeros(width * width)
        for row, left, right in self.rows.entry_pairs():
            key = self.rows.classes[left].astype(np.int64) * width + self.rows.classes[right]
            table += np.bincount(key, weights=self.multiplicity[row], minlength=table.size)
        square = table.reshape(width, width)
        whole = (square + square.T).reshape(self.m, self.k, self.m, self.k)
        return whole.transpose(0, 2, 1, 3).astype(np.int64)

    def __add__(self, other: WhoCounts) -> WhoCounts:
        """Join the rows of two data sets with the same classes that share no item."""
        names = tuple(sorted({*self.annotators, *other.annotators}, key=natural_key))
        parts = [_renumbered(part, names) for part in (self, other)]
        times = np.r_[self.multiplicity, other.multiplicity]
        return WhoCounts.gather(parts[0].followed_by(parts[1]), times, annotators=names, k=self.k)[0]

    def with_classes(self, recode: npt.NDArray[np.int32], k: int) -> WhoCounts:
        """Return the same with class c as ``recode[c]`` of k classes."""
        annotator, label = np.divmod(self.rows.classes, max(self.k, 1))
        codes = annotator.astype(np.int64) * k + recode[label] if recode.size else self.rows.classes
        rows = self.rows.recoded(codes, self.m * k)
        return WhoCounts.gather(rows, self.multiplicity, annotators=self.annotators, k=k)[0]


def _renumbered(part: WhoCounts, names: tuple[str, ...]) -> ClassCounts:
    place = np.array([names.index(name) for name in part.annotators], dtype=np.int64)
    annotator, label = np.divmod(part.rows.classes, max(part.k, 1))
    codes = place[annotator] * part.k + label if place.size else part.rows.classes
    return part.rows.recoded(codes, len(names) * part.k)


def _by_name(annotations: Annotations) -> tuple[npt.NDArray[np.int32], tuple[str, ...]]:
    """Renumber the annotators with labels in natural order of their names."""
    present = np.flatnonzero(np.bincount(annotations.annotator, minlength=annotations.n_annotators))
    ordered = sorted(present.tolist(), key=lambda a: natural_key(annotations.annotators[a]))
    place = np.full(annotations.n_annotators, -1, dtype=np.int32)
    place[ordered] = np.arange(len(ordered))
    return place[annotations.annotator], tuple(str(annotations.annotators[a]) for a in ordered)
