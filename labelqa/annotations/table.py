"""The annotations table: who gave which label to which item."""

from __future__ import annotations

import html
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations import build, reshape
from labelqa.annotations.build import Parts
from labelqa.annotations.classes import BuildOptions
from labelqa.annotations.join import join
from labelqa.annotations.readlog import Origin, ReadLog
from labelqa.annotations.schema import LabelSchema
from labelqa.text import harmless

Codes = npt.NDArray[np.int32]
Wanted = Hashable | Sequence[Hashable] | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Annotations:
    """Labels by several annotators, integer-coded; a missing label is an absent row.

    Dimension letters: n items, m annotators, k classes, r annotations.

    Attributes
    ----------
    item, annotator, label : int32 (r,)
        Codes into `items`, `annotators` and `schema.classes`.
    items, annotators : pandas.Index, lengths n and m
        The names behind the codes. Items may have no label at all; measures count and drop those.
    schema : LabelSchema
        Classes and level of measurement.
    round : int32 (r,) or None
        Code into `rounds`, in natural order: the last one is the latest.
    rounds : pandas.Index or None
        Names of the rounds.
    timestamp : datetime64[ns] (r,) or None
        When the label was given (UTC).
    duration : float64 (r,) or None
        Seconds spent on the label.
    item_data : pandas.DataFrame, n rows
        Payload and metadata of each item, in the order of `items`.
    read_log : ReadLog
        How the data was understood and what was set aside.
    origin : Origin or None
        File and row of each annotation; None where tables were joined.

    Examples
    --------
    >>> import pandas as pd
    >>> long = pd.DataFrame({"item": [1, 1, 2, 2], "annotator": list("abab"), "label": ["x", "x", "x", "y"]})
    >>> Annotations.from_frame(long, item="item", annotator="annotator", label="label")
    Annotations: 4 labels on 2 items by 2 annotators, 2 classes (nominal)
      classes: x, y
      next: labelqa.agreement_table(annotations)
    """

    item: Codes
    annotator: Codes
    label: Codes
    items: pd.Index
    annotators: pd.Index
    schema: LabelSchema
    round: Codes | None = None
    rounds: pd.Index | None = None
    timestamp: npt.NDArray[np.datetime64] | None = None
    duration: npt.NDArray[np.float64] | None = None
    item_data: pd.DataFrame = field(default_factory=pd.DataFrame)
    read_log: ReadLog = field(default_factory=ReadLog)
    origin: Origin | None = None

    @classmethod
    def from_parts(cls, parts: Parts) -> Annotations:
        """Wrap coded columns that :mod:`labelqa.annotations.build` has checked."""
        return cls(**{name: getattr(parts, name) for name in Parts.__slots__})

    @classmethod
    def from_frame(  # noqa: PLR0913  # one keyword a column: the signature users know from long tables
        cls,
        df: object,
        *,
        item: str,
        annotator: str,
        label: str,
        round: str | None = None,
        timestamp: str | None = None,
        duration: str | None = None,
        classes: Sequence[Hashable] | None = None,
        level: str = "nominal",
        on_duplicate: str = "error",
    ) -> Annotations:
        """Build from a long table: one row a label.

        Parameters
        ----------
        df : pandas, polars or pyarrow table, or anything narwhals can turn into one
            One row a label. Columns that are constant within an item become `item_data`.
        item, annotator, label, round, timestamp, duration : str
            Column names.
        classes : sequence, optional
            All classes in their order, used or not; other labels are an error. By default the labels that occur,
            in natural order (or in the order of an ordered categorical).
        level : {"nominal", "ordinal", "interval", "ratio"}
            Level of measurement.
        on_duplicate : {"error", "first", "last"}
            What to do where one annotator labeled one item twice in one round.

        Raises
        ------
        ColumnError
            If a column does not exist.
        DuplicateError
            If a pair of item and annotator occurs twice in a round and `on_duplicate` is ``"error"``.
        LabelError
            If a label is not among `classes`, or not a number where `level` needs numbers.
        """
        roles = build.Roles(
            item=item, annotator=annotator, label=label, round=round, timestamp=timestamp, duration=duration
        )
        options = BuildOptions(classes=classes, level=level, on_duplicate=on_duplicate)
        return cls.from_parts(build.from_long(df, roles, options))

    @classmethod
    def from_wide(
        cls,
        df: object,
        annotators: Sequence[str] | None = None,
        item: str | None = None,
        *,
        round: str | None = None,
        classes: Sequence[Hashable] | None = None,
        level: str = "nominal",
        on_duplicate: str = "error",
    ) -> Annotations:
        """Build from a wide table: one row an item (and round), one column an annotator.

        Parameters
        ----------
        df : pandas, polars or pyarrow table
            One row an item; an empty cell is a missing label. Other columns become `item_data`.
        annotators : sequence of str, optional
            The annotators' columns; by default all columns except `item`.
        item : str, optional
            The column of item names; by default the position of the row.
        round : str, optional
            The column of rounds, where an item has a row in each.
        classes, level, on_duplicate
            As in :meth:`from_frame`.

        Raises
        ------
        ColumnError
            If a column does not exist.
        DuplicateError
            If an item has two rows in a round with labels by the same annotator.
        """
        options = BuildOptions(classes=classes, level=level, on_duplicate=on_duplicate)
        return cls.from_parts(build.from_wide(df, annotators, item, options, round=round))

    @property
    def n_items(self) -> int:
        """Number of items n, including those without a label."""
        return len(self.items)

    @property
    def n_annotations(self) -> int:
        """Number of annotations r."""
        return len(self)

    @property
    def n_annotators(self) -> int:
        """Number of annotators m."""
        return len(self.annotators)

    @property
    def n_rounds(self) -> int:
        """Number of rounds; 1 where rounds were not given."""
        return 1 if self.rounds is None else len(self.rounds)

    @property
    def counts(self) -> npt.NDArray[np.int32]:
        """Labels per item and class, int32 (n, k)."""
        key = self.item.astype(np.int64) * self.schema.k + self.label
        flat = np.bincount(key, minlength=self.n_items * self.schema.k)
        return flat.reshape(self.n_items, self.schema.k).astype(np.int32)

    def __len__(self) -> int:
        """Return the number of annotations r."""
        return int(self.item.size)

    def __repr__(self) -> str:
        return harmless("\n".join(self._summary()))

    def _repr_html_(self) -> str:
        head = "<br>".join(html.escape(line) for line in self._summary())
        rows = self.take(np.arange(min(10, len(self)))).to_frame().to_html(escape=True)
        return harmless(f"<div><p>{head}</p>{rows}</div>")

    def _summary(self) -> list[str]:
        names = self.schema.names
        shown = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
        rounds = "" if self.rounds is None else f", {self.n_rounds} rounds"
        return [
            f"Annotations: {len(self):,} labels on {self.n_items:,} items by {self.n_annotators:,} annotators, "
            f"{self.schema.k:,} classes ({self.schema.level}){rounds}",
            f"  classes: {shown}",
            f"  next: labelqa.agreement_table({self._one_round()})",
        ]

    def _one_round(self) -> str:
        if self.rounds is None or self.n_rounds < 2:
            return "annotations"
        return f"annotations.where(round={str(self.rounds[-1])!r})"

    def to_frame(self) -> pd.DataFrame:
        """Return a long table: item, annotator, label and, where known, round, timestamp, duration, item columns."""
        classes = pd.Index(self.schema.classes, tupleize_cols=False)
        out = {
            "item": self.items.take(self.item),
            "annotator": self.annotators.take(self.annotator),
            "label": classes.take(self.label),
        }
        if self.round is not None and self.rounds is not None:
            out["round"] = self.rounds.take(self.round)
        frame = pd.DataFrame({name: index.to_numpy() for name, index in out.items()})
        for name in ("timestamp", "duration"):
            if getattr(self, name) is not None:
                frame[name] = getattr(self, name)
        extra = self.item_data.take(self.item).reset_index(drop=True)
        return pd.concat([frame, extra.rename(columns={c: f"{c}_of_item" for c in extra if c in frame})], axis=1)

    def where(
        self,
        *,
        item: Wanted = None,
        annotator: Wanted = None,
        label: Wanted = None,
        round: Wanted = None,
        item_data: Mapping[str, Wanted] | None = None,
        mask: npt.NDArray[np.bool_] | None = None,
    ) -> Annotations:
        """Return the annotations that meet every condition; the classes stay as they are.

        Parameters
        ----------
        item, annotator, label, round : value or list of values, optional
            Names to keep.
        item_data : mapping of column to value or list of values, optional
            Values of item columns to keep, for example ``{"channel": "chat"}``.
        mask : bool (r,), optional
            Annotations to keep.

        Raises
        ------
        ParameterError
            If a name does not occur in the data.
        """
        keep = np.ones(len(self), dtype=np.bool_) if mask is None else reshape.checked_mask(mask, len(self))
        classes = pd.Index(self.schema.classes, tupleize_cols=False)
        for role, wanted, codes, names in (
            ("item", item, self.item, self.items),
            ("annotator", annotator, self.annotator, self.annotators),
            ("label", label, self.label, classes),
            ("round", round, self.round, self.rounds),
        ):
            if wanted is not None:
                keep &= reshape.matches(role, wanted, codes, names)
        for column, value in (item_data or {}).items():
            keep &= reshape.item_matches(self.item_data, column, value)[self.item]
        found = self.take(np.flatnonzero(keep))
        asked = {"item": item, "annotator": annotator, "label": label, "round": round, **(item_data or {})}
        note = reshape.selection_text(asked, len(found), len(self))
        return replace(found, read_log=found.read_log.adding(notes=[note]))

    def take(self, rows: npt.NDArray[np.intp]) -> Annotations:
        """Return the annotations at positions `rows`; items, annotators and rounds without labels are dropped."""
        item, kept_items = reshape.compress(self.item[rows], self.n_items)
        annotator, kept_annotators = reshape.compress(self.annotator[rows], self.n_annotators)
        changes: dict[str, object] = {
            "item": item,
            "annotator": annotator,
            "label": self.label[rows],
            "items": self.items.take(kept_items),
            "annotators": self.annotators.take(kept_annotators),
            "item_data": self.item_data.take(kept_items).reset_index(drop=True),
            "timestamp": None if self.timestamp is None else self.timestamp[rows],
            "duration": None if self.duration is None else self.duration[rows],
            "origin": None if self.origin is None else self.origin.of_rows(rows),
        }
        if self.round is not None and self.rounds is not None:
            changes["round"], kept_rounds = reshape.compress(self.round[rows], len(self.rounds))
            changes["rounds"] = self.rounds.take(kept_rounds)
        return replace(self, **changes)  # type: ignore[arg-type]  # names and types match the fields above

    def merge_classes(self, merge: Mapping[Hashable, Hashable | Iterable[Hashable]]) -> Annotations:
        """Return a copy in which some classes are one.

        Parameters
        ----------
        merge : mapping
            Either new class -> list of old classes, or old class -> the class it becomes.

        Raises
        ------
        ParameterError
            If an old class does not exist.
        """
        schema, recode = reshape.merged_schema(self.schema, merge)
        note = f"classes merged before measuring: {reshape.merge_text(self.schema, schema, recode)}"
        return replace(self, schema=schema, label=recode[self.label], read_log=self.read_log.adding(notes=[note]))

    def anonymise(self) -> Annotations:
        """Return a copy whose annotators are called A, B, C, ... in the order of their names."""
        new_names = reshape.letters(self.annotators)
        log = self.read_log.with_people_renamed(dict(zip(map(str, self.annotators), new_names, strict=True)))
        files = {old.name: new.name for old, new in zip(self.read_log.sources, log.sources, strict=True)}
        origin = None if self.origin is None else self.origin.with_files_renamed(files)
        return replace(self, annotators=pd.Index(new_names, dtype=object), read_log=log, origin=origin)

    @staticmethod
    def concat(parts: Sequence[Annotations], *, on_duplicate: str = "error") -> Annotations:
        """Join several annotation tables; items and annotators of the same name are the same.

        Raises
        ------
        DuplicateError
            If an annotator labeled an item twice in a round and `on_duplicate` is ``"error"``.
        ParameterError
            If `parts` is empty, levels of measurement differ, or only some parts have rounds.
        """
        whole = [Parts(**{name: getattr(p, name) for name in Parts.__slots__}) for p in parts]
        return Annotations.from_parts(join(whole, on_duplicate))
