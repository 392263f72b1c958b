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
from labelqa.counts.engine.plain import Categories
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
    class_totals, annotator_totals : int64 (k,) and (m,)
        Labels used of each class and by each annotator (one for all where who labeled is not asked): what any counting
        must add up to.
    log : ReadLog
        Rows read, labels used, rows set aside.
    """

    schema: LabelSchema
    labels: Codebook
    annotators: Codebook | None
    names: tuple[str, ...]
    complete: bool
    class_totals: npt.NDArray[np.int64]
    annotator_totals: npt.NDArray[np.int64]
    log: ReadLog


def survey(data: EngineFrame, roles: Roles, options: BuildOptions, known: Survey | None = None) -> Survey:
    """Ask the engine for the distinct labels and annotators and count what is missing.

    Parameters
    ----------
    data : EngineFrame
        Labels on their engine.
    roles : Roles
        Their columns.
    options : BuildOptions
        Classes and level.
    known : Survey, optional
        Survey of the frame that `data` is a part of: its classes and annotators hold here too.

    Raises
    ------
    ColumnError
        If a row has no item.
    LabelError
        If a label is not among the declared classes.
    EngineError
        If the engine fails.
    """
    found = _distinct(data, roles)
    rows = found["rows"].to_numpy(dtype=np.int64)
    _check_items(data, found, roles.item, int(rows.sum()))
    labels, schema, notes = (
        _labels(found, rows, roles, options, data.categories)
        if known is None
        else (known.labels, known.schema, list(known.log.notes))
    )
    people = _annotators(found)
    label = labels.code(found["label"])
    person = np.zeros_like(label) if people is None else people.book.code(found["annotator"])
    used = (label >= 0) & (person >= 0)
    reasons = {"no annotator": person < 0, "no label": (label < 0) & (person >= 0)}
    aside = [SetAside(reason=r, count=int(rows[w].sum()), file=data.file) for r, w in reasons.items() if w.any()]
    log = ReadLog(
        mapping=roles.named(), n_rows_read=int(rows.sum()), n_labels_used=int(rows[used].sum()), set_aside=tuple(aside)
    )
    if people is not None:
        people, absent = people.present(person[used])
        notes += absent if known is None else []
        person = people.book.code(found["annotator"])
    return Survey(
        schema=schema,
        labels=labels,
        annotators=None if people is None else people.book,
        names=() if people is None else people.names,
        complete=bool(used.all()),
        class_totals=_totals(label[used], rows[used], schema.k),
        annotator_totals=_totals(person[used], rows[used], 1 if people is None else len(people.names)),
        log=log.adding(notes=notes),
    )


def _distinct(data: EngineFrame, roles: Roles) -> pd.DataFrame:
    """Return the distinct labels (of each annotator), their rows, and the least item of each."""
    import narwhals.stable.v2 as nw

    keys = ["label"] if roles.annotator is None else ["label", "annotator"]
    with data.working():
        counted = data.frame.with_columns(no_item=nw.col("item").is_null().cast(nw.Int64))
        ends = [nw.col("item").min()]
        if counted.collect_schema()["item"].is_float():  # DuckDB trusts Parquet's statistics, which leave out nan
            ends.append(nw.col("item").max().alias("last"))
        return data.collect_frame(counted.group_by(*keys).agg(nw.len().alias("rows"), nw.col("no_item").sum(), *ends))


def _totals(codes: Codes, rows: npt.NDArray[np.int64], size: int) -> npt.NDArray[np.int64]:
    out = np.zeros(size, dtype=np.int64)
    if codes.size:
        np.add.at(out, codes, rows)
    return out


def _check_items(data: EngineFrame, found: pd.DataFrame, column: str, n_rows: int) -> None:
    missing = int(found["no_item"].sum())
    if missing:
        what = f"column {column!r} names no item in {missing:,} of {n_rows:,} rows"
    elif any(isinstance(v, str) and not v.strip() for v in found["item"]):
        what = f"column {column!r} holds an empty text as an item"
    elif "last" in found and found["last"].isna().any():
        what = f"column {column!r} holds nan as an item"
    else:
        return
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
    found: pd.DataFrame,
    rows: npt.NDArray[np.int64],
    roles: Roles,
    options: BuildOptions,
    categories: Categories | None,
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
    if options.classes is not None:
        codes, schema, notes = _declared(plain.codes, plain.names, options, times, roles)
    else:
        used, names = (plain.codes, plain.names) if categories is None else _as_categories(plain, categories)
        ordered = categories is not None and categories.ordered
        codes, schema, notes = class_rules.order_classes(used, names, options, Origin(), keep_order=ordered)
    return Codebook(values=values, codes=codes), schema, notes


def _as_categories(plain: class_rules.CleanedLabels, categories: Categories) -> tuple[Codes, list[Hashable]]:
    """Recode labels to the categories of their column, which are classes whether they occur or not."""
    names = [c for c in categories.values if not (isinstance(c, str) and not c.strip())]
    place = {name: i for i, name in enumerate(names)}
    recode = np.array([*(place[name] for name in plain.names), -1], dtype=np.int32)
    return recode[plain.codes], names


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _People:
    """Annotators: their raw names with codes, and what each code is called."""

    book: Codebook
    names: tuple[str, ...]

    def present(self, codes: Codes) -> tuple[_People, list[str]]:
        """Return those of `codes`, renumbered, and a note on the others."""
        kept = np.bincount(codes, minlength=len(self.names)) > 0
        if kept.all():
            return self, []
        place = np.r_[np.where(kept, np.cumsum(kept) - 1, -1), -1].astype(np.int32)
        absent = [name for name, here in zip(self.names, kept, strict=True) if not here]
        names = tuple(name for name, here in zip(self.names, kept, strict=True) if here)
        book = Codebook(values=self.book.values, codes=place[self.book.codes])
        note = f"{len(absent)} annotators gave no label and are not counted: {shorten(absent)}"
        return _People(book=book, names=names), [note]


def _annotators(found: pd.DataFrame) -> _People | None:
    if "annotator" not in found:
        return None
    values = found["annotator"].drop_duplicates().dropna().reset_index(drop=True)
    raw, uniques = code_values(values)
    names = [str(u) for u in uniques]
    order = sorted(range(len(names)), key=lambda i: natural_key(uniques[i]))
    place = np.full(len(names) + 1, -1, dtype=np.int32)
    place[order] = np.arange(len(order))
    return _People(book=Codebook(values=values, codes=place[raw]), names=tuple(names[i] for i in order))
