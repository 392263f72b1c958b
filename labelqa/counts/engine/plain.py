"""Columns as every engine can group and join them: categories as their values, one way to be missing, one zero."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labelqa.errors import ColumnError, LabelError, Problem

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw
    import pyarrow as pa


@dataclass(frozen=True, slots=True, kw_only=True)
class Categories:
    """The categories of a label column, used or not, and whether they have an order: classes the user declared."""

    values: tuple[Hashable, ...]
    ordered: bool


def plain_native(native: Any, columns: Sequence[str]) -> Any:  # noqa: ANN401  # frames of any engine
    """Return an Arrow table or a Dask frame without categories, and texts of an Arrow table as it can join them."""
    kind = type(native).__module__.partition(".")[0]
    if kind == "pyarrow":
        return _plain_arrow(native.select(list(dict.fromkeys(columns))))
    if kind == "dask":
        meta = native._meta
        found = [c for c in columns if str(meta[c].dtype) == "category"]
        return native.assign(**{c: native[c].astype(meta[c].cat.categories.dtype) for c in found}) if found else native
    return native


def plain_column(column: str, dtype: Any) -> nw.Expr:  # noqa: ANN401  # a narwhals type
    """Return `column` with categories as text, nan as null and -0.0 as 0.0: engines differ in how they group these."""
    import narwhals.stable.v2 as nw

    values = nw.col(column)
    if dtype in (nw.Categorical, nw.Enum):
        return values.cast(nw.String)
    if dtype.is_float():
        return nw.when(~values.is_nan()).then(values + 0.0)
    return values


def categories_of(native: Any, column: str, dtype: Any) -> Categories | None:  # noqa: ANN401  # as above
    """Return the declared categories of a column; None where it has none, or they are a cache of the engine."""
    import narwhals.stable.v2 as nw

    kind = type(native).__module__.partition(".")[0]
    if kind == "pyarrow":
        return _arrow_categories(native.column(column))
    if kind == "dask" and str(native.dtypes[column]) == "category":
        known = native[column].cat.known
        stored = native._meta[column].cat
        return Categories(values=tuple(stored.categories.tolist()), ordered=bool(stored.ordered)) if known else None
    if isinstance(dtype, nw.Enum):
        return Categories(values=tuple(dtype.categories), ordered=kind == "polars")
    return None


def check_comparable(role: str, column: str, dtype: Any, file: str | None = None) -> None:  # noqa: ANN401  # as above
    """Raise where a column holds lists or records.

    Raises
    ------
    LabelError or ColumnError
        For labels, or for items and annotators.
    """
    if dtype.is_nested():
        raise (LabelError if role == "label" else ColumnError)(
            Problem(
                what=f"column {column!r} holds lists or other values that cannot be compared as a whole",
                file=file,
                parameter=role,
                value=column,
                next_step="Turn them into one text or number a row.",
            )
        )


def _plain_arrow(table: pa.Table) -> pa.Table:
    import pyarrow as pa

    for i, field in enumerate(table.schema):
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        is_text = pa.types.is_string(kind) or pa.types.is_string_view(kind) or pa.types.is_null(kind)
        target = pa.large_string() if is_text else kind
        if target != field.type:
            table = table.set_column(i, field.name, table.column(i).cast(target))
    return table


def _arrow_categories(column: pa.ChunkedArray) -> Categories | None:
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        return None
    values: dict[Hashable, None] = {}
    for chunk in column.unify_dictionaries().chunks[:1]:
        values.update(dict.fromkeys(chunk.dictionary.to_pylist()))
    return Categories(values=tuple(v for v in values if v is not None), ordered=column.type.ordered)
