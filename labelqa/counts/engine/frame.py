"""One view of every engine's frame: narwhals' lazy frame with the three columns named item, label and annotator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from labelqa.annotations.frames import arrow_to_pandas, check_columns, check_names
from labelqa.counts.engine.plain import Categories, categories_of, check_comparable, plain_column, plain_native
from labelqa.errors import EngineError, LabelqaError, ParameterError, Problem

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw
    import pyarrow as pa

ENGINES = ("pandas", "polars", "pyarrow", "duckdb", "ibis", "dask", "pyspark")


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """Which column holds what; `annotator` None where who labeled is not asked."""

    item: str
    label: str
    annotator: str | None = None

    def named(self) -> dict[str, str]:
        """Return the roles that have a column."""
        pairs = {"item": self.item, "label": self.label, "annotator": self.annotator}
        return {role: column for role, column in pairs.items() if column is not None}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EngineFrame:
    """A frame on its engine.

    Attributes
    ----------
    frame : narwhals LazyFrame
        Columns item, label and, where asked for, annotator.
    engine : str
        Name of the engine, for messages.
    file : str or None
        What was read, for messages.
    categories : Categories or None
        Declared categories of the labels.
    """

    frame: nw.LazyFrame[Any]
    engine: str
    file: str | None = None
    categories: Categories | None = None

    @contextmanager
    def working(self) -> Iterator[None]:
        """Run queries on the engine: eager ones run as they are built, so that building belongs in here too.

        Raises
        ------
        EngineError
            If the engine fails; nothing of a partial result is used.
        """
        try:
            yield
        except LabelqaError:
            raise
        except Exception as error:  # engines raise classes of their own
            raise engine_error(self.engine, error, self.file) from error

    def collect_frame(self, query: nw.LazyFrame[Any]) -> pd.DataFrame:
        """Run `query` and return pandas, integers exact; inside :meth:`working`."""
        return arrow_to_pandas(query.collect("pyarrow").to_native())


def engine_frame(native: object, roles: Roles, *, file: str | None = None) -> EngineFrame:
    """Wrap a frame of any engine.

    Raises
    ------
    ParameterError
        If it is not a frame of a known engine.
    ColumnError
        If a column is missing.
    """
    import narwhals.stable.v2 as nw  # only where an engine is counted on

    check_names(getattr(native, "column_names", []), file)  # Arrow's, of which narwhals takes distinct ones only
    frame: Any = nw.from_native(native, pass_through=True)
    if not isinstance(frame, nw.LazyFrame | nw.DataFrame):
        raise not_a_frame(native)
    data = EngineFrame(frame=frame.lazy(), engine=frame.implementation.name.lower(), file=file)
    with data.working():
        schema = frame.collect_schema()
        check_columns(pd.DataFrame(columns=schema.names()), roles.named(), file)
        for role, column in roles.named().items():
            check_comparable(role, column, schema[column], file)
        categories = categories_of(native, roles.label, schema[roles.label])
        plain: Any = nw.from_native(plain_native(native, tuple(roles.named().values())))
        columns = [plain_column(column, plain.collect_schema()[column]).alias(r) for r, column in roles.named().items()]
        return replace(data, frame=plain.lazy().select(*columns), categories=categories)


def small_table(frame: nw.LazyFrame[Any], table: pa.Table) -> nw.LazyFrame[Any]:
    """Put a small Arrow table on the engine of `frame`, so that both can be joined."""
    import narwhals.stable.v2 as nw
    import pyarrow as pa

    native: Any = frame.to_native()
    found: Any
    engine = frame.implementation.name.lower()
    if engine == "duckdb":
        small_arrow_table = table  # the query finds it by this name
        found = native.query("labels", "select * from small_arrow_table")
        del small_arrow_table
    elif engine == "ibis":
        import ibis

        found = ibis.memtable(table)
    elif engine == "dask":
        import dask.dataframe as dd

        found = dd.from_pandas(table.to_pandas(), npartitions=1)  # type: ignore[no-untyped-call]
    elif engine.startswith("pyspark"):
        found = _spark_table(native, table)
    elif engine == "pyarrow":  # which joins equal types only
        types = {name: native.schema.field(name).type for name in table.column_names if name in native.column_names}
        cast = table.cast(pa.schema([(f.name, types.get(f.name, f.type)) for f in table.schema]))
        eager: nw.DataFrame[Any] = nw.from_native(cast, eager_only=True)
        return eager.lazy()
    else:
        return nw.DataFrame.from_arrow(table, backend=frame.implementation).lazy()
    joinable: nw.LazyFrame[Any] = nw.from_native(found)
    return joinable


def engine_error(engine: str, error: BaseException, file: str | None = None) -> EngineError:
    """Return our error for an engine's own."""
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return EngineError(
        Problem(
            what=f"{engine} failed while counting: {first[:300]}",
            file=file,
            parameter="frame_or_paths",
            next_step="No part of the result was used; the engine's own error is the cause of this one.",
        )
    )


def not_a_frame(value: object) -> ParameterError:
    """Return the error for something that is neither a path nor a frame."""
    return ParameterError(
        Problem(
            what=f"cannot count labels in a {type(value).__name__}",
            parameter="frame_or_paths",
            value=type(value).__name__,
            allowed=("a path or glob", "a list of paths", *(f"a {name} frame" for name in ENGINES)),
        )
    )


def _spark_table(native: Any, table: pa.Table) -> Any:  # noqa: ANN401  # frames of an engine that is not imported here
    """Return a Spark frame whose key columns have the types of `native`."""
    from pyspark.sql.types import DoubleType, StructField, StructType

    known = {field.name: field.dataType for field in native.schema}
    fields = [StructField(name, known.get(name, DoubleType()), nullable=True) for name in table.column_names]
    rows = [tuple(row.values()) for row in table.to_pylist()]
    return native.sparkSession.createDataFrame(rows, StructType(fields))
