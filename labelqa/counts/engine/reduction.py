"""The two group-bys, written once for every engine: labels to items, items to kinds of items."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.counts.engine.forms import Form, choose_form, entries_to_counts
from labelqa.counts.engine.frame import EngineFrame, small_table
from labelqa.counts.engine.survey import Codebook, Survey
from labelqa.counts.sparse import ClassCounts
from labelqa.errors import EngineError, Problem

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw
    import pyarrow as pa

Ints = npt.NDArray[np.int64]
ChooseForm = Callable[[int, int, int | None], Form]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kinds:
    """Counts of the kinds of items (p, m * k), m = 1 where who labeled is not asked, and the items of each kind."""

    rows: ClassCounts
    multiplicity: Ints

    def followed_by(self, other: Kinds) -> Kinds:
        """Join kinds of items of two parts; equal ones stay apart."""
        rows, times = self.rows.followed_by(other.rows), np.r_[self.multiplicity, other.multiplicity]
        return Kinds(rows=rows, multiplicity=times)


def count_kinds(
    data: EngineFrame, found: Survey, *, by_annotator: bool, limit: int, form: ChooseForm = choose_form
) -> Kinds | None:
    """Count the distinct kinds of items.

    Parameters
    ----------
    data : EngineFrame
        Labels on their engine.
    found : Survey
        Its classes and annotators.
    by_annotator : bool
        Whether items labeled alike by other annotators are of different kinds.
    limit : int
        Largest number of kinds that is brought here; None is returned for more.
    form : callable
        Form for k classes, m annotators and the most labels an item has (None = not known). Where a form turns out not
        to hold the counts, the items are counted once more in one that does.

    Returns
    -------
    Kinds or None
        None also where an annotator gave an item one label twice.

    Raises
    ------
    EngineError
        If the engine fails.
    """
    k, m = found.schema.k, len(found.names) if by_annotator else 1
    longest: int | None = None
    for _ in range(2):
        chosen = form(k, m, longest)
        with data.working():
            query = _kinds(data, found, chosen, by_annotator=by_annotator)
            table = data.collect_frame(query.head(limit + 1))
            if len(table) > limit:
                return None
            rows = _decoded(data, found, chosen, table, query, by_annotator=by_annotator)
        if rows is not None:
            return Kinds(rows=rows, multiplicity=table["m"].to_numpy(dtype=np.int64))
        longest = int(table["n"].max())
    if by_annotator:
        return None
    raise _does_not_add_up(data)


def check_totals(kinds: Kinds, found: Survey, data: EngineFrame) -> None:
    """Raise :class:`EngineError` unless kinds of items add up to the labels of the survey, by class and annotator.

    They do not where the frame changed between two queries, or where two kinds of items had one hash.
    """
    k = found.schema.k
    times = kinds.rows.counts * kinds.multiplicity[kinds.rows.row]
    annotator, label = np.divmod(kinds.rows.classes, max(k, 1))
    by_class = np.zeros(k, dtype=np.int64)
    np.add.at(by_class, label, times)
    right = np.array_equal(by_class, found.class_totals)
    if right and kinds.rows.k != k:
        by_annotator = np.zeros(len(found.names), dtype=np.int64)
        np.add.at(by_annotator, annotator, times)
        right = np.array_equal(by_annotator, found.annotator_totals)
    if not right:
        raise _does_not_add_up(data)


def _does_not_add_up(data: EngineFrame) -> EngineError:
    return EngineError(
        Problem(
            what=f"{data.engine} returned counts that do not add up to the number of labels",
            file=data.file,
            parameter="frame_or_paths",
            next_step="Did the frame change while it was counted? Count a stored copy.",
        )
    )


def _kinds(data: EngineFrame, found: Survey, form: Form, *, by_annotator: bool) -> nw.LazyFrame[Any]:
    """Return the query for kinds: the sums, n labels, m items and, for a hash, one item of each kind."""
    import narwhals.stable.v2 as nw

    how: Literal["inner", "left"] = (
        "inner" if found.complete else "left"
    )  # items whose labels are all missing stay, with no labels
    labels = _weights(found.labels, form.label_weights, "label", "l")
    frame = data.frame.join(small_table(data.frame, labels), on="label", how=how)
    weight: dict[str, nw.Expr] = {f"s{i}": nw.col(f"l{c}") for i, (c, _) in enumerate(form.columns)}
    present = nw.col("l_known")
    if by_annotator and found.annotators is not None:
        people = _weights(found.annotators, form.annotator_weights, "annotator", "a")
        frame = frame.join(small_table(data.frame, people), on="annotator", how=how)
        weight = {f"s{i}": nw.col(f"l{c}") * nw.col(f"a{g}") for i, (c, g) in enumerate(form.columns)}
        present = present * nw.col("a_known")
    if not found.complete:
        weight = {name: expression.fill_null(0.0) for name, expression in weight.items()}
        present = present.fill_null(0.0)
    sums = [nw.col(name).sum() for name in weight]
    items = (
        frame.with_columns(**weight, n=present)
        .group_by("item")
        .agg(*sums, nw.len().alias("n") if found.complete else nw.col("n").sum())
    )
    one = [nw.col("item").min()] if form.is_hash else []
    return items.group_by(*weight, "n").agg(nw.len().alias("m"), *one)


def _weights(book: Codebook, weights: npt.NDArray[np.float64], column: str, prefix: str) -> pa.Table:
    import pyarrow as pa

    values = book.values[book.known].reset_index(drop=True)
    rows = weights[book.codes[book.known]]
    named = {f"{prefix}{i}": rows[:, i] for i in range(rows.shape[1])}
    return pa.table({column: pa.array(values), **named, f"{prefix}_known": np.ones(len(values))})


def _decoded(
    data: EngineFrame,
    found: Survey,
    form: Form,
    table: pd.DataFrame,
    query: nw.LazyFrame[Any],
    *,
    by_annotator: bool,
) -> ClassCounts | None:
    """Return the counts behind the sums, or None where the form does not hold them."""
    sums = table[[f"s{i}" for i in range(len(form.columns))]].to_numpy(dtype=np.float64)
    if not form.holds(sums):
        return None
    if form.is_hash:
        rows = _looked_up(data, found, table, query, by_annotator=by_annotator)
    else:
        rows = form.read(sums, len(found.names) if by_annotator else 1, found.schema.k)
    return rows if np.array_equal(rows.sums(), table["n"].to_numpy(dtype=np.float64)) else None


def _looked_up(
    data: EngineFrame, found: Survey, table: pd.DataFrame, query: nw.LazyFrame[Any], *, by_annotator: bool
) -> ClassCounts:
    """Read the counts of one item of every kind."""
    import narwhals.stable.v2 as nw

    keys = ["item", "label", *(["annotator"] if by_annotator else [])]
    chosen = data.frame.join(query.select("item"), on="item", how="inner")
    entries = data.collect_frame(chosen.group_by(*keys).agg(nw.len().alias("count")))
    label = found.labels.code(entries["label"]).astype(np.int64)
    code, used = label, label >= 0
    if by_annotator and found.annotators is not None:
        annotator = found.annotators.code(entries["annotator"]).astype(np.int64)
        code, used = annotator * found.schema.k + label, used & (annotator >= 0)
    row = pd.Index(table["item"]).get_indexer(pd.Index(entries["item"]))
    width = found.schema.k * (len(found.names) if by_annotator else 1)
    place = (row.astype(np.int64) * width + code)[used]  # raw labels of one class are one entry
    cells, inverse = np.unique(place, return_inverse=True)
    counts = np.bincount(inverse, weights=entries["count"].to_numpy(dtype=np.float64)[used], minlength=cells.size)
    return entries_to_counts(cells // width, cells % width, counts.astype(np.int64), len(table), width)
