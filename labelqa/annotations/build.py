"""From a long or wide table to checked, integer-coded columns.

The flow: pick columns -> code each (:mod:`coding`) -> clean labels and put the classes in order (:mod:`classes`) ->
drop rows without item, annotator, label or round -> drop duplicates (:mod:`duplicates`) -> keep columns that are
constant within an item (:mod:`itemdata`). Every row that is not used ends in the read log with its reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations import classes as class_rules
from labelqa.annotations import duplicates, itemdata
from labelqa.annotations.classes import BuildOptions
from labelqa.annotations.coding import code_columns, code_values
from labelqa.annotations.frames import as_pandas, check_columns
from labelqa.annotations.readlog import EMPTY_CELL, Origin, ReadLog, SetAside, repeated_reason
from labelqa.annotations.reshape import compress
from labelqa.annotations.rounds import in_order
from labelqa.annotations.schema import LabelSchema
from labelqa.errors import shorten

Codes = npt.NDArray[np.int32]
Coded = tuple[Codes, pd.Index]


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """Which column holds what; None where there is no such column."""

    item: str
    annotator: str
    label: str
    round: str | None = None
    timestamp: str | None = None
    duration: str | None = None

    def named(self) -> dict[str, str]:
        """Return the roles that have a column."""
        pairs = ((name, getattr(self, name)) for name in self.__slots__)
        return {name: column for name, column in pairs if column is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The fields of :class:`labelqa.annotations.table.Annotations`, coded and checked."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class LongColumns:
    """One entry a label, before checks: what both layouts are brought to.

    `source_row` maps an entry to its row in the source (None = the same); `extra` has one row a source row and
    `item_of_source` the item of each.
    """

    item: Coded
    annotator: Coded
    label: Coded
    label_is_ordered: bool = False
    round: Coded | None = None
    round_is_ordered: bool = False
    timestamp: pd.Series | None = None
    duration: pd.Series | None = None
    source_row: npt.NDArray[np.intp] | None = None
    extra: pd.DataFrame = field(default_factory=pd.DataFrame)
    item_of_source: Codes
    no_label: str = "no label"


def from_long(
    df: object, roles: Roles, options: BuildOptions, *, origin: Origin | None = None, log: ReadLog | None = None
) -> Parts:
    """Build from one row a label; `origin` and `log` are what a file reader knows already."""
    frame = as_pandas(df)
    origin = origin or Origin()
    check_columns(frame, roles.named(), None if origin.files == ("frame",) else origin.files[0])
    item, annotator, label = code_columns(frame[roles.item], frame[roles.annotator], frame[roles.label])
    named = roles.named()
    columns = LongColumns(
        item=item,
        annotator=annotator,
        label=label,
        label_is_ordered=_is_ordered(frame[roles.label]),
        round=code_values(frame[roles.round]) if roles.round else None,
        round_is_ordered=roles.round is not None and _is_ordered(frame[roles.round]),
        timestamp=frame[roles.timestamp] if roles.timestamp else None,
        duration=frame[roles.duration] if roles.duration else None,
        extra=frame[[c for c in frame.columns if c not in named.values()]],
        item_of_source=item[0],
    )
    return assemble(columns, options, origin, log or ReadLog(mapping=named, n_rows_read=len(frame)))


def from_wide(
    df: object,
    annotators: Sequence[str] | None,
    item: str | None,
    options: BuildOptions,
    *,
    round: str | None = None,
    origin: Origin | None = None,
    log: ReadLog | None = None,
) -> Parts:
    """Build from one row an item (and round) and one column an annotator."""
    frame = as_pandas(df)
    origin = origin or Origin()
    chosen = [c for c in frame.columns if c not in (item, round)] if annotators is None else list(annotators)
    single = {role: c for role, c in (("item", item), ("round", round)) if c is not None}
    wanted = {f"annotator {i + 1}": c for i, c in enumerate(chosen)} | single
    check_columns(frame, wanted, None if origin.files == ("frame",) else origin.files[0])
    n, m = len(frame), len(chosen)
    codes, names = code_values(frame[item]) if item is not None else (np.arange(n, dtype=np.int32), pd.RangeIndex(n))
    columns = LongColumns(
        item=(np.repeat(codes, m), names),
        annotator=(np.tile(np.arange(m, dtype=np.int32), n), pd.Index(chosen, dtype=object)),
        label=code_values(_interleaved(frame, chosen), keep_unused=True),
        round=None if round is None else _repeated(code_values(frame[round]), m),
        round_is_ordered=round is not None and _is_ordered(frame[round]),
        source_row=np.repeat(np.arange(n), m),
        extra=frame[[c for c in frame.columns if c not in wanted.values()]],
        item_of_source=codes,
        no_label=f"{EMPTY_CELL}: no label by that annotator",
    )
    mapping: dict[str, str | tuple[str, ...]] = dict(single)
    mapping["annotators"] = tuple(str(c) for c in chosen)
    return assemble(columns, options, origin, log or ReadLog(layout="wide", mapping=mapping, n_rows_read=n))


def assemble(columns: LongColumns, options: BuildOptions, origin: Origin, log: ReadLog) -> Parts:
    """Check and clean `columns`: the one way into an annotations table."""
    cleaned = class_rules.clean(*columns.label, options.cleaning)
    origin = origin if columns.source_row is None else origin.of_rows(columns.source_row)
    label, schema, notes = class_rules.order_classes(
        cleaned.codes, cleaned.names, options, origin, keep_order=columns.label_is_ordered
    )
    coded = {"item": columns.item[0], "annotator": columns.annotator[0], "label": label}
    if columns.round is not None:
        coded["round"] = columns.round[0]
    keep, aside = _complete(coded, cleaned.cannot_tell, columns.no_label, origin)
    keep, repeated = _without_duplicates(coded, keep, columns, options.on_duplicate, origin)
    coded = coded if keep is None else {name: codes[keep] for name, codes in coded.items()}
    item_data, item_notes = itemdata.collect(columns.extra, columns.item_of_source, len(columns.item[1]))
    timestamp, duration, time_notes = _times(columns, keep)
    annotators, people_notes = _present_annotators(coded, columns.annotator[1])
    rounds: pd.Index | None = None
    round_notes: list[str] = []
    if columns.round is not None:
        declared = columns.round_is_ordered
        coded["round"], rounds, round_notes = in_order(coded["round"], columns.round[1], timestamp, declared=declared)
    decisions = [*cleaned.notes, *notes, *people_notes, *round_notes, *item_notes, *time_notes]
    log = log.adding(set_aside=[*aside, *repeated], notes=decisions)
    return Parts(
        **coded,
        items=columns.item[1],
        annotators=annotators,
        schema=schema,
        rounds=rounds,
        timestamp=timestamp,
        duration=duration,
        item_data=item_data,
        read_log=replace(log, n_labels_used=int(coded["item"].size)),
        origin=origin if keep is None else origin.of_rows(keep),
    )


def _is_ordered(labels: pd.Series) -> bool:
    return isinstance(labels.dtype, pd.CategoricalDtype) and bool(labels.cat.ordered)


def _present_annotators(coded: dict[str, Codes], names: pd.Index) -> tuple[pd.Index, list[str]]:
    """Renumber annotators in place to those who gave a label; return their names and a note on the others."""
    coded["annotator"], kept = compress(coded["annotator"], len(names))
    if kept.size == len(names):
        return names, []
    absent = names.delete(kept)
    return names.take(kept), [f"{len(absent)} annotators gave no label and are not counted: {shorten(absent)}"]


def _repeated(coded: Coded, m: int) -> Coded:
    """Give each of the m entries of a source row the row's value."""
    return np.repeat(coded[0], m), coded[1]


