"""Annotations whose values are sets, spans, boxes, rankings, texts or numbers instead of class codes."""

from __future__ import annotations

import html
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations import duplicates, reshape
from labelqa.annotations.coding import code_values
from labelqa.annotations.frames import as_pandas, check_columns
from labelqa.annotations.readlog import Origin, ReadLog, SetAside, repeated_reason
from labelqa.annotations.structured_values import ALLOWED, KINDS, is_missing, normalised
from labelqa.errors import DuplicateError, LabelError, ParameterError, Problem, check_choice
from labelqa.text import harmless, shortened

Codes = npt.NDArray[np.int32]
Names = pd.Index | list[str]
Wanted = Hashable | list[Hashable] | None
NO_VALUE = "no value"
NEXT = {
    "sets": "labelqa.distance_agreement(annotations, 'masi')",
    "spans": "labelqa.span_agreement(annotations)",
    "boxes": "labelqa.box_agreement(annotations)",
    "rankings": "labelqa.ranking_agreement(annotations)",
    "text": "labelqa.distance_agreement(annotations, 'edit')",
    "numbers": "labelqa.intraclass_correlation(annotations)",
    "values": "labelqa.distance_agreement(annotations, your_distance)",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class StructuredAnnotations:
    """Answers by several annotators that are more than one class each; a missing answer is an absent row.

    Dimension letters: n items, m annotators, r annotations. Values are checked and brought to one form once: sets are
    frozensets; spans are tuples of ``(start, end, label)``, the end not included; boxes are tuples of
    ``(x1, y1, x2, y2, label)``, two corners (from a width and height: x1 + width, y1 + height); rankings are tuples of
    objects, best first, with tied ones in a tuple.

    Attributes
    ----------
    item, annotator : int32 (r,)
        Codes into `items` and `annotators`.
    items, annotators : pandas.Index, lengths n and m
        The names behind the codes. Items may have no annotation; measures count and drop those.
    values : tuple, length r
        The answers. An empty set or list is an answer ("nothing here"), None is not.
    kind : {"sets", "spans", "boxes", "rankings", "text", "numbers", "values"}
        What the values are; ``"values"`` are any hashable ones.
    read_log : ReadLog
        What was set aside, and why.

    Examples
    --------
    >>> rows = [("t1", "ann", {"rent", "heating"}), ("t1", "ben", {"rent"}), ("t2", "ann", set()), ("t2", "ben", None)]
    >>> StructuredAnnotations.from_records(rows, kind="sets")
    StructuredAnnotations: 3 sets on 2 items by 2 annotators
      rows set aside: 1 (no value 1)
      next: labelqa.distance_agreement(annotations, 'masi')
    """

    item: Codes
    annotator: Codes
    items: pd.Index
    annotators: pd.Index
    values: tuple[Hashable, ...]
    kind: str
    read_log: ReadLog = field(default_factory=ReadLog)

    @classmethod
    def from_frame(
        cls, df: object, *, item: str, annotator: str, value: str, kind: str, on_duplicate: str = "error"
    ) -> StructuredAnnotations:
        """Build from a long table: one row an item and annotator.

        Parameters
        ----------
        df : pandas, polars or pyarrow table, or anything narwhals can turn into one
            One row an answer.
        item, annotator, value : str
            Column names; the cells of `value` are lists, sets, dictionaries, texts or numbers, as `kind` needs.
        kind : {"sets", "spans", "boxes", "rankings", "text", "numbers", "values"}
            What the values are.
        on_duplicate : {"error", "first", "last"}
            What to do where one annotator answered one item twice.

        Raises
        ------
        ColumnError
            If a column does not exist.
        DuplicateError
            If a pair of item and annotator occurs twice and `on_duplicate` is ``"error"``.
        LabelError
            If values are not of the kind; the message names the rows.
        ParameterError
            If `kind` or `on_duplicate` is not known.
        """
        check_choice("kind", kind, KINDS)
        check_choice("on_duplicate", on_duplicate, duplicates.ON_DUPLICATE)
        frame = as_pandas(df)
        roles = {"item": item, "annotator": annotator, "value": value}
        check_columns(frame, roles)
        coded = (code_values(frame[item]), code_values(frame[annotator]))
        cells = list(frame[value])
        keep, aside = _complete(coded[0][0], coded[1][0], cells)
        forms = _all_normalised(cells, keep, kind)
        kept, repeated = without_duplicates(coded, keep, on_duplicate)
        by_row = dict(zip(keep.tolist(), forms, strict=True))
        people, present = reshape.compress(coded[1][0][kept], len(coded[1][1]))
        log = ReadLog(mapping=roles, n_rows_read=len(frame), n_labels_used=int(kept.size))
        return cls(
            item=coded[0][0][kept],
            annotator=people,
            items=coded[0][1],
            annotators=coded[1][1].take(present),
            values=tuple(by_row[row] for row in kept.tolist()),
            kind=kind,
            read_log=log.adding(set_aside=[*aside, *repeated]),
        )

    @classmethod
    def from_records(
        cls, records: Iterable[Sequence[object]], *, kind: str, on_duplicate: str = "error"
    ) -> StructuredAnnotations:
        """Build from (item, annotator, value) triples.

        Parameters
        ----------
        records : iterable of (item, annotator, value)
            One triple an answer.
        kind, on_duplicate
            As in :meth:`from_frame`.

        Raises
        ------
        DuplicateError, LabelError, ParameterError
            As in :meth:`from_frame`, and ParameterError if a record is not a triple.
        """
        rows = list(records)
        for i, row in enumerate(rows):
            if isinstance(row, str) or len(row) != 3:
                raise ParameterError(
                    Problem(
                        what=f"record {i} is not a triple: {shortened(repr(row), 80)}",
                        parameter="records",
                        value=row,
                        allowed=("(item, annotator, value)",),
                    )
                )
        names = ("item", "annotator", "value")
        columns = {}
        for j, name in enumerate(names):
            cells = np.empty(len(rows), dtype=object)  # filled one by one: lists of one length would become a matrix
            for i, row in enumerate(rows):
                cells[i] = row[j]
            columns[name] = pd.Series(cells, dtype=object)
        frame = pd.DataFrame(columns)
        return cls.from_frame(
            frame, item="item", annotator="annotator", value="value", kind=kind, on_duplicate=on_duplicate
        )

    @property
    def n_items(self) -> int:
        """Number of items n, including those without an annotation."""
        return len(self.items)

    @property
    def n_annotators(self) -> int:
        """Number of annotators m."""
        return len(self.annotators)

    @property
    def n_missing(self) -> int:
        """Number of rows that had no value."""
        return sum(s.count for s in self.read_log.set_aside if s.reason == NO_VALUE)

    def __len__(self) -> int:
        """Return the number of annotations r."""
        return len(self.values)

    def __repr__(self) -> str:
        return harmless("\n".join(self._summary()))

    def _repr_html_(self) -> str:
        head = "<br>".join(html.escape(line) for line in self._summary())
        rows = self.to_frame().head(10)
        rows = rows.assign(value=[shortened(repr(v), 200) for v in rows["value"]])
        return harmless(f"<div><p>{head}</p>{rows.to_html(escape=True)}</div>")

    def _summary(self) -> list[str]:
        left_out = [(s.reason, s.count) for s in self.read_log.set_aside]
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in left_out)
        missing = [f"  rows set aside: {sum(count for _, count in left_out):,} ({reasons})"] if left_out else []
        return [
            f"StructuredAnnotations: {len(self):,} {self.kind} on {self.n_items:,} items "
            f"by {self.n_annotators:,} annotators",
            *(missing or [f"  distinct answers: {len({(isinstance(v, bool), v) for v in self.values}):,}"]),
            f"  next: {NEXT[self.kind]}",
        ]

    def to_frame(self) -> pd.DataFrame:
        """Return a long table: item, annotator, value."""
        cells = np.empty(len(self), dtype=object)
        for i, value in enumerate(self.values):
            cells[i] = value
        return pd.DataFrame(
            {
                "item": self.items.take(self.item).to_numpy(),
                "annotator": self.annotators.take(self.annotator).to_numpy(),
                "value": pd.Series(cells, dtype=object),
            }
        )

    def where(self, *, item: Wanted = None, annotator: Wanted = None) -> StructuredAnnotations:
        """Return the annotations of some items or annotators.

        Parameters
        ----------
        item, annotator : name or list of names, optional
            Names to keep.

        Raises
        ------
        ParameterError
            If a name does not occur in the data.
        """
        keep = np.ones(len(self), dtype=np.bool_)
        if item is not None:
            keep &= reshape.matches("item", item, self.item, self.items)
        if annotator is not None:
            keep &= reshape.matches("annotator", annotator, self.annotator, self.annotators)
        rows = np.flatnonzero(keep)
        items, kept_items = reshape.compress(self.item[rows], self.n_items)
        people, kept_people = reshape.compress(self.annotator[rows], self.n_annotators)
        note = reshape.selection_text({"item": item, "annotator": annotator}, int(rows.size), len(self))
        return replace(
            self,
            item=items,
            annotator=people,
            items=self.items.take(kept_items),
            annotators=self.annotators.take(kept_people),
            values=tuple(self.values[i] for i in rows.tolist()),
            read_log=self.read_log.adding(notes=[note]),
        )


