"""Items that show the border: similar ones on different sides, typical ones of either class, disputed ones between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.ambiguity.evidence.pair_items import PairItems
from labelqa.ambiguity.evidence.words import terms_of
from labelqa.errors import ParameterError, Problem

Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]
ROWS_AT_ONCE = 1_000
BOUNDARY_PAIRS = 10
PROTOTYPES = 3
TOO_SIMILAR = 0.8  # prototypes should differ from each other
MOST_COMPARED = 3_000  # agreed items of a class among which similar ones are sought: all pairs of them are compared
MOST_TYPICAL = 200  # items among which prototypes are chosen
FEW_WORDS = 2  # texts a word must occur in to count


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Vectors:
    """One row of length one (or zero) an item: texts as TF-IDF weights, or embeddings; dot products are similarities.

    Attributes
    ----------
    rows : float array or csr_array (c, d)
        The vectors.
    source : str
        What they were made of.
    """

    rows: Any
    source: str

    @classmethod
    def of_texts(cls, texts: Sequence[object]) -> Vectors | None:
        """Weigh words and neighbours of words; None where texts have no words in common."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        vectorizer = TfidfVectorizer(analyzer=terms_of, sublinear_tf=True, min_df=min(FEW_WORDS, max(len(texts), 1)))
        try:
            return cls(rows=vectorizer.fit_transform(texts), source="words of the texts")
        except ValueError:
            return None

    @classmethod
    def of_embeddings(cls, values: npt.NDArray[np.generic]) -> Vectors:
        """Scale embeddings (c, d) to length one.

        Raises
        ------
        ParameterError
            If they are not a table of numbers.
        """
        table = np.asarray(values, dtype=np.float64)
        if table.ndim != 2 or not np.isfinite(table).all():
            raise ParameterError(
                Problem(
                    what=f"embeddings has the shape {table.shape}, or holds missing or infinite numbers",
                    parameter="embeddings",
                    allowed=("an array (n, d) of numbers, one row an item of the annotations",),
                )
            )
        length = np.linalg.norm(table, axis=1, keepdims=True)
        return cls(rows=table / np.where(length > 0, length, 1.0), source="the given embeddings")

    def mean_of(self, rows: Truths) -> Floats:
        """Return the mean vector of some items, (d,)."""
        weights = rows.astype(np.float64) / max(int(rows.sum()), 1)
        return np.asarray(self.rows.T @ weights).ravel()

    def similarity_to(self, vector: Floats) -> Floats:
        """Return the similarity of each item to a vector, (c,)."""
        return np.asarray(self.rows @ vector).ravel()

    def nearest(self, these: npt.NDArray[np.intp], others: npt.NDArray[np.intp]) -> Iterator[tuple[int, int, float]]:
        """Yield each of `these` with the most similar of `others` and their similarity."""
        right = self.rows[others].T
        for start in range(0, these.size, ROWS_AT_ONCE):
            block = these[start : start + ROWS_AT_ONCE]
            found = self.rows[block] @ right
            dense = np.asarray(found.todense() if hasattr(found, "todense") else found)
            best = dense.argmax(axis=1)
            for i, at in enumerate(best.tolist()):
                yield int(block[i]), int(others[at]), float(dense[i, at])


def boundary_pairs(vectors: Vectors, items: PairItems) -> pd.DataFrame:
    """Return the most similar items with different agreed labels: at_a, at_b (positions), similarity."""
    of_a, of_b = _some(np.flatnonzero(items.is_a), MOST_COMPARED), _some(np.flatnonzero(items.is_b), MOST_COMPARED)
    columns = ["at_a", "at_b", "similarity"]
    if not of_a.size or not of_b.size:
        return pd.DataFrame(columns=columns)
    found = sorted(vectors.nearest(of_a, of_b), key=lambda t: (-t[2], t[0]))
    used: set[int] = set()
    kept: list[tuple[int, int, float]] = []
    for at_a, at_b, similarity in found:
        if at_b not in used and similarity > 0 and len(kept) < BOUNDARY_PAIRS:
            used.add(at_b)
            kept.append((at_a, at_b, similarity))
    return pd.DataFrame(kept, columns=columns)


def _some(positions: npt.NDArray[np.intp], most: int) -> npt.NDArray[np.intp]:
    """Return at most so many, evenly spread over the data."""
    if positions.size <= most:
        return positions
    return positions[np.linspace(0, positions.size - 1, most).astype(np.intp)]


def prototypes(vectors: Vectors, of_class: Truths, of_other: Truths) -> list[int]:
    """Return the positions of the most typical items of a class that are not much alike, and unlike the other class."""
    own = vectors.similarity_to(vectors.mean_of(of_class))
    other = vectors.similarity_to(vectors.mean_of(of_other)) if of_other.any() else np.zeros_like(own)
    order = [i for i in np.argsort(-(own - other), kind="stable").tolist() if of_class[i]][:MOST_TYPICAL]
    chosen: list[int] = []
    for i in order:
        if len(chosen) == PROTOTYPES:
            break
        if not chosen or max(_similarity(vectors, i, j) for j in chosen) < TOO_SIMILAR:
            chosen.append(i)
    return chosen


def _similarity(vectors: Vectors, i: int, j: int) -> float:
    found = vectors.rows[[i]] @ vectors.rows[[j]].T
    return float(found.toarray()[0, 0] if hasattr(found, "toarray") else found[0, 0])


def clarity(vectors: Vectors | None, items: PairItems) -> tuple[Floats, Truths]:
    """Return how clear each item is, from 1 (nearly agreed) to 0 (hopeless), and whether it leans to a; (c,) each.

    The votes decide; what the item looks like counts as one more vote, and labels of other classes speak against both.
    """
    side = np.full(len(items), 0.5)
    if vectors is not None and items.is_a.any() and items.is_b.any():
        near_a, near_b = (vectors.similarity_to(vectors.mean_of(rows)) for rows in (items.is_a, items.is_b))
        total = near_a + near_b
        side = np.where(total > 0, np.clip(near_a, 0, None) / np.where(total > 0, total, 1.0), 0.5)
    votes = items.says_a + items.says_b
    share = (items.says_a + np.clip(side, 0, 1)) / (votes + 1)
    return np.abs(2 * share - 1) * votes / (votes + items.says_other), share >= 0.5
