"""Labels by one person, with a model's most probable class as the second opinion."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
import pandas as pd

from labelqa.aggregation.classifier_input import class_probabilities
from labelqa.annotations.table import Annotations
from labelqa.errors import ParameterError, Problem
from labelqa.label_issues.given import given_labels, width_of
from labelqa.text import counted

PERSON, MODEL = "given label", "model"
NOTE = (
    "Only one person labeled: the second opinion is the most probable class by a model. A pair may be confused by the "
    "model alone; have a sample of its items labeled by a second person before the definition is changed."
)


def with_model(
    labels: object, pred_probs: object, classes: Sequence[Hashable] | None
) -> tuple[Annotations, tuple[str, ...]]:
    """Return one label an item and the model's most probable class as the labels of two annotators, and notes.

    Parameters
    ----------
    labels : array, sequence or Series (n,), or Annotations
        One label an item.
    pred_probs : array (n, k) or DataFrame
        Out-of-sample class probabilities.
    classes : sequence, optional
        Classes of the columns.

    Raises
    ------
    ParameterError
        If an item has several labels, or the probabilities do not fit.
    """
    given = given_labels(
        _one_label(labels) if isinstance(labels, Annotations) else labels, classes, width_of(pred_probs)
    )
    probabilities, notes = class_probabilities(given, pred_probs)
    rows = np.arange(given.n_items, dtype=np.int32)
    first = probabilities.argmax(axis=1).astype(np.int32)
    sure = np.flatnonzero((probabilities == probabilities.max(axis=1, keepdims=True)).sum(axis=1) == 1)  # not tied
    annotations = Annotations(
        item=np.concatenate([rows, rows[sure]]),
        annotator=np.repeat(np.arange(2, dtype=np.int32), [rows.size, sure.size]),
        label=np.concatenate([given.codes, first[sure]]),
        items=given.items,
        annotators=pd.Index([PERSON, MODEL], dtype=object),
        schema=given.schema,
    )
    tied = given.n_items - sure.size
    told = (f"The model is torn between classes on {counted(tied, 'item')}, which are left out.",) if tied else ()
    return annotations, (NOTE, *told, *notes)


def _one_label(annotations: Annotations) -> pd.Series:
    """Return the label of each item, by item name."""
    if np.bincount(annotations.item, minlength=1).max(initial=0) > 1:
        raise ParameterError(
            Problem(
                what="pred_probs stand in for a second annotator, but some items have several labels",
                parameter="pred_probs",
                next_step="Leave pred_probs out: the labels of the annotators are compared with each other.",
            )
        )
    names = np.empty(annotations.schema.k, dtype=object)
    names[:] = annotations.schema.classes
    return pd.Series(names[annotations.label], index=annotations.items.take(annotations.item))