def _complete(item: Codes, annotator: Codes, cells: list[object]) -> tuple[npt.NDArray[np.intp], list[SetAside]]:
    """Return the rows that have item, annotator and value, and what is set aside for lack of one."""
    origin = Origin()
    empty = np.fromiter((is_missing(v) for v in cells), dtype=np.bool_, count=len(cells))
    left = np.ones(len(cells), dtype=np.bool_)
    aside: list[SetAside] = []
    for reason, missing in (("no item", item < 0), ("no annotator", annotator < 0), (NO_VALUE, empty)):
        aside += origin.set_aside(np.flatnonzero(missing & left), reason)
        left &= ~missing
    return np.flatnonzero(left), aside


def _all_normalised(cells: list[object], rows: npt.NDArray[np.intp], kind: str) -> list[Hashable]:
    forms, problems = [], []
    for row in rows.tolist():
        try:
            forms.append(normalised(cells[row], kind))
        except ValueError as unfit:
            what = f"value {unfit}"
            problems.append(Problem(what=what, file="frame", row=row, parameter="value", value=cells[row]))
    if problems:
        advice = f"kind={kind!r} takes {ALLOWED[kind]}; None where there is no answer."
        raise LabelError([replace(problems[0], next_step=advice), *problems[1:]])
    return forms


