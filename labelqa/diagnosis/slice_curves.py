"""How the error of rows falls with more training data: learning curves of the caller's model."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.diagnosis.slice_rows import Floats, Ints, Mask, SliceRows

FRACTIONS = (0.25, 0.5, 1.0)
Table = pd.DataFrame | npt.NDArray[np.generic]
EXPONENTS = np.linspace(0.25, 0.5, 4)  # of n: seen in practice (Hestness 2017), and the rate of learning theory
SPREAD = 0.02  # of errors about a curve: exponents that fit within it are averaged, three points do not tell them apart
FOLDS, REPEATS = 5, 5


class Classifier(Protocol):
    """What a model must be able to do."""

    def fit(self, x: object, y: object) -> object:
        """Learn from rows and their classes."""

    def predict(self, x: object) -> object:
        """Return the class of each row."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curves:
    """Whether each row was predicted wrongly by models trained on a part of the data.

    Attributes
    ----------
    wrong : float32 (repeats, n, 3)
        1 where the model trained on 25, 50 or 100 % of the other folds was wrong; nan where there is no label.
    """

    wrong: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Drop:
    """Fit of b f^-c + floor to errors at the fractions f.

    Attributes
    ----------
    amount : float (...)
        b: error that endless data would remove.
    exponent : float (...)
        c.
    """

    amount: Floats
    exponent: Floats


def learning_curves(rows: SliceRows, features: object, model: object, rng: np.random.Generator) -> Curves:
    """Refit `model` on nested parts of the training folds, several times."""
    from sklearn.base import clone

    table: Any = features
    stratum = _strata(rows)
    out = np.full((REPEATS, rows.label.size, len(FRACTIONS)), np.nan, dtype=np.float32)
    for repeat in range(REPEATS):
        fold, position = _folds(rows, stratum, rng)
        for f in range(FOLDS):
            test = np.flatnonzero(rows.known & (fold == f))
            for at, fraction in enumerate(FRACTIONS):
                train = np.flatnonzero(rows.known & (fold != f) & (position < fraction))
                guess = _predict(clone(model), table, rows.label, train, test)
                out[repeat, test, at] = guess != rows.label[test]
    return Curves(wrong=out)


def _strata(rows: SliceRows) -> Ints:
    """Return a code of label and slices a row (n,): small slices keep their share in every part."""
    codes = np.zeros(rows.label.size, dtype=np.int64)
    for mask in rows.masks:
        codes = np.unique(2 * codes + mask, return_inverse=True)[1]
    return np.asarray(codes * (rows.classes.size + 1) + rows.label + 1, dtype=np.int64)


def _folds(rows: SliceRows, stratum: Ints, rng: np.random.Generator) -> tuple[Ints, Floats]:
    """Return the fold of each row (n,) and its place in [0, 1) among its stratum, by which parts are taken."""
    n_groups = int(rows.groups.max()) + 1
    drawn = rng.random(n_groups)[rows.groups]
    order = np.lexsort((drawn, stratum))
    _, start, size = np.unique(stratum[order], return_index=True, return_counts=True)
    rank = np.empty(order.size, dtype=np.int64)
    rank[order] = np.arange(order.size) - np.repeat(start, size)
    per = np.empty(order.size)
    per[order] = np.repeat(size, size)
    grouped = n_groups < rows.label.size
    fold = rng.permutation(n_groups)[rows.groups] % FOLDS if grouped else (rank + stratum) % FOLDS
    place = drawn if grouped else (rank // FOLDS + rng.random(rank.size)) / np.ceil(per / FOLDS)
    return fold, place


def _predict(
    model: Classifier, table: Table, label: Ints, train: npt.NDArray[np.intp], test: npt.NDArray[np.intp]
) -> Ints:
    classes = np.unique(label[train])
    if classes.size < 2 or not test.size:
        return np.full(test.size, classes[0] if classes.size else -1, dtype=np.int64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of convergence, once a refit: the caller has seen it when fitting
        model.fit(_taken(table, train), label[train])
        return np.asarray(model.predict(_taken(table, test)), dtype=np.int64)


def _taken(table: Table, at: npt.NDArray[np.intp]) -> object:
    return table.iloc[at] if isinstance(table, pd.DataFrame) else table[at]


def fitted_drop(errors: Floats) -> Drop:
    """Fit b f^-c + floor by least squares, b and floor at least 0, averaged over exponents c from 1/4 to 1/2.

    Parameters
    ----------
    errors : float (..., 3)
        Error at 25, 50 and 100 % of the data.

    References
    ----------
    Cortes, C. et al. (1994). Learning curves: asymptotic values and rate of convergence. NIPS 6, eq. 1.
    Hestness, J. et al. (2017). Deep learning scaling is predictable, empirically. arXiv:1712.00409, section 5.

    Examples
    --------
    >>> f = np.array([0.25, 0.5, 1.0])
    >>> fit = fitted_drop(0.1 + 0.2 * f**-0.4)
    >>> bool(abs(fit.amount - 0.2) < 0.02), bool(0.25 < fit.exponent < 0.5)
    (True, True)
    """
    x = np.asarray(FRACTIONS) ** -EXPONENTS[:, None]  # (c, 3)
    e = np.asarray(errors, dtype=np.float64)[..., None, :]
    centred = x - x.mean(axis=1, keepdims=True)
    b = np.maximum((e * centred).sum(axis=-1) / (centred**2).sum(axis=1), 0.0)
    floor = e.mean(axis=-1) - b * x.mean(axis=1)
    through_zero = (e * x).sum(axis=-1) / (x**2).sum(axis=1)
    b = np.where(floor < 0, through_zero, b)
    misfit = ((e - b[..., None] * x - np.maximum(floor, 0)[..., None]) ** 2).sum(axis=-1)
    weight = np.exp(-(misfit - misfit.min(axis=-1, keepdims=True)) / (2 * SPREAD**2))
    weight = weight / weight.sum(axis=-1, keepdims=True)
    return Drop(amount=np.asarray((weight * b).sum(axis=-1)), exponent=np.asarray((weight * EXPONENTS).sum(axis=-1)))


def curve_rows(curves: Curves | None, n: int) -> tuple[Floats, Mask]:
    """Return the mean curve of each row, float (n, 3) with 0 where unknown, and where it is known (n, 3)."""
    if curves is None:
        return np.zeros((n, 3)), np.zeros((n, 3), dtype=np.bool_)
    known = ~np.isnan(curves.wrong[0])
    return np.where(known, curves.wrong.mean(axis=0), 0.0).astype(np.float64), known
