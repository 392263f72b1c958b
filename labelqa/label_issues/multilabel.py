"""Several labels a row: each class is a question of its own, present or absent."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.schema import LabelSchema, natural_order
from labelqa.errors import ParameterError, Problem, shorten
from labelqa.label_issues.given import Classes, Given
from labelqa.label_issues.result import LabelIssues
from labelqa.label_issues.words import Evidence
from labelqa.text import counted

Floats = npt.NDArray[np.float64]
PRESENCE = LabelSchema(classes=("absent", "present"))
ROUNDING = 1e-6
CELLS = ("0", "1", "0.0", "1.0", "True", "False")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MultiLabels:
    """Which of k classes each of n rows has: `present` int32 (n, k) of 0 and 1."""

    items: pd.Index
    names: tuple[Hashable, ...]
    present: npt.NDArray[np.int32]

    def of(self, j: int) -> Given:
        """Return presence of class `j` as labels."""
        return Given(items=self.items, codes=np.ascontiguousarray(self.present[:, j]), schema=PRESENCE)


def is_multi_label(labels: object) -> bool:
    """Tell a table of classes, or a list of sets, lists or tuples, from one label a row."""
    if isinstance(labels, pd.DataFrame):
        return True
    if isinstance(labels, np.ndarray) and labels.ndim == 2:
        return True
    return isinstance(labels, list | tuple | pd.Series) and len(labels) > 0 and all(_is_set(v) for v in labels)


def _is_set(value: object) -> TypeGuard[Sequence[Hashable]]:
    return isinstance(value, set | frozenset | list | tuple)


def multi_labels(labels: Any, classes: Classes) -> MultiLabels:  # noqa: ANN401  # a table or a list of sets
    """Return which classes each row has.

    Parameters
    ----------
    labels : DataFrame or array (n, k) of 0 and 1, or n sets or lists of classes
        Columns of a frame are the classes.
    classes : sequence or LabelSchema, optional
        Names of all classes; needed for none, taken for the columns of an array.

    Raises
    ------
    ParameterError
        If a cell is neither 0 nor 1, a class is not declared, or names do not fit the columns.
    """
    names = classes.classes if isinstance(classes, LabelSchema) else None if classes is None else tuple(classes)
    if isinstance(labels, pd.DataFrame | np.ndarray):
        return _of_table(labels, names)
    items = labels.index if isinstance(labels, pd.Series) and labels.index.is_unique else pd.RangeIndex(len(labels))
    seen = natural_order({c for row in labels for c in row})
    known = tuple(seen) if names is None else names
    lost = [c for c in seen if c not in known]
    if lost:
        _refuse(f"labels holds {shorten(lost, 3)}, not among the classes", "Add the class, or correct the label.")
    present = np.array([[c in set(row) for c in known] for row in labels], dtype=np.int32).reshape(
        len(labels), len(known)
    )
    return MultiLabels(items=items, names=known, present=present)


def _of_table(labels: pd.DataFrame | npt.NDArray[np.generic], names: tuple[Hashable, ...] | None) -> MultiLabels:
    frame = labels if isinstance(labels, pd.DataFrame) else pd.DataFrame(labels)
    values = frame.to_numpy(dtype=object)
    bad = ~np.isin(values.astype(str), CELLS)
    if bad.any():
        row, column = np.argwhere(bad)[0]
        place = f"row {frame.index[row]}, class {frame.columns[column]!r}"
        _refuse(f"labels holds {values[row, column]!r} in {place}", "Write 1 where a row has the class, else 0.")
    if names is not None and not isinstance(labels, pd.DataFrame) and len(names) != frame.shape[1]:
        _refuse(
            f"labels has {counted(frame.shape[1], 'column')}, but there are {len(names)} classes", "Name each column."
        )
    if isinstance(labels, pd.DataFrame) or names is None:
        names = tuple(frame.columns)
    items = frame.index if frame.index.is_unique else pd.RangeIndex(len(frame))
    return MultiLabels(items=items, names=names, present=values.astype(np.int32))


def presence_probabilities(labels: MultiLabels, pred_probs: object, j: int) -> Floats:
    """Return probabilities of absence and presence of class `j`, float64 (n, 2).

    Raises
    ------
    ParameterError
        If there is not one number in [0, 1] a row and class.
    """
    frame = (
        pred_probs if isinstance(pred_probs, pd.DataFrame) else pd.DataFrame(np.asarray(pred_probs, dtype=np.float64))
    )
    if isinstance(pred_probs, pd.DataFrame):
        frame = frame.reindex(index=labels.items if frame.index.is_unique else None, columns=list(labels.names))
    if frame.shape != labels.present.shape:
        _refuse_probabilities(f"pred_probs has the shape {frame.shape}, but the labels have {labels.present.shape}")
    own = frame.iloc[:, j].to_numpy(dtype=np.float64)
    if not ((own >= -ROUNDING) & (own <= 1 + ROUNDING)).all():
        _refuse_probabilities(f"pred_probs of class {labels.names[j]!r} are missing or outside 0 to 1")
    own = np.clip(own, 0.0, 1.0)
    return np.stack([1 - own, own], axis=1)


def judge_each_class(labels: MultiLabels, judge: Callable[[Given, int], LabelIssues]) -> LabelIssues:
    """Judge the presence of every class and put the answers into one result: one row an item and class."""
    parts = [judge(labels.of(j), j) for j in range(len(labels.names))]
    silent = [str(name) for name, part in zip(labels.names, parts, strict=True) if part.undefined_because]
    heard = [part for part in parts if not part.undefined_because]
    note = (f"classes of which nothing can be said: {shorten(silent)}",) if silent and heard else ()
    undefined = None if heard else parts[0].undefined_because
    sums = [
        sum(getattr(part, name) for part in heard) if heard else getattr(parts[0], name)
        for name in ("expected_errors", "expected_errors_low", "expected_errors_high")
    ]
    return LabelIssues(
        items=pd.MultiIndex.from_tuples([(i, name) for name in labels.names for i in labels.items]),
        schema=PRESENCE,
        given=np.concatenate([p.given for p in parts]),
        suggested=np.concatenate([p.suggested for p in parts]),
        quality=np.concatenate([p.quality for p in parts]),
        probabilities=np.concatenate([p.probabilities for p in parts]),
        expected_errors=sums[0],
        expected_errors_low=sums[1],
        expected_errors_high=sums[2],
        source=(heard or parts)[0].source,
        models=(heard or parts)[0].models,
        notes=tuple(dict.fromkeys(n for p in parts for n in p.notes if n != p.undefined_because)) + note,
        undefined_because=undefined,
        _evidence=_joined([p._evidence for p in parts]),
        _class_of=np.repeat(np.arange(len(parts), dtype=np.int32), len(labels.items)),
        _class_names=tuple(str(name) for name in labels.names),
    )


def _joined(parts: list[Evidence]) -> Evidence:
    """Put the evidence of the classes one below the other; models that one class lacks say -1."""
    width = max(part.models.shape[1] for part in parts)
    n = parts[0].given.size
    near = [part.neighbours for part in parts]
    return Evidence(
        names=parts[0].names,
        given=np.concatenate([p.given for p in parts]),
        suggested=np.concatenate([p.suggested for p in parts]),
        models=np.concatenate([_widened(p.models, width) for p in parts]),
        neighbours=None
        if any(v is None for v in near)
        else np.concatenate([np.where(v >= 0, v + j * n, -1) for j, v in enumerate(near) if v is not None]),
    )


def _widened(models: npt.NDArray[np.int32], width: int) -> npt.NDArray[np.int32]:
    return np.pad(models, ((0, 0), (0, width - models.shape[1])), constant_values=-1)


def _refuse(what: str, next_step: str) -> None:
    raise ParameterError(Problem(what=what, parameter="labels", next_step=next_step))


def _refuse_probabilities(what: str) -> None:
    step = "Pass one number in [0, 1] a row and class: how probably the row has it."
    raise ParameterError(Problem(what=what, parameter="pred_probs", next_step=step))