def without_duplicates(
    coded: tuple[tuple[Codes, Names], tuple[Codes, Names]], keep: npt.NDArray[np.intp], on_duplicate: str
) -> tuple[npt.NDArray[np.intp], list[SetAside]]:
    """Return the rows of `keep` with one answer per item and annotator, and what was set aside.

    Parameters
    ----------
    coded : ((int32 (rows,), names), (int32 (rows,), names))
        Items and annotators of all rows.
    keep : int (.,)
        Rows that count.
    on_duplicate : {"error", "first", "last"}
        Which answer stays.

    Raises
    ------
    DuplicateError
        If there are second answers and `on_duplicate` is ``"error"``.
    """
    (item, items), (annotator, annotators) = coded
    keys = item[keep].astype(np.int64) * len(annotators) + annotator[keep]
    again = duplicates.repeated_rows(keys, len(items) * len(annotators), on_duplicate)
    if again.size == 0:
        return keep, []
    rows = keep[again]
    if on_duplicate == "error":
        texts = [
            f"annotator {str(annotators[annotator[row]])!r} answered item {str(items[item[row]])!r} again"
            for row in rows[:3].tolist()
        ]
        error = duplicates.duplicate_error(rows, Origin(), texts, int(np.unique(keys[again]).size))
        *others, last = error.problems
        advice = "Choose which answer counts with on_duplicate='first' or 'last', or measure each round by itself."
        raise DuplicateError([*others, replace(last, next_step=f"{rows.size:,} repeated rows in all. {advice}")])
    return np.delete(keep, again), Origin().set_aside(rows, repeated_reason(on_duplicate))
