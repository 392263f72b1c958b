"""From embeddings to levels: clusters of rows, described by words that mark them and by their nearest rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from labelqa.slices.columns import CodedColumn, LeftOutError, used_levels
from labelqa.slices.wording import words_of
from labelqa.text import shortened

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
CLUSTERS = 12
LEAST_ROWS = 20  # a cluster
FITTED_ROWS = 50_000  # on which centres are found
EXAMPLES = 3


def cluster_levels(vectors: Floats, name: str, labels: Sequence[object] | None) -> CodedColumn:
    """Return the cluster of each row; rows with a vector that is not finite are a level of their own.

    Parameters
    ----------
    vectors : float (n, e)
        One embedding a row.
    name : str
        Of the column.
    labels : sequence (n,) of text, optional
        What each row is called, or its text: describes the clusters.

    Raises
    ------
    LeftOutError
        If there are too few rows, or all are the same.
    """
    finite = np.isfinite(vectors).all(axis=1)
    known = vectors[finite]
    k = min(CLUSTERS, len(known) // LEAST_ROWS, len(np.unique(known[:FITTED_ROWS], axis=0)))
    if k < 2:
        raise LeftOutError("too few different rows for clusters")
    of_known, distance = _clusters(known, k)
    codes = np.full(len(vectors), k, dtype=np.int64)
    codes[finite] = of_known
    rows = np.flatnonzero(finite)
    words = None if labels is None else [words_of(labels[i]) for i in rows.tolist()]
    texts = [_described(rows, of_known == c, distance, labels, words) for c in range(k)]
    unique = [t if texts.count(t) == 1 else f"{t} (cluster {c + 1})" for c, t in enumerate(texts)]
    return used_levels(name, codes, [*(f"{name} near {t}" for t in unique), f"{name} is missing"])


def _clusters(vectors: Floats, k: int) -> tuple[Ints, Floats]:
    """Return cluster and distance to its centre; clusters are numbered from the largest."""
    from sklearn.cluster import KMeans

    centred = vectors - vectors.mean(axis=0)
    step = max(1, len(centred) // FITTED_ROWS)
    model = KMeans(n_clusters=k, n_init=2, random_state=0, max_iter=100).fit(centred[::step])
    found = model.predict(centred).astype(np.int64)
    distance = np.linalg.norm(centred - model.cluster_centers_[found], axis=1)
    rank = np.argsort(np.argsort(-np.bincount(found, minlength=k), kind="stable"), kind="stable")
    return rank[found].astype(np.int64), distance


def _described(
    rows: Ints,
    inside: npt.NDArray[np.bool_],
    distance: Floats,
    labels: Sequence[object] | None,
    words: list[frozenset[object]] | None,
) -> str:
    at = np.flatnonzero(inside)
    nearest = rows[at[np.argsort(distance[at], kind="stable")[:EXAMPLES]]].tolist()
    if labels is None or words is None:
        return f"rows {', '.join(map(str, nearest))}"
    marking = _marking_words([words[i] for i in at.tolist()], [words[i] for i in np.flatnonzero(~inside).tolist()])
    example = f'"{shortened(labels[nearest[0]], 30)}"'
    return f"{example} ({', '.join(marking)})" if marking else example


def _marking_words(inside: list[frozenset[object]], outside: list[frozenset[object]]) -> list[str]:
    """Return up to three words that are frequent inside and much less so outside."""
    mine = Counter(str(w) for words in inside for w in words if len(str(w)) > 2)
    others = Counter(str(w) for words in outside for w in words)
    lift = {w: c / len(inside) - others[w] / max(len(outside), 1) for w, c in mine.items()}
    return [w for w in sorted(lift, key=lambda w: (-lift[w], w))[:EXAMPLES] if lift[w] >= 0.2]
