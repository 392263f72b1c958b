"""Agreement weights w_ab: 1 for equal labels, less the further apart two classes are.

Three forms serve all schemes, so that no (k, k) table is built where none is needed: identity, a table, and weights
that fall with the squared distance of values (quadratic, interval, rank), which need only sums per item.

References
----------
Gwet, K. L. (2014). Handbook of Inter-Rater Reliability, 4th ed., ch. 3.
Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from labelqa.annotations.schema import LabelSchema
from labelqa.counts.sparse import ClassCounts
from labelqa.errors import LabelError, ParameterError, Problem, check_choice
from labelqa.reliability.names import WEIGHTS

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int32]
CUSTOM = "custom"
MAX_TABLE_CLASSES = 5000  # a (k, k) table of these is 200 MB
WeightsLike = str | npt.NDArray[np.floating] | list[list[float]]


class Weights(Protocol):
    """Agreement weights over k classes."""

    def total(self) -> float:
        """Return T, the sum of all weights."""

    def apply(self, shares: Floats) -> Floats:
        """Return ``sum_b w_ab shares_b`` along the last axis, shape (..., k)."""

    def form(self, rows: ClassCounts) -> Floats:
        """Return ``sum_ab w_ab r_a r_b`` of every row of counts, shape (p,)."""

    def between(self, left: Codes, right: Codes) -> Floats:
        """Return the weight of each pair of labels, elementwise."""


@dataclass(frozen=True, slots=True)
class IdentityWeights:
    """1 for equal classes, 0 for different ones."""

    k: int

    def total(self) -> float:
        """Return T."""
        return float(self.k)

    def apply(self, shares: Floats) -> Floats:
        """Return W shares, (..., k)."""
        return shares

    def form(self, rows: ClassCounts) -> Floats:
        """Return r' W r of every row, (p,)."""
        return rows.sums(rows.counts.astype(np.float64) ** 2)

    def between(self, left: Codes, right: Codes) -> Floats:
        """Return the weight of each pair of labels."""
        return np.asarray(left == right, dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class TableWeights:
    """Any symmetric table (k, k) with ones on the diagonal."""

    table: Floats

    def total(self) -> float:
        """Return T."""
        return float(self.table.sum())

    def apply(self, shares: Floats) -> Floats:
        """Return W shares, (..., k)."""
        return np.asarray(shares @ self.table, dtype=np.float64)

    def form(self, rows: ClassCounts) -> Floats:
        """Return r' W r of every row, (p,)."""
        counts = rows.counts.astype(np.float64)
        out = rows.sums(counts**2)
        for row, a, b in rows.entry_pairs():
            both = self.table[rows.classes[a], rows.classes[b]] * counts[a] * counts[b]
            out += 2 * np.bincount(row, weights=both, minlength=len(rows))
        return out

    def between(self, left: Codes, right: Codes) -> Floats:
        """Return the weight of each pair of labels."""
        return np.asarray(self.table[left, right], dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class ValueWeights:
    """Weights ``1 - (x_a - x_b)^2`` of values x (k,) scaled to a range of 1: linear time and memory in k."""

    x: Floats

    @classmethod
    def of(cls, values: Floats, used: npt.NDArray[np.intp] | None = None) -> ValueWeights:
        """Scale `values` (k,) so that the `used` ones (by default all) have a range of 1 around 0.

        A coefficient that looks at used classes only does not depend on the scale, but its digits do: far values
        that do not enter would push all others together.
        """
        inside = values if used is None else values[used]
        span = float(inside.max() - inside.min()) if inside.size else 0.0
        return cls((values - (inside.max() + inside.min()) / 2) / span if span > 0 else np.zeros_like(values))

    def total(self) -> float:
        """Return T."""
        k = self.x.size
        return float(k * k - 2 * (k * (self.x**2).sum() - self.x.sum() ** 2))

    def apply(self, shares: Floats) -> Floats:
        """Return W shares, (..., k)."""
        s0 = shares.sum(axis=-1, keepdims=True)
        s1 = (shares * self.x).sum(axis=-1, keepdims=True)
        s2 = (shares * self.x**2).sum(axis=-1, keepdims=True)
        return np.asarray(s0 * (1 - self.x**2) + 2 * self.x * s1 - s2)

    def form(self, rows: ClassCounts) -> Floats:
        """Return r' W r of every row, (p,)."""
        x = self.x[rows.classes]
        # Deviations from the item's own mean: no cancellation between large sums of squares.
        r = rows.sums()
        mean = rows.sums(rows.counts * x) / np.maximum(r, 1)
        spread = rows.sums(rows.counts * (x - mean[rows.row]) ** 2)
        return np.asarray(r**2 - 2 * r * spread)

    def between(self, left: Codes, right: Codes) -> Floats:
        """Return the weight of each pair of labels."""
        return np.asarray(1 - (self.x[left] - self.x[right]) ** 2)


def weights_name(weights: WeightsLike) -> str:
    """Return the name of a scheme; ``"custom"`` for a table."""
    return weights if isinstance(weights, str) else CUSTOM


def make_weights(weights: WeightsLike, schema: LabelSchema, used: npt.NDArray[np.intp] | None = None) -> Weights:
    """Build the weights of a scheme for the classes of `schema`.

    Parameters
    ----------
    weights : str or array (k, k)
        A name of :data:`labelqa.reliability.names.WEIGHTS` except ``rank`` (which needs data: :func:`rank_weights`),
        or a table with ones on the diagonal and values in [0, 1]; an asymmetric table is replaced by the mean of
        itself and its transpose.
    schema : LabelSchema
        Classes; their values are their numbers, or 1..k in schema order for text.
    used : int (.,), optional
        Classes that set the scale of ``interval`` and ``quadratic`` weights; by default all.

    Raises
    ------
    ParameterError
        If the name is not known or the table is not a table of weights.
    LabelError
        If ``interval`` or ``ratio`` weights meet classes that are not (positive) numbers.
    """
    if not isinstance(weights, str):
        return TableWeights(_checked_table(weights, schema.k))
    check_choice("weights", weights, WEIGHTS)
    if weights == "identity":
        return IdentityWeights(schema.k)
    if weights == "interval" and not schema.is_numeric:
        raise LabelError(
            Problem(
                what="interval weights need numeric labels",
                parameter="weights",
                value=weights,
                allowed=("identity", "ordinal", "rank"),
                next_step=f"The classes are texts: {', '.join(schema.names[:5])}.",
            )
        )
    values = schema.values
    if weights in ("interval", "quadratic"):
        return ValueWeights.of(values, used)
    if schema.k > MAX_TABLE_CLASSES:
        raise ParameterError(
            Problem(
                what=f"{weights} weights need a table of all pairs of {schema.k:,} classes",
                parameter="weights",
                value=weights,
                allowed=("identity", "quadratic", "interval", "rank"),
                next_step=f"These do without; other weights serve up to {MAX_TABLE_CLASSES:,} classes.",
            )
        )
    return TableWeights(_TABLES[weights](values))


def rank_values(margins: Floats) -> Floats:
    """Return the values behind Krippendorff's ordinal metric: mid-ranks of the class margins (..., k).

    The metric ``(n_a/2 + sum of margins between + n_b/2)^2`` is the squared difference of these values.
    """
    return np.asarray(np.cumsum(margins, axis=-1) - margins / 2)


def _checked_table(weights: npt.ArrayLike, k: int) -> Floats:
    try:
        table = np.asarray(weights, dtype=np.float64)
    except (TypeError, ValueError):
        raise _table_error("the table of weights holds something that is not a number", k) from None
    if table.shape != (k, k):
        raise _table_error(f"the table of weights has shape {table.shape}", k)
    if not np.isfinite(table).all() or table.min(initial=0) < 0 or table.max(initial=0) > 1:
        raise _table_error("the table of weights has values outside 0 to 1", k)
    if not np.allclose(np.diag(table), 1):
        raise _table_error("the table of weights has diagonal values other than 1", k)
    return (table + table.T) / 2


def _table_error(what: str, k: int) -> ParameterError:
    allowed = (f"a ({k}, {k}) table in [0, 1] with ones on the diagonal, in the order of the classes",)
    return ParameterError(Problem(what=what, parameter="weights", allowed=allowed))


def _distance(values: Floats) -> Floats:
    return np.asarray(np.abs(values[:, None] - values[None, :]))


def _span(values: Floats) -> float:
    return float(values.max() - values.min()) or 1.0


def _linear(values: Floats) -> Floats:
    return 1 - _distance(values) / _span(values)


def _radical(values: Floats) -> Floats:
    return 1 - np.sqrt(_distance(values) / _span(values))


def _ordinal(values: Floats) -> Floats:
    steps = _distance(np.arange(values.size, dtype=np.float64))  # by position in the order, not by value
    pairs = steps * (steps + 1) / 2
    return 1 - pairs / (pairs.max() or 1.0)


def _ratio(values: Floats) -> Floats:
    if values.min() < 0:
        raise LabelError(
            Problem(
                what=f"ratio weights need labels of 0 or more, but {values.min():g} occurs",
                parameter="weights",
                value="ratio",
                allowed=("interval", "quadratic"),
            )
        )
    total = values[:, None] + values[None, :]
    squared = (_distance(values) / np.where(total == 0, 1.0, total)) ** 2
    return np.asarray(1 - squared / (squared.max() or 1.0))


def _circular(values: Floats) -> Floats:
    squared = np.sin(np.pi * _distance(values) / (values.max() - values.min() + 1)) ** 2
    return np.asarray(1 - squared / (squared.max() or 1.0))


def _bipolar(values: Floats) -> Floats:
    total = values[:, None] + values[None, :]
    scale = (total - 2 * values.min()) * (2 * values.max() - total)
    return 1 - _distance(values) ** 2 / np.where(scale == 0, 1.0, scale)


_TABLES = {
    "linear": _linear,
    "radical": _radical,
    "ordinal": _ordinal,
    "ratio": _ratio,
    "circular": _circular,
    "bipolar": _bipolar,
}
