"""Annotators as witnesses: their consensus, with or without models, on labels that are given."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.aggregation.consensus import consensus
from labelqa.annotations.table import Annotations
from labelqa.errors import ParameterError, Problem, shorten
from labelqa.label_issues.given import Given
from labelqa.label_issues.scoring import Range
from labelqa.text import counted

Floats = npt.NDArray[np.float64]
LEAST = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Joined:
    """All evidence on n labels: probabilities (n, k), quality (n,), expected errors."""

    probabilities: Floats
    quality: Floats
    range: Range
    notes: tuple[str, ...] = ()

    @classmethod
    def nothing(cls, probabilities: Floats) -> Joined:
        """Return what can be said where nothing speaks for or against a label."""
        n = len(probabilities)
        unknown = Range(estimate=math.nan, low=0.0, high=float(n))
        return cls(probabilities=probabilities, quality=np.full(n, 0.5), range=unknown)


def judged_by_annotators(
    given: Given, annotations: Annotations, models: tuple[Floats, Floats] | None, seed: int
) -> Joined:
    """Return what annotators, and models as a calibrated voter among them, say of the given labels.

    `models` are probabilities (n, k) and the quality (n,) by models alone. Items that nobody labeled are judged by it;
    without models nothing can be said of them: quality 0.5, and not among the expected errors.
    """
    place = _places(given, annotations)
    columns = np.array([given.schema.index_of(c) for c in annotations.schema.classes], dtype=np.intp)
    found = consensus(annotations, pred_probs=_among(annotations, models, place, columns), rng=seed)
    heard = (place >= 0) & (found.codes[place] >= 0)
    k = given.schema.k
    out = np.full((given.n_items, k), 1 / k) if models is None else np.array(models[0])
    out[heard] = 0.0
    out[np.ix_(heard, columns)] = found.probabilities[place[heard]]
    alone = np.full(given.n_items, 0.5) if models is None else models[1]
    quality = np.where(heard, np.clip(out[np.arange(given.n_items), given.codes], LEAST, 1.0), alone)
    known = heard if models is None else np.ones(given.n_items, dtype=bool)
    lost = int((~heard).sum())
    notes = (f"{counted(lost, 'label')} no annotator speaks of",) if lost else ()
    expected = Range.of_qualities(quality[known])
    return Joined(probabilities=out, quality=quality, range=expected, notes=(*found.notes, *notes))


def _among(
    annotations: Annotations,
    models: tuple[Floats, Floats] | None,
    place: npt.NDArray[np.intp],
    columns: npt.NDArray[np.intp],
) -> Floats | None:
    """Return the probabilities of models by item and class of the annotations; even where they say nothing."""
    if models is None:
        return None
    part = models[0][:, columns] + LEAST
    out = np.full((annotations.n_items, annotations.schema.k), 1 / annotations.schema.k)
    out[place[place >= 0]] = (part / part.sum(axis=1, keepdims=True))[place >= 0]
    return out


def votes_on(given: Given, annotations: Annotations) -> npt.NDArray[np.int64]:
    """Return the labels that annotators gave each row, int64 (n, k)."""
    place = _places(given, annotations)
    columns = np.array([given.schema.index_of(c) for c in annotations.schema.classes], dtype=np.intp)
    out = np.zeros((given.n_items, given.schema.k), dtype=np.int64)
    known = np.flatnonzero(place >= 0)
    out[np.ix_(known, columns)] = annotations.counts[place[known]]
    return out


def _places(given: Given, annotations: Annotations) -> npt.NDArray[np.intp]:
    """Return the item of each row, -1 where there is none."""
    unknown = [c for c in annotations.schema.classes if given.schema.index_of(c) is None]
    if unknown:
        raise ParameterError(
            Problem(
                what=f"annotators use classes that the labels do not have: {shorten(unknown, 3)}",
                parameter="annotations",
                next_step="Name all classes with classes=.",
            )
        )
    place = np.asarray(annotations.items.get_indexer(given.items))
    if not isinstance(given.items, pd.RangeIndex):
        if (place < 0).all():
            _refuse("no label has the name of an item that annotators labeled")
        return place
    if (place >= 0).all():
        return place
    if (place >= 0).any():
        _refuse("only some places of labels are names of items that annotators labeled, so rows cannot be matched")
    if given.n_items != annotations.n_items:
        _refuse(f"there are {counted(given.n_items, 'label')}, but {counted(annotations.n_items, 'item')}")
    return np.arange(given.n_items)


def _refuse(what: str) -> None:
    raise ParameterError(
        Problem(what=what, parameter="annotations", next_step="Pass labels as a Series with the items as its index.")
    )
