"""From raw features to numbers: one view for linear models, one for distances, one for trees.

Text becomes TF-IDF weights of words and word pairs (and, for distances, their leading singular vectors); categories
become indicators; numbers and dates are scaled; arrays are taken as embeddings. Nothing here sees a label, so encoding
all rows at once leaks nothing about them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.errors import ParameterError, Problem, shorten

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Floats = npt.NDArray[np.float64]
Matrix: TypeAlias = Any  # of numbers (n, d), dense or sparse: neither has a type that covers both
MAX_WORDS = 50_000
TOPICS = 150  # singular vectors that stand for a text column where distances are measured
MAX_CATEGORIES = 100  # of one column; rarer ones share an indicator
SHORT = 30  # mean characters up to which repeated values are categories and not texts
REPEATED = 0.5  # share of distinct values up to which they are
FEW_COLUMNS = 100  # up to which an array is a table of measurements that trees can use


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Encoded:
    """Features of n rows as numbers.

    Attributes
    ----------
    linear : float array or csr_array (n, d)
        For linear models.
    metric : float array (n, e)
        For distances; columns of one kind of feature share a scale.
    table : float array (n, t) or None
        For trees; None where they do not pay (texts and embeddings alone).
    same_scale : bool
        Whether the columns of `metric` were given on one scale (an array), which may be better kept than evened out.
    """

    linear: Matrix
    metric: Floats
    table: Floats | None
    same_scale: bool = False

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and of columns for distances."""
        return int(self.metric.shape[0]), int(self.metric.shape[1])


def encode(features: object, seed: int) -> Encoded:
    """Encode features of n rows.

    Parameters
    ----------
    features : array (n, d), DataFrame, Series or sequence of str
        An array is embeddings or measurements; texts are one text column; the columns of a frame are told apart by
        what they hold.
    seed : int
        Of the singular vectors of texts.

    Raises
    ------
    ParameterError
        If a column holds what cannot be encoded, or numbers are missing in an array.
    """
    if isinstance(features, Encoded):
        return features
    if isinstance(features, pd.DataFrame):
        return _of_frame(features, seed)
    if isinstance(features, pd.Series):
        return _of_frame(features.to_frame(), seed)
    if hasattr(features, "tocsr"):
        from scipy.sparse import csr_array

        sparse: Any = features
        weights = csr_array(sparse, dtype=np.float64)
        return Encoded(linear=weights, metric=_topics(weights, seed), table=None)
    if _is_texts(features):
        return _of_frame(pd.DataFrame({"text": pd.Series(features, dtype=object)}), seed)
    return _of_array(features)


def _is_texts(features: object) -> bool:
    if isinstance(features, np.ndarray):
        return features.ndim == 1 and features.dtype.kind in "OUST"
    return isinstance(features, list | tuple) and bool(features) and all(isinstance(t, str) for t in features)


def _of_array(features: object) -> Encoded:
    try:
        values = np.asarray(features).astype(np.float64)
    except (TypeError, ValueError):
        values = np.empty(0)
    if values.ndim != 2 or not values.size:
        _refuse(f"features is {type(features).__name__} of shape {values.shape}, not a table of numbers")
    bad = ~np.isfinite(values).all(axis=1)
    if bad.any():
        _refuse(f"features holds missing or infinite numbers in rows {shorten(np.flatnonzero(bad).tolist(), 3)}")
    scaled = _scaled(values).astype(np.float32)  # half the memory, and enough for a linear model
    table = values if values.shape[1] <= FEW_COLUMNS else None
    return Encoded(linear=scaled, metric=values, table=table, same_scale=True)


def _of_frame(frame: pd.DataFrame, seed: int) -> Encoded:
    if not frame.shape[1]:
        _refuse("features has no columns")
    typed = frame.infer_objects()
    parts = [_part(typed.iloc[:, j], str(typed.columns[j]), seed) for j in range(typed.shape[1])]
    tables = [p.table for p in parts if p.table is not None]
    return Encoded(
        linear=_stacked([p.linear for p in parts]),
        metric=np.hstack([p.metric for p in parts]),
        table=np.hstack(tables) if tables else None,
    )


def _part(column: pd.Series, name: str, seed: int) -> Encoded:
    kinds: Iterable[tuple[Callable[[pd.Series], bool], Callable[[pd.Series], Encoded]]] = (
        (pd.api.types.is_bool_dtype, _of_categories),
        (pd.api.types.is_numeric_dtype, _of_numbers),
        (pd.api.types.is_datetime64_any_dtype, _of_dates),
        (_holds_arrays, lambda c: _of_embeddings(c, name)),
        (_holds_categories, _of_categories),
    )
    for fits, make in kinds:
        if fits(column):
            return make(column)
    return _of_texts(column, seed)