def _interleaved(frame: pd.DataFrame, columns: Sequence[str]) -> pd.Series:
    """Stack the annotators' columns row by row: all labels of the first item first."""
    stacked = pd.concat([frame[c] for c in columns], ignore_index=True)
    order = np.arange(len(stacked)).reshape(len(columns), len(frame)).T.ravel()
    return stacked.take(order).reset_index(drop=True)


def _complete(
    coded: dict[str, Codes], cannot_tell: npt.NDArray[np.bool_] | None, no_label: str, origin: Origin
) -> tuple[npt.NDArray[np.intp] | None, list[SetAside]]:
    """Return the entries that have every role (None = all) and what is set aside for lack of one."""
    reasons = {"item": "no item", "annotator": "no annotator", "round": "no round", "label": no_label}
    remaining: npt.NDArray[np.bool_] | None = None
    aside: list[SetAside] = []
    for role in ("item", "annotator", "round", "label"):
        if role not in coded or coded[role].min(initial=0) >= 0:
            continue
        missing = coded[role] < 0
        fresh = missing if remaining is None else missing & remaining
        unsure = fresh & cannot_tell if role == "label" and cannot_tell is not None else np.zeros_like(fresh)
        aside += origin.set_aside(np.flatnonzero(fresh & ~unsure), reasons[role])
        aside += origin.set_aside(np.flatnonzero(unsure), "label means cannot tell")
        remaining = ~missing if remaining is None else remaining & ~missing
    return (None if remaining is None else np.flatnonzero(remaining)), aside


