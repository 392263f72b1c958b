"""The sums over items that all figures of a pair of classes are computed from: one sparse pass, any number of classes.

An item with r labels, r_a of them in class a, adds ``r_a r_b / (r - 1)`` to the coincidences of a and b, and
``r_a (r_a - 1) / (r - 1)`` to those of a with itself (Krippendorff 2011), so that every label weighs the same.
Variances need the sums of the products of these terms over items, and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.counts.patterns import CountPatterns

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


def pair_sums(patterns: CountPatterns) -> PairSums:
    """Return the sums over items for all pairs of classes that met."""
    rows, times = patterns.rows, patterns.multiplicity.astype(np.float64)
    r = rows.sums()
    use = np.flatnonzero(r >= 2)
    rows, times, r = rows.take(use), times[use], r[use]
    k, at, counts = rows.k, rows.row, rows.counts.astype(np.float64)
    weight = times[at]

    def by_class(values: Floats) -> Floats:
        return np.bincount(rows.classes, weights=weight * values, minlength=k).astype(np.float64)

    labels = by_class(counts)
    shares = labels / max(float(labels.sum()), 1.0)
    alike, split = counts * (counts - 1) / (r[at] - 1), counts * (r[at] - counts) / (r[at] - 1)
    agreed = rows.sums(alike)
    expected = rows.sums(counts * shares[rows.classes])
    classes = ClassSums(
        labels=labels,
        items=by_class(np.ones_like(counts)),
        alike=by_class(alike),
        split=by_class(split),
        alike2=by_class(alike**2),
        split2=by_class(split**2),
        alike_split=by_class(alike * split),
        labels2=by_class(counts**2),
        size_labels=by_class(r[at] * counts),
        agreed_labels=by_class(agreed[at] * counts),
        expected_labels=by_class(expected[at] * counts),
    )
    each = np.stack([r, agreed, expected])
    pieces = []
    for row, left, right in rows.entry_pairs():
        ca, cb, room = counts[left], counts[right], r[row] - 1
        x = ca * cb / room
        terms = {
            "items": np.ones_like(x), "x": x, "xx": x * x, "xa": x * alike[left], "xb": x * alike[right],
            "ab": alike[left] * alike[right], "rx": r[row] * x, "gx": agreed[row] * x, "qx": expected[row] * x,
            "lab": ca * cb, "xla": x * ca, "xlb": x * cb,
        }  # fmt: skip
        key = rows.classes[left].astype(np.int64) * k + rows.classes[right]
        pieces.append(_by_key(key, {name: times[row] * value for name, value in terms.items()}))
    found = pd.concat(pieces).groupby(level=0).sum() if pieces else _by_key(np.empty(0, dtype=np.int64), {})
    a, b = np.divmod(found.index.to_numpy(dtype=np.int64), max(k, 1))
    return PairSums(
        classes=classes,
        totals=(each * times) @ each.T,
        n=round(float(times.sum())),
        a=a,
        b=b,
        frame=found.reset_index(drop=True),
    )


COLUMNS = ("items", "x", "xx", "xa", "xb", "ab", "rx", "gx", "qx", "lab", "xla", "xlb")


def _by_key(key: Codes, values: dict[str, Floats]) -> pd.DataFrame:
    """Return sums by key, in ascending order of the keys."""
    distinct, inverse = np.unique(key, return_inverse=True)
    sums: dict[str, object] = {
        c: np.bincount(inverse, weights=values[c], minlength=distinct.size) if values else [] for c in COLUMNS
    }
    return pd.DataFrame(sums, index=distinct, dtype=np.float64)
