"""Whom to ask: annotators who may label, whether they differ enough to choose, and who labels which item."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.aggregation.next_gains import information
from labelqa.annotations.table import Annotations
from labelqa.errors import ParameterError, Problem, check_kind

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
BLOCK = 1 << 21  # numbers held at once
LEAST = 20  # labels under which nobody is called better than others
SPREAD = 1.5  # one annotator gets at most this many times an equal share of the labels


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidates:
    """Annotators who may be asked.

    Attributes
    ----------
    allowed : int64 (a,)
        Codes of all who may label.
    chosen : int64 (c,)
        Codes of those to ask; empty where anyone will do.
    confusion : float64 (k, k)
        Mean confusion of those who will label.
    """

    allowed: Ints
    chosen: Ints
    confusion: Floats


def candidates(
    annotations: Annotations, confusion: Floats, accuracy: pd.DataFrame, wanted: Sequence[Hashable] | None
) -> Candidates:
    """Return who may label and, where they differ enough, who should.

    Parameters
    ----------
    annotations : Annotations
        The labels.
    confusion : float64 (m, k, k)
        Of each annotator.
    accuracy : DataFrame
        Annotators' accuracies with intervals (columns annotator, n, accuracy, low).
    wanted : sequence of names, optional
        The annotators who can be asked; all by default. Those named are always assigned by name.
    """
    names = annotations.annotators
    allowed = np.arange(len(names)) if wanted is None else _codes([str(name) for name in names], wanted)
    chosen = _clearly_better(names, allowed, accuracy) if wanted is None else allowed
    pool = chosen if chosen.size else allowed
    given = np.bincount(annotations.annotator, minlength=len(names))[pool]
    weight = np.ones(pool.size) if chosen.size else np.maximum(given, 1e-9)
    mean = np.average(confusion[pool], axis=0, weights=weight) if pool.size else np.eye(annotations.schema.k)
    return Candidates(allowed=allowed, chosen=chosen, confusion=mean)


def _clearly_better(names: pd.Index, allowed: Ints, accuracy: pd.DataFrame) -> Ints:
    """Return the annotators whose accuracy is above the median's, however many are compared (Bonferroni)."""
    from scipy.special import ndtri

    by_name = accuracy.set_index("annotator").loc[names.take(allowed)]
    score, low = (by_name[c].to_numpy(dtype=float) for c in ("accuracy", "low"))
    known = (by_name["n"].to_numpy() >= LEAST) & ~np.isnan(score)
    if not known.any():
        return allowed[:0]
    wider = float(ndtri(1 - 0.025 / allowed.size) / ndtri(0.975))
    better = known & (score - wider * (score - low) > np.median(score[known]))
    return np.asarray(allowed[better])


def _codes(names: list[str], wanted: Sequence[Hashable]) -> Ints:
    place = {name: g for g, name in enumerate(names)}
    step = 'Write annotators=["name", ...], or leave it out to ask anyone.'
    check_kind("annotators", wanted, Iterable, allowed="a sequence of names", next_step=step)
    if isinstance(wanted, str):
        what = f"annotators={wanted!r} is one text, not a sequence of names"
        raise ParameterError(
            Problem(what=what, parameter="annotators", value=wanted, next_step=f"Write annotators=[{wanted!r}].")
        )
    given = list(wanted)
    problems = [
        Problem(what=f"there is no annotator {name!r}", parameter="annotators", value=name, allowed=tuple(names))
        for name in given
        if str(name) not in place
    ]
    if problems:
        raise ParameterError(problems)
    return np.unique(np.array([place[str(name)] for name in given], dtype=np.int64))


def free_labels(annotations: Annotations, allowed: Ints) -> Ints:
    """Return how many of the annotators allowed have not labeled each item, int64 (n,)."""
    may = np.zeros(annotations.n_annotators, dtype=np.bool_)
    may[allowed] = True
    mine = may[annotations.annotator]
    pair = np.unique(annotations.item[mine].astype(np.int64) * annotations.n_annotators + annotations.annotator[mine])
    return allowed.size - np.bincount(pair // max(annotations.n_annotators, 1), minlength=annotations.n_items)


def assign(annotations: Annotations, people: Candidates, confusion: Floats, items: Ints, posterior: Floats) -> Ints:
    """Return who labels each of the `items` (b,), int64 (b,), -1 where anyone will do.

    The annotator whose label tells most is taken, unless they labeled the item, are to label it already, or have more
    than `SPREAD` equal shares of the work; where no chosen annotator is left, it is anyone else who may label.
    """
    out = np.full(items.size, -1, dtype=np.int64)
    m, c = annotations.n_annotators, people.chosen.size
    if not c:
        return out
    done = _pairs(annotations, items)
    load = np.zeros(m, dtype=np.int64)
    most = int(np.ceil(SPREAD * items.size / c))
    step = max(1, BLOCK // max(c * len(people.confusion), 1))
    for at in range(0, items.size, step):
        told = information(posterior[at : at + step], confusion[people.chosen])
        order = people.chosen[np.argsort(-told, axis=1, kind="stable")]
        for b, item in enumerate(items[at : at + step].tolist(), start=at):
            free = [g for g in order[b - at].tolist() if item * m + g not in done]
            if free:
                out[b] = next((g for g in free if load[g] < most), free[0])
                load[out[b]] += 1
                done.add(item * m + int(out[b]))
    return out


def _pairs(annotations: Annotations, items: Ints) -> set[int]:
    """Return the pairs of item and annotator that exist, as ``item * m + annotator``, for the items asked about."""
    asked = np.zeros(annotations.n_items, dtype=np.bool_)
    asked[items] = True
    rows = asked[annotations.item]
    pair = annotations.item[rows].astype(np.int64) * annotations.n_annotators + annotations.annotator[rows]
    return set(pair.tolist())