def _without_duplicates(
    coded: dict[str, Codes],
    keep: npt.NDArray[np.intp] | None,
    columns: LongColumns,
    on_duplicate: str,
    origin: Origin,
) -> tuple[npt.NDArray[np.intp] | None, list[SetAside]]:
    """Drop second labels from `keep`, or raise."""
    m = len(columns.annotator[1])
    rounds = 1 if columns.round is None else len(columns.round[1])
    n_keys = len(columns.item[1]) * m * rounds
    # Half the memory traffic where it fits; this is on the path of every reading.
    keys = np.multiply(coded["item"], m, dtype=np.int32 if n_keys < 2**31 else np.int64)
    keys += coded["annotator"]
    if "round" in coded:
        keys = keys * rounds + coded["round"]
    keys = keys if keep is None else keys[keep]
    rows = duplicates.repeated_rows(keys, n_keys, on_duplicate)
    if rows.size == 0:
        return keep, []
    positions = rows if keep is None else keep[rows]
    if on_duplicate == "error":
        used = np.arange(coded["item"].size) if keep is None else keep
        firsts = [int(used[np.argmax(keys == keys[row])]) for row in rows[:3]]
        texts = [
            f"{_duplicate_text(int(p), coded, columns)} (first in {_spot(origin, first)})"
            for p, first in zip(positions[:3], firsts, strict=True)
        ]
        raise duplicates.duplicate_error(positions, origin, texts, int(np.unique(keys[rows]).size))
    left = np.ones(keys.size, dtype=np.bool_)
    left[rows] = False
    kept = np.flatnonzero(left) if keep is None else keep[left]
    return kept, origin.set_aside(positions, repeated_reason(on_duplicate))


def _duplicate_text(position: int, coded: dict[str, Codes], columns: LongColumns) -> str:
    item = columns.item[1][coded["item"][position]]
    annotator = columns.annotator[1][coded["annotator"][position]]
    where = f" in round {columns.round[1][coded['round'][position]]}" if columns.round is not None else ""
    return f"annotator {str(annotator)!r} labeled item {str(item)!r} again{where}"


def _spot(origin: Origin, position: int) -> str:
    file, row = origin.place(position)
    return f"row {row}" if len(origin.files) == 1 else f"{file} row {row}"


def _times(
    columns: LongColumns, keep: npt.NDArray[np.intp] | None
) -> tuple[npt.NDArray[np.datetime64] | None, npt.NDArray[np.float64] | None, list[str]]:
    notes = []
    timestamp = duration = None
    if columns.timestamp is not None:
        timestamp, bad = itemdata.parse_times(columns.timestamp)
        timestamp = timestamp if keep is None else timestamp[keep]
        notes += [f"{bad:,} values in the timestamp column are not times and were left empty"] if bad else []
    if columns.duration is not None:
        duration, bad = itemdata.parse_durations(columns.duration)
        duration = duration if keep is None else duration[keep]
        notes += [f"{bad:,} values in the duration column are not numbers and were left empty"] if bad else []
    return timestamp, duration, notes
