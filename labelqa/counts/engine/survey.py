"""The first pass over a frame: which labels and annotators occur, and what is missing."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations import classes as class_rules
from labelqa.annotations.classes import BuildOptions
from labelqa.annotations.coding import code_values
from labelqa.annotations.readlog import Origin, ReadLog, SetAside
from labelqa.annotations.schema import LabelSchema, declared_classes, natural_key
from labelqa.counts.engine.frame import EngineFrame, Roles
from labelqa.errors import ColumnError, LabelError, Problem, shorten

Codes = npt.NDArray[np.int32]
MAX_CLASSES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Codebook:
    """Values as the engine holds them and the code of each; values without a code (-1) are missing."""

    values: pd.Series
    codes: Codes

    def code(self, column: pd.Series) -> Codes:
        """Return the code of each entry of a column that holds `values`, -1 where missing."""
        codes: Codes = np.r_[self.codes, np.int32(-1)][pd.Index(self.values).get_indexer(pd.Index(column))]
        return codes

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Which values have a code."""
        return self.codes >= 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Survey:
    """What the frame holds.

    Attributes
    ----------
    schema : LabelSchema
        Classes (k).
    labels : Codebook
        Raw labels and their class.
    annotators : Codebook or None
        Raw annotators and their position in `names`.
    names : tuple of str
        Annotators in natural order.
    complete : bool
        Whether every row has a label and an annotator.
    log : ReadLog
        Rows read, labels used, rows set aside.
    """

    schema: LabelSchema
    labels: Codebook
    annotators: Codebook | None
    names: tuple[str, ...]
    complete: bool
    log: ReadLog


def survey(data: EngineFrame, roles: Roles, options: BuildOptions) -> Survey:
    """Ask the engine for the distinct labels and annotators and count what is missing.

    Raises
    ------
    ColumnError
        If a row has no item.
    LabelError
        If a label is not among the declared classes.
    EngineError
        If the engine fails.
    """
    import narwhals.stable.v2 as nw

    keys = ["label"] if roles.annotator is None else ["label", "annotator"]
    counted = data.frame.with_columns(no_item=nw.col("item").is_null().cast(nw.Int64))
    query = counted.group_by(*keys).agg(nw.len().alias("rows"), nw.col("no_item").sum(), nw.col("item").min())
    found = data.collect_frame(query)
    rows = found["rows"].to_numpy(dtype=np.int64)
    _check_items(data, found, roles.item, int(rows.sum()))
    labels, schema, notes = _labels(found, rows, roles, options)
    people, names = _annotators(found)
    label_of = labels.code(found["label"])
    person_of = None if people is None else people.code(found["annotator"])
    used = label_of >= 0 if person_of is None else (label_of >= 0) & (person_of >= 0)
    reasons = {} if person_of is None else {"no annotator": person_of < 0}
    reasons["no label"] = (label_of < 0) if person_of is None else (label_of < 0) & (person_of >= 0)
    aside = [SetAside(reason=r, count=int(rows[w].sum()), file=data.file) for r, w in reasons.items() if w.any()]
    log = ReadLog(
        mapping=roles.named(), n_rows_read=int(rows.sum()), n_labels_used=int(rows[used].sum()), set_aside=tuple(aside)
    )
    return Survey(
        schema=schema,
        labels=labels,
        annotators=people,
        names=names,
        complete=bool(used.all()),
        log=log.adding(notes=notes),
    )


def _check_items(data: EngineFrame, found: pd.DataFrame, column: str, n_rows: int) -> None:
    missing = int(found["no_item"].sum())
    if missing == 0 and not any(isinstance(v, str) and not v.strip() for v in found["item"]):
        return
    what = (
        f"column {column!r} names no item in {missing:,} of {n_rows:,} rows"
        if missing
        else (f"column {column!r} holds an empty text as an item")
    )
    raise ColumnError(
        Problem(
            what=what,
            file=data.file,
            parameter="item",
            value=column,
            next_step="Drop those rows first, or give them an id of their own.",
        )
    )


def _labels(
    found: pd.DataFrame, rows: npt.NDArray[np.int64], roles: Roles, options: BuildOptions
) -> tuple[Codebook, LabelSchema, list[str]]:
    times = pd.Series(rows).groupby(found["label"].to_numpy(), dropna=True, sort=False).sum()
    values = found["label"].drop_duplicates().dropna().reset_index(drop=True)
    values.name = roles.label
    if len(values) > MAX_CLASSES:
        raise LabelError(
            Problem(
                what=f"column {roles.label!r} holds more than {MAX_CLASSES:,} different labels",
                parameter="label",
                value=roles.label,
                next_step="Is this the column of the labels?",
            )
        )
    raw, uniques = code_values(values)
    plain = class_rules.clean(raw, uniques, options.cleaning)
    codes, schema, notes = (
        class_rules.order_classes(plain.codes, plain.names, options, Origin(), keep_order=False)
        if options.classes is None
        else _declared(plain.codes, plain.names, options, times, roles)
    )
    return Codebook(values=values, codes=codes), schema, notes


def _declared(
    codes: Codes, names: Sequence[Hashable], options: BuildOptions, times: pd.Series, roles: Roles
) -> tuple[Codes, LabelSchema, list[str]]:
    """Put the labels in the order of the declared classes; an error tells how many rows have a foreign one."""
    try:
        return class_rules.order_classes(codes, names, options, Origin())
    except LabelError as error:
        schema = LabelSchema(classes=declared_classes(options.classes or ()), level=options.level)
        foreign = [n for n in names if schema.index_of(n) is None]
        count = int(sum(times.get(n, 0) for n in foreign))
        raise LabelError(
            Problem(
                what=f"column {roles.label!r} holds {len(foreign)} labels that are not classes, in {count:,} rows: "
                f"{shorten(repr(n) for n in foreign)}",
                parameter="classes",
                value=foreign[0],
                allowed=schema.names,
                next_step="Pass classes=[...] with every label, or correct the labels.",
            )
        ) from error


def _annotators(found: pd.DataFrame) -> tuple[Codebook | None, tuple[str, ...]]:
    if "annotator" not in found:
        return None, ()
    values = found["annotator"].drop_duplicates().dropna().reset_index(drop=True)
    raw, uniques = code_values(values)
    names = [str(u) for u in uniques]
    order = sorted(range(len(names)), key=lambda i: natural_key(uniques[i]))
    place = np.full(len(names) + 1, -1, dtype=np.int32)
    place[order] = np.arange(len(order))
    return Codebook(values=values, codes=place[raw]), tuple(names[i] for i in order)
