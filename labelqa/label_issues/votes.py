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


def judged_by_annotators(given: Given, annotations: Annotations, models: Floats | None, seed: int) -> Joined:
    """Return what annotators, and models as a calibrated voter among them, say of the given labels.

    Items that nobody labeled are judged by the models alone; without models every class is equally probable there.
    """
    place = _places(given, annotations)
    among = None
    if models is not None:
        base = np.full((annotations.n_items, annotations.schema.k), 1 / annotations.schema.k)
        known = place >= 0
        base[place[known]] = _in_order(models[known], given, annotations)
        among = base
    found = consensus(annotations, pred_probs=among, rng=seed)
    k = given.schema.k
    out = np.full((given.n_items, k), 1 / k) if models is None else np.array(models)
    heard = (place >= 0) & (found.codes[place] >= 0)
    columns = [given.schema.index_of(c) for c in annotations.schema.classes]
    out[heard] = 0.0
    out[np.ix_(heard, np.array(columns, dtype=np.intp))] = found.probabilities[place[heard]]
    quality = np.clip(out[np.arange(given.n_items), given.codes], LEAST, 1.0)
    lost = int((~heard).sum())
    notes = (f"{counted(lost, 'label')} no annotator speaks of",) if lost else ()
    return Joined(probabilities=out, quality=quality, range=Range.of_qualities(quality), notes=(*found.notes, *notes))


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
    if isinstance(given.items, pd.RangeIndex) and not annotations.items.isin(given.items).any():
        if given.n_items != annotations.n_items:
            _refuse(f"there are {counted(given.n_items, 'label')}, but {counted(annotations.n_items, 'item')}")
        return np.arange(given.n_items)
    place = annotations.items.get_indexer(given.items)
    if (place < 0).all():
        _refuse("no label has the name of an item that annotators labeled")
    return np.asarray(place)


def _in_order(models: Floats, given: Given, annotations: Annotations) -> Floats:
    """Return probabilities with the classes of the annotations as columns."""
    columns = np.array([given.schema.index_of(c) for c in annotations.schema.classes], dtype=np.intp)
    part = models[:, columns] + LEAST
    return np.asarray(part / part.sum(axis=1, keepdims=True))


def _refuse(what: str) -> None:
    raise ParameterError(
        Problem(what=what, parameter="annotations", next_step="Pass labels as a Series with the items as its index.")
    )
