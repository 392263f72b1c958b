"""Selecting, merging and renaming on coded columns: the pure functions behind the methods of Annotations."""

from __future__ import annotations

import itertools
import string
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.schema import LabelSchema, as_real, natural_order
from labelqa.errors import ColumnError, ParameterError, Problem, shorten

Codes = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]
GLANCE = 10_000


def compress(codes: Codes, size: int) -> tuple[Codes, npt.NDArray[np.intp]]:
    """Renumber `codes` (all in [0, size)) to those that occur; return new codes and the old numbers kept."""
    if np.unique(codes[:GLANCE]).size == size:  # the usual case, seen from the first rows
        return codes, np.arange(size)
    present = np.zeros(size, dtype=np.bool_)
    present[codes] = True
    if present.all():
        return codes, np.arange(size)
    rank = np.cumsum(present, dtype=np.int32) - 1
    return rank[codes].astype(np.int32, copy=False), np.flatnonzero(present)


def checked_mask(mask: npt.NDArray[np.bool_], size: int) -> Mask:
    """Return a copy of `mask`, or raise ParameterError if it is not bool of length `size`."""
    out = np.array(mask)
    if out.dtype != np.bool_ or out.shape != (size,):
        raise ParameterError(
            Problem(
                what=f"mask has dtype {out.dtype} and shape {out.shape}",
                parameter="mask",
                allowed=(f"bool ({size},): one entry an annotation",),
            )
        )
    return out


def as_list(wanted: object) -> list[object]:
    """Return `wanted` as a list: a list-like as it is, anything else alone."""
    return list(wanted) if isinstance(wanted, list | tuple | set | np.ndarray | pd.Index | pd.Series) else [wanted]


def matches(role: str, wanted: object, codes: Codes | None, names: pd.Index | None) -> Mask:
    """Return which annotations have one of the names `wanted` in this role."""
    if codes is None or names is None:
        raise ParameterError(Problem(what=f"{role}={wanted!r}: this data has no {role} column", parameter=role))
    allowed = np.zeros(len(names), dtype=np.bool_)
    spelled = {str(name): i for i, name in reversed(list(enumerate(names)))}
    numbers = {as_real(name): i for i, name in enumerate(names) if not isinstance(name, str)}
    for value in as_list(wanted):
        position = spelled.get(str(value))
        if position is None and as_real(value) is not None and not isinstance(value, str):
            position = numbers.get(as_real(value))  # 1.0 finds the class 1
        if position is None:
            raise ParameterError(
                Problem(
                    what=f"{role}={value!r} does not occur",
                    parameter=role,
                    value=value,
                    allowed=tuple(itertools.islice(spelled, 50)),
                )
            )
        allowed[position] = True
    return allowed[codes]


def item_matches(item_data: pd.DataFrame, column: str, wanted: object) -> Mask:
    """Return which items (n,) have one of the values `wanted` in `column`."""
    if column not in item_data:
        raise ColumnError(
            Problem(
                what=f"there is no item column {column!r}",
                parameter="item_data",
                value=column,
                allowed=tuple(str(c) for c in item_data.columns) or ("none",),
            )
        )
    found = np.zeros(len(item_data), dtype=np.bool_)
    spelled = item_data[column].astype(str)
    for value in as_list(wanted):
        real = as_real(value)
        same = (spelled == str(value)) | (item_data[column] == (value if real is None else real))
        if not (hit := same.fillna(False).to_numpy(dtype=np.bool_)).any():
            raise ParameterError(
                Problem(
                    what=f"no item has {column}={value!r}",
                    parameter="item_data",
                    value=value,
                    allowed=tuple(str(v) for v in pd.unique(item_data[column].dropna())[:50]),
                )
            )
        found |= hit
    return found


def selection_text(wanted: Mapping[str, object], n_kept: int, n_all: int) -> str:
    """Describe a selection for the read log, for example ``a part was measured: round=2 (805 of 1,863 labels)``."""
    named = [f"{role}={shorten(as_list(value))}" for role, value in wanted.items() if value is not None]
    return f"a part was measured: {' and '.join(named) or 'some labels'} ({n_kept:,} of {n_all:,} labels)"


def merged_schema(
    schema: LabelSchema, merge: Mapping[Hashable, Hashable | Iterable[Hashable]]
) -> tuple[LabelSchema, Codes]:
    """Return the schema after merging and the new code of every old class, int32 (k,)."""
    target: list[Hashable] = list(schema.classes)
    for new, old in _pairs(merge):
        position = schema.index_of(old)
        if position is None:
            raise ParameterError(
                Problem(what=f"merge: there is no class {old!r}", parameter="merge", value=old, allowed=schema.names)
            )
        target[position] = new
    classes = tuple(dict.fromkeys(target))
    place = {c: i for i, c in enumerate(classes)}
    recode = np.array([place[t] for t in target], dtype=np.int32)
    return LabelSchema(classes=classes, level=schema.level, order_is_guessed=schema.order_is_guessed), recode


def _pairs(merge: Mapping[Hashable, Hashable | Iterable[Hashable]]) -> Iterator[tuple[Hashable, Hashable]]:
    for key, value in merge.items():
        if isinstance(value, list | tuple | set | frozenset):
            yield from ((key, old) for old in value)
        else:
            yield value, key  # type: ignore[misc]  # a value that is no list is one class


def merge_text(old: LabelSchema, new: LabelSchema, recode: Codes) -> str:
    """Describe a merge for the read log, for example ``a + b -> c``."""
    groups = [[old.names[i] for i in np.flatnonzero(recode == j)] for j in range(new.k)]
    return "; ".join(f"{' + '.join(g)} -> {name}" for g, name in zip(groups, new.names, strict=True) if g != [name])


def letters(annotators: Sequence[Hashable] | pd.Index) -> list[str]:
    """Return A, B, ..., Z, AA, ... for the annotators, given out in natural order of their names."""
    order = {name: i for i, name in enumerate(natural_order(annotators))}
    wheel = ("".join(p) for size in itertools.count(1) for p in itertools.product(string.ascii_uppercase, repeat=size))
    codes = list(itertools.islice(wheel, len(order)))
    return [codes[order[name]] for name in annotators]


def joint_schema(schemas: Sequence[LabelSchema]) -> LabelSchema:
    """Return one schema that holds the classes of all, in order of first appearance."""
    levels = {s.level for s in schemas}
    if len(levels) != 1:
        raise ParameterError(
            Problem(
                what="nothing to join" if not schemas else f"parts have different levels: {', '.join(sorted(levels))}",
                parameter="parts",
                next_step="Pass at least one part, all with the same level.",
            )
        )
    classes: Iterable[Hashable] = dict.fromkeys(c for s in schemas for c in s.classes)
    guessed = any(s.order_is_guessed for s in schemas)
    ordered = natural_order(classes) if guessed else classes
    return LabelSchema(classes=tuple(ordered), level=levels.pop(), order_is_guessed=guessed)
