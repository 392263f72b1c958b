"""Second labels of one annotator for one item, on an engine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from labelqa.annotations.duplicates import ON_DUPLICATE
from labelqa.annotations.readlog import SetAside, repeated_reason
from labelqa.counts.engine.files import check_order
from labelqa.counts.engine.frame import EngineFrame
from labelqa.counts.engine.survey import Survey
from labelqa.errors import DuplicateError, Problem

ORDERED = ("polars", "pyarrow")  # eager frames whose rows have an order


def without_repeats(native: object, data: EngineFrame, on_duplicate: str) -> EngineFrame:
    """Keep the first or last label of each item and annotator of an eager frame.

    Raises
    ------
    ParameterError
        If the rows have no order.
    EngineError
        If the engine fails.
    """
    import narwhals.stable.v2 as nw

    frame: Any = nw.from_native(native, pass_through=True)
    if data.engine not in ORDERED or not isinstance(frame, nw.DataFrame):
        check_order(data.engine, on_duplicate)
    with data.working():
        rows = data.frame.collect()
        missing = _missing(rows, "label") | _missing(rows, "annotator")
        kept = rows.filter(~missing).unique(["item", "annotator"], keep="first" if on_duplicate == "first" else "last")
        return replace(data, frame=nw.concat([kept, rows.filter(missing)]).lazy())


def repeated(count: int, on_duplicate: str, file: str | None = None) -> list[SetAside]:
    """Return the entry of the read log for `count` repeated labels, if there are any."""
    return [SetAside(reason=repeated_reason(on_duplicate), count=count, file=file)] if count else []


def _missing(rows: Any, column: str) -> Any:  # noqa: ANN401  # a narwhals frame of any engine and its series
    values = rows[column]
    missing = values.is_null()
    return (
        missing | (values.str.strip_chars() == "").fill_null(value=True) if str(values.dtype) == "String" else missing
    )


def refuse_repeats(data: EngineFrame, found: Survey) -> None:
    """Raise :class:`DuplicateError` naming the first few repeated labels, if there are any."""
    with data.working():
        n_pairs, total, first = _repeats(data, found)
    if n_pairs == 0:
        return
    problems = [
        Problem(
            what=f"annotator {str(row.annotator)!r} labeled item {str(row.item)!r} {row.n} times",
            file=data.file,
            parameter="on_duplicate",
        )
        for row in first.itertuples()
    ]
    extra = total - n_pairs
    problems[-1] = replace(
        problems[-1],
        value="error",
        allowed=ON_DUPLICATE,
        next_step=f"{extra:,} repeated rows in {n_pairs:,} (item, annotator) pairs: choose which label counts with "
        "on_duplicate='first' or 'last' (--on-duplicate), or count each round by itself.",
    )
    raise DuplicateError(problems)


def _repeats(data: EngineFrame, found: Survey) -> tuple[int, int, pd.DataFrame]:
    """Return how many (item, annotator) pairs have several labels, how many labels these are, and the first pairs."""
    import narwhals.stable.v2 as nw

    known = found.labels.values[found.labels.known].tolist()
    rows = data.frame
    if not found.complete and found.annotators is not None:
        people = found.annotators.values[found.annotators.known].tolist()
        rows = rows.filter(nw.col("label").is_in(known), nw.col("annotator").is_in(people))
    pairs = rows.group_by("item", "annotator").agg(nw.len().alias("n")).filter(nw.col("n") > 1)
    total = data.collect_frame(pairs.select(nw.len().alias("pairs"), nw.col("n").sum()))
    n_pairs = int(total["pairs"].iloc[0])
    first = data.collect_frame(pairs.sort("item", "annotator").head(3)) if n_pairs else total
    return n_pairs, int(total["n"].iloc[0]) if n_pairs else 0, first
