"""Joining several annotation tables into one, with all they know of where they came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations import duplicates, itemdata
from labelqa.annotations.build import Parts
from labelqa.annotations.readlog import Origin, SetAside, joint_log, repeated_reason
from labelqa.annotations.reshape import joint_schema
from labelqa.annotations.rounds import in_order
from labelqa.errors import ParameterError, Problem

Codes = npt.NDArray[np.int32]


def join(parts: Sequence[Parts], on_duplicate: str) -> Parts:
    """Join `parts`; items, annotators, classes and rounds of the same name are the same.

    Raises
    ------
    ParameterError
        If there is no part, levels differ, or only some parts have rounds.
    DuplicateError
        If an annotator labeled an item twice in a round and `on_duplicate` is ``"error"``.
    """
    schema = joint_schema([p.schema for p in parts])
    _check_rounds(parts)
    timestamp, duration = _timestamps(parts), _durations(parts)
    item, items = _shared([p.item for p in parts], [p.items for p in parts])
    annotator, annotators = _shared([p.annotator for p in parts], [p.annotators for p in parts])
    columns = {"item": item, "annotator": annotator}
    columns["label"] = np.concatenate([p.schema.codes_in(schema)[p.label] for p in parts]).astype(np.int32)
    rounds, notes = _rounds(parts, timestamp, columns)
    keep, aside = _without_duplicates(columns, (items, annotators), rounds, on_duplicate)
    extra = pd.concat([p.item_data for p in parts], ignore_index=True)
    item_data, item_notes = itemdata.collect(extra, _item_of_row(parts, items), len(items))
    log = joint_log([p.read_log for p in parts]).adding(set_aside=aside, notes=[*notes, *item_notes])
    return Parts(
        **{name: codes[keep] for name, codes in columns.items()},
        items=items,
        annotators=annotators,
        schema=schema,
        rounds=rounds,
        timestamp=None if timestamp is None else timestamp[keep],
        duration=None if duration is None else duration[keep],
        item_data=item_data,
        read_log=replace(log, n_labels_used=int(keep.size)),
        origin=None,
    )


def _rounds(
    parts: Sequence[Parts], timestamp: npt.NDArray[np.datetime64] | None, columns: dict[str, Codes]
) -> tuple[pd.Index | None, list[str]]:
    """Add the codes of the rounds to `columns`; return their names in order, and notes."""
    names = [p.rounds for p in parts if p.rounds is not None]
    if not names:
        return None, []
    codes, joined = _shared([p.round for p in parts if p.round is not None], names)
    columns["round"], ordered, notes = in_order(codes, joined, timestamp)
    return ordered, notes


def _without_duplicates(
    columns: dict[str, Codes], names: tuple[pd.Index, pd.Index], rounds: pd.Index | None, on_duplicate: str
) -> tuple[npt.NDArray[np.intp], list[SetAside]]:
    """Return the positions to keep and what is set aside, or raise."""
    items, annotators = names
    keys = columns["item"].astype(np.int64) * len(annotators) + columns["annotator"]
    n_rounds = 1 if rounds is None else len(rounds)
    if "round" in columns:
        keys = keys * n_rounds + columns["round"]
    repeated = duplicates.repeated_rows(keys, len(items) * len(annotators) * n_rounds, on_duplicate)
    origin = Origin(files=("joined tables",))
    if repeated.size and on_duplicate == "error":
        who, what = columns["annotator"], columns["item"]
        texts = [
            f"annotator {str(annotators[who[i]])!r} labeled item {str(items[what[i]])!r} again" for i in repeated[:3]
        ]
        raise duplicates.duplicate_error(repeated, origin, texts, int(np.unique(keys[repeated]).size))
    reason = repeated_reason(on_duplicate)
    return np.delete(np.arange(keys.size), repeated), origin.set_aside(repeated, reason)


def _check_rounds(parts: Sequence[Parts]) -> None:
    without = [i for i, p in enumerate(parts) if p.rounds is None]
    if without and len(without) < len(parts):
        raise ParameterError(
            Problem(
                what=f"part {without[0]} has no rounds and others have",
                parameter="parts",
                value=without[0],
                next_step="Give every part a round column, or none.",
            )
        )


def _shared(codes: Sequence[Codes], names: Sequence[pd.Index]) -> tuple[Codes, pd.Index]:
    """Renumber the codes of all parts to one list of names, in order of appearance."""
    every = [name for index in names for name in index]
    positions, joined = pd.factorize(pd.Series(every, dtype=object))
    start = np.cumsum([0, *(len(index) for index in names)])
    recoded = [positions[start[i] : start[i + 1]][c] for i, c in enumerate(codes)]
    return np.concatenate(recoded).astype(np.int32), pd.Index(joined).infer_objects()


def _item_of_row(parts: Sequence[Parts], items: pd.Index) -> Codes:
    position = {name: i for i, name in enumerate(items)}
    return np.array([position[name] for p in parts for name in p.items], dtype=np.int32)


def _timestamps(parts: Sequence[Parts]) -> npt.NDArray[np.datetime64] | None:
    if all(p.timestamp is None for p in parts):
        return None
    missing = np.datetime64("NaT", "ns")
    return np.concatenate([np.full(p.item.size, missing) if p.timestamp is None else p.timestamp for p in parts])


def _durations(parts: Sequence[Parts]) -> npt.NDArray[np.float64] | None:
    if all(p.duration is None for p in parts):
        return None
    return np.concatenate([np.full(p.item.size, np.nan) if p.duration is None else p.duration for p in parts])