def _holds_arrays(column: pd.Series) -> bool:
    known = column.dropna()
    return column.dtype == object and len(known) > 0 and all(isinstance(v, list | tuple | np.ndarray) for v in known)


def _holds_categories(column: pd.Series) -> bool:
    if isinstance(column.dtype, pd.CategoricalDtype):
        return True
    known = column.dropna().astype(str)
    if not len(known):
        return True
    return bool(known.nunique() <= REPEATED * len(known) and known.str.len().mean() <= SHORT)


def _of_numbers(column: pd.Series) -> Encoded:
    values = column.astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
    missing = ~np.isfinite(values)
    middle = float(np.median(values[~missing])) if (~missing).any() else 0.0
    filled = np.where(missing, middle, values)[:, None]
    both = np.hstack([filled, missing[:, None].astype(np.float64)]) if missing.any() else filled
    scaled = _scaled(both)
    return Encoded(linear=scaled, metric=scaled, table=both)


def _of_dates(column: pd.Series) -> Encoded:
    seconds = (column - column.min()) / pd.Timedelta("1s")
    return _of_numbers(seconds)


def _of_categories(column: pd.Series) -> Encoded:
    texts = column.astype(object).where(column.notna(), None).map(lambda v: "" if v is None else f"={v}")
    known = texts.value_counts().index[:MAX_CATEGORIES]
    codes = pd.Index(known).get_indexer(texts)
    wide = np.zeros((len(texts), len(known)))
    found = codes >= 0
    wide[np.flatnonzero(found), codes[found]] = 1.0
    return Encoded(linear=wide, metric=wide / np.sqrt(2.0), table=wide)


def _of_embeddings(column: pd.Series, name: str) -> Encoded:
    sizes = {np.size(v) for v in column.dropna()}
    if len(sizes) != 1 or column.isna().any():
        _refuse(f"column {name!r} of features holds arrays of different sizes, or none in some rows")
    found = _of_array(np.vstack(column.to_list()))
    return Encoded(linear=found.linear, metric=_on_one_scale(found.metric), table=found.table)


def _of_texts(column: pd.Series, seed: int) -> Encoded:
    """TF-IDF of words and word pairs; a row without words is a row of zeros."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = column.astype(object).where(column.notna(), "").astype(str).tolist()
    least = 2 if len(texts) > 200 else 1
    vectorizer = TfidfVectorizer(
        ngram_range=(1, 2), sublinear_tf=True, min_df=least, max_features=MAX_WORDS, token_pattern=r"(?u)\b\w+\b"
    )
    try:
        weights = vectorizer.fit_transform(texts)
    except ValueError:  # no word occurs often enough
        return _of_categories(column)
    return Encoded(linear=weights, metric=_topics(weights, seed), table=None)


def _topics(weights: csr_array[np.float64], seed: int) -> Floats:
    """Return leading singular vectors, rows of length one, so that distances compare what texts are about."""
    from sklearn.decomposition import TruncatedSVD

    size = min(TOPICS, min(weights.shape) - 1)
    if size < 2:
        return np.asarray(weights.toarray())
    found = TruncatedSVD(size, random_state=seed, n_iter=4).fit_transform(weights)
    length = np.linalg.norm(found, axis=1, keepdims=True)
    return np.asarray(found / np.maximum(length, 1e-12))


def _scaled(values: Floats) -> Floats:
    """Return columns with mean 0 and standard deviation 1; constant ones are 0."""
    spread = values.std(axis=0)
    steady = spread <= 1e-12 * np.maximum(np.abs(values).max(axis=0), 1.0)
    return np.asarray(np.where(steady, 0.0, (values - values.mean(axis=0)) / np.where(steady, 1.0, spread)))


def _on_one_scale(values: Floats) -> Floats:
    """Return the array centred and with a mean squared row length of one."""
    centred = values - values.mean(axis=0)
    length = float(np.sqrt((centred**2).sum(axis=1).mean()))
    return np.asarray(centred / (length or 1.0))


def _stacked(parts: list[Matrix]) -> Matrix:
    """Join columns; sparse where one part is."""
    from scipy.sparse import csr_array, hstack, issparse

    if any(issparse(p) for p in parts):
        return hstack([csr_array(p) for p in parts], format="csr")
    return np.hstack(parts)


def _refuse(what: str) -> None:
    raise ParameterError(
        Problem(
            what=what,
            parameter="features",
            allowed=("an array (n, d)", "a DataFrame", "a list of texts"),
            next_step="Pass one row of features a label.",
        )
    )
