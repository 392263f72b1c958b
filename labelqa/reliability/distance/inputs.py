"""What the measures of this package take, brought to structured annotations of the kind they need."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.frames import as_pandas
from labelqa.annotations.schema import natural_key
from labelqa.annotations.structured import StructuredAnnotations
from labelqa.annotations.structured_values import normalised
from labelqa.annotations.table import Annotations
from labelqa.counts.patterns import check_one_round
from labelqa.errors import LabelError, ParameterError, Problem
from labelqa.text import shortened

Codes = npt.NDArray[np.int32]
Values = (
    Annotations | StructuredAnnotations | pd.DataFrame | tuple[Sequence[object], Sequence[object], Sequence[object]]
)
FORMS = (
    "StructuredAnnotations",
    "Annotations",
    "a frame (pandas, polars, pyarrow ...) with the columns item, annotator and value (or label)",
    "a triple (items, annotators, values) of equally long lists",
)


def as_structured(values: object, kind: str) -> StructuredAnnotations:
    """Return `values` as structured annotations of `kind`, in natural order, so that the order of rows means nothing.

    Parameters
    ----------
    values : StructuredAnnotations, Annotations, frame or triple
        Annotations become values; a frame has the columns ``item``, ``annotator`` and ``value`` (or ``label``).
    kind : str
        The kind needed; ``"values"`` takes every kind.

    Raises
    ------
    ParameterError
        If `values` are of another kind or none of these forms.
    LabelError
        If values in a frame or triple, or the classes of annotations, are not of that kind.
    RoundsError
        If annotations hold more than one round.
    """
    return in_natural_order(_as_structured(values, kind))


def _as_structured(values: object, kind: str) -> StructuredAnnotations:
    if isinstance(values, StructuredAnnotations):
        return _of_kind(values, kind)
    if isinstance(values, Annotations):
        return _from_annotations(values, kind)
    if isinstance(values, tuple) and len(values) == 3:
        return _from_triple(values, kind)
    if is_frame(values):
        frame = as_pandas(values)
        value = "label" if "value" not in frame and "label" in frame else "value"
        return StructuredAnnotations.from_frame(frame, item="item", annotator="annotator", value=value, kind=kind)
    raise ParameterError(
        Problem(
            what=f"this cannot be measured on a {type(values).__name__}",
            parameter="values",
            value=type(values).__name__,
            allowed=FORMS,
            next_step="Build it with labelqa.StructuredAnnotations.from_frame(...).",
        )
    )


def in_natural_order(data: StructuredAnnotations) -> StructuredAnnotations:
    """Return the same answers with items and annotators in the order of their names, and rows in the order of both."""
    items, people = _natural_places(data.items), _natural_places(data.annotators)
    item, annotator = (np.argsort(order).astype(np.int32) for order in (items, people))
    rows = np.lexsort((annotator[data.annotator], item[data.item]))
    return replace(
        data,
        item=item[data.item[rows]],
        annotator=annotator[data.annotator[rows]],
        items=data.items.take(items),
        annotators=data.annotators.take(people),
        values=tuple(data.values[row] for row in rows.tolist()),
    )


def _natural_places(names: pd.Index) -> npt.NDArray[np.intp]:
    """Return the position of every name in natural order; the text "1" comes after the number."""
    if names.dtype.kind in "iu":
        return np.asarray(names.argsort())
    keys = [(natural_key(name), type(name).__name__) for name in names]
    return np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.intp)


def is_frame(data: object) -> bool:
    """Whether `data` is a table with columns: pandas, polars, pyarrow, DuckDB and the like."""
    kind = type(data)  # of a lazy frame the property itself would compute something
    return hasattr(kind, "columns") or hasattr(kind, "column_names")


def _of_kind(values: StructuredAnnotations, kind: str) -> StructuredAnnotations:
    if kind in ("values", values.kind):
        return values
    raise ParameterError(
        Problem(
            what=f"these annotations are {values.kind}, not {kind}",
            parameter="values",
            value=values.kind,
            allowed=(kind,),
            next_step=f"Choose a distance for {values.kind}, or build them with kind={kind!r}.",
        )
    )


def _from_annotations(data: Annotations, kind: str) -> StructuredAnnotations:
    check_one_round(data)
    try:
        classes = [c if kind == "values" else normalised(c, kind) for c in data.schema.classes]
    except ValueError as unfit:
        raise LabelError(
            Problem(
                what=f"class {unfit}; these annotations hold classes, and {kind} are needed",
                parameter="values",
                value=data.schema.names[:1],
                next_step=f"Build the data with labelqa.StructuredAnnotations.from_frame(..., kind={kind!r}).",
            )
        ) from None
    return StructuredAnnotations(
        item=data.item,
        annotator=data.annotator,
        items=data.items,
        annotators=data.annotators,
        values=tuple(classes[code] for code in data.label.tolist()),
        kind=kind,
        read_log=replace(data.read_log),
    )


def _from_triple(triple: tuple[object, ...], kind: str) -> StructuredAnnotations:
    columns = [list(part) for part in triple if isinstance(part, Sequence | np.ndarray | pd.Series | pd.Index)]
    sizes = {len(column) for column in columns}
    if len(columns) != 3 or len(sizes) != 1:
        raise ParameterError(
            Problem(
                what=f"the triple {shortened(repr(triple), 60)} is not three equally long lists",
                parameter="values",
                value=triple,
                allowed=FORMS,
            )
        )
    return StructuredAnnotations.from_records(list(zip(*columns, strict=True)), kind=kind)


def coded(values: Sequence[Hashable]) -> tuple[Codes, list[Hashable]]:
    """Return the code of every value (r,) and the distinct values, in order of appearance; True is not 1."""
    seen: dict[tuple[bool, Hashable], int] = {}
    codes = np.fromiter(
        (seen.setdefault((isinstance(v, bool), v), len(seen)) for v in values), dtype=np.int32, count=len(values)
    )
    return codes, [value for _, value in seen]


def distinct_values(values: Sequence[Hashable]) -> list[Hashable]:
    """Return the distinct values, in order of appearance; True is not 1.

    Examples
    --------
    >>> distinct_values([True, 1, 1.0])
    [True, 1]
    """
    return coded(values)[1]


def shown(value: object, limit: int = 60) -> str:
    """Return a value for a message, sets in natural order.

    Examples
    --------
    >>> shown(frozenset({"b", "a10", "a9"}))
    "{'a9', 'a10', 'b'}"
    """
    text = repr(value)
    if isinstance(value, frozenset) and value:
        text = f"{{{', '.join(repr(v) for v in sorted(value, key=natural_key))}}}"
    return shortened(text, limit)
