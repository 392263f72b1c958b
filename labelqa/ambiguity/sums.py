"""The sums over items that all figures of a pair of classes are computed from: one sparse pass, any number of classes.

An item with r labels, r_a of them in class a, adds ``r_a r_b / (r - 1)`` to the coincidences of a and b, and
``r_a (r_a - 1) / (r - 1)`` to those of a with itself (Krippendorff 2011), so that every label weighs the same.
Variances need the sums of the products of these terms over items, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.counts.patterns import CountPatterns
from labelqa.counts.sparse import ClassCounts

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClassSums:
    """Sums over items with two or more labels, one number a class; float64 (k,) each.

    Attributes
    ----------
    labels : (k,)
        Labels.
    items : (k,)
        Items on which the class was used.
    alike, split : (k,)
        Coincidences of the class with itself, and with all others.
    alike2, split2, alike_split : (k,)
        Sums of their products over items.
    labels2, size_labels, agreed_labels, expected_labels : (k,)
        Sums of the labels of an item in the class times: themselves, all its labels, its coincidences on the diagonal,
        its expected agreement ``q_i = sum_c pi_c r_ic``.
    """

    labels: Floats
    items: Floats
    alike: Floats
    split: Floats
    alike2: Floats
    split2: Floats
    alike_split: Floats
    labels2: Floats
    size_labels: Floats
    agreed_labels: Floats
    expected_labels: Floats

    @property
    def shares(self) -> Floats:
        """Share of each class among the labels, (k,)."""
        return self.labels / max(float(self.labels.sum()), 1.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairSums:
    """Sums over items for every pair of classes that met on an item.

    Attributes
    ----------
    classes : ClassSums
        Sums of each class, (k,).
    totals : float64 (3, 3)
        Sums over items of the products of r_i, the item's coincidences on the diagonal, and q_i.
    n : int
        Items with two or more labels.
    a, b : int64 (P,)
        Codes of the pair, a < b.
    frame : DataFrame (P rows)
        ``items`` that have both; ``x`` coincidences; sums of products ``xx, xa, xb, ab`` (a, b: coincidences of the
        class with itself), ``rx, gx, qx`` (with r_i, the diagonal and q_i), ``lab`` (labels in a times labels in b),
        ``xla, xlb`` (coincidences times labels in a, b).
    """

    classes: ClassSums
    totals: Floats
    n: int
    a: Codes
    b: Codes
    frame: pd.DataFrame

    def of_pair(self, name: str) -> Floats:
        """Return one column of the pair sums as an array (P,)."""
        return self.frame[name].to_numpy(dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class _Items:
    """Kinds of item with two or more labels: their counts, how many of each there are, and their sums (p,)."""

    rows: ClassCounts
    times: Floats
    size: Floats
    alike: Floats  # of each entry (e,): coincidences of its class with itself
    agreed: Floats
    expected: Floats

    @classmethod
    def of(cls, patterns: CountPatterns) -> _Items:
        size = patterns.rows.sums()
        use = np.flatnonzero(size >= 2)
        rows, times, size = patterns.rows.take(use), patterns.multiplicity[use].astype(np.float64), size[use]
        alike = rows.counts * (rows.counts - 1) / (size[rows.row] - 1)
        labels = np.bincount(rows.classes, weights=times[rows.row] * rows.counts, minlength=rows.k)
        shares = labels / max(float(labels.sum()), 1.0)
        return cls(rows, times, size, alike, rows.sums(alike), rows.sums(rows.counts * shares[rows.classes]))


def pair_sums(patterns: CountPatterns) -> PairSums:
    """Return the sums over items for all pairs of classes that met."""
    items = _Items.of(patterns)
    pieces = list(_pieces(items))
    found = pd.concat(pieces).groupby(level=0).sum() if pieces else _by_key(np.empty(0, dtype=np.int64), {})
    a, b = np.divmod(found.index.to_numpy(dtype=np.int64), max(items.rows.k, 1))
    each = np.stack([items.size, items.agreed, items.expected])
    return PairSums(
        classes=_class_sums(items),
        totals=(each * items.times) @ each.T,
        n=round(float(items.times.sum())),
        a=a,
        b=b,
        frame=found.reset_index(drop=True),
    )


def _class_sums(items: _Items) -> ClassSums:
    rows, at = items.rows, items.rows.row
    counts, alike = rows.counts.astype(np.float64), items.alike
    split = counts * (items.size[at] - counts) / (items.size[at] - 1)

    def by_class(values: Floats) -> Floats:
        return np.bincount(rows.classes, weights=items.times[at] * values, minlength=rows.k).astype(np.float64)

    return ClassSums(
        labels=by_class(counts),
        items=by_class(np.ones_like(counts)),
        alike=by_class(alike),
        split=by_class(split),
        alike2=by_class(alike**2),
        split2=by_class(split**2),
        alike_split=by_class(alike * split),
        labels2=by_class(counts**2),
        size_labels=by_class(items.size[at] * counts),
        agreed_labels=by_class(items.agreed[at] * counts),
        expected_labels=by_class(items.expected[at] * counts),
    )


def _pieces(items: _Items) -> Iterator[pd.DataFrame]:
    """Yield the sums of pairs, some items at a time."""
    rows, alike, counts = items.rows, items.alike, items.rows.counts.astype(np.float64)
    for row, left, right in rows.entry_pairs():
        ca, cb = counts[left], counts[right]
        x = ca * cb / (items.size[row] - 1)
        terms = {
            "items": np.ones_like(x), "x": x, "xx": x * x, "xa": x * alike[left], "xb": x * alike[right],
            "ab": alike[left] * alike[right], "rx": items.size[row] * x, "gx": items.agreed[row] * x,
            "qx": items.expected[row] * x, "lab": ca * cb, "xla": x * ca, "xlb": x * cb,
        }  # fmt: skip
        key = rows.classes[left].astype(np.int64) * rows.k + rows.classes[right]
        yield _by_key(key, {name: items.times[row] * value for name, value in terms.items()})


COLUMNS = ("items", "x", "xx", "xa", "xb", "ab", "rx", "gx", "qx", "lab", "xla", "xlb")


def _by_key(key: Codes, values: dict[str, Floats]) -> pd.DataFrame:
    """Return sums by key, in ascending order of the keys."""
    distinct, inverse = np.unique(key, return_inverse=True)
    sums: dict[str, object] = {
        c: np.bincount(inverse, weights=values[c], minlength=distinct.size) if values else [] for c in COLUMNS
    }
    return pd.DataFrame(sums, index=distinct, dtype=np.float64)
