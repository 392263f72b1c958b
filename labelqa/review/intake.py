"""What comes into a project: items, a share of them held out, and the rounds of labels that exist already."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.coding import integral_as_int
from labelqa.annotations.table import Annotations
from labelqa.errors import ColumnError, Problem, shorten
from labelqa.results import json_safe
from labelqa.review.manifest import canonical_json
from labelqa.review.project import Project
from labelqa.review.roles import ANNOTATOR
from labelqa.review.sampling import split_held_out
from labelqa.store.records import ItemRecord, LabelRecord, PersonRecord, RoundRecord
from labelqa.store.writer import Writer
from labelqa.text import counted

IMPORTED = "import"  # purpose of a round whose labels came with the project


def add_items(project: Project, items: pd.DataFrame, *, actor: str) -> int:
    """Add items to a project; the same share of them as of the first is held out.

    Parameters
    ----------
    project : Project
        Where to.
    items : DataFrame (n, columns)
        By an ``item`` column (or the index); the other columns are what is known of them.
    actor : str
        Who adds them.

    Returns
    -------
    int
        How many were new; items that are there with the same data are passed over.

    Raises
    ------
    StoreError
        If an item is there with other data.
    """
    known = item_payloads(items)
    with project.writing(actor, "add_items") as writer:
        there = {r.item: r for r in writer.items(project.id)}
        fresh = {i: p for i, p in known.items() if i not in there}
        writer.add_items(replace(there[i], payload=p) for i, p in known.items() if i in there)
        add_item_records(writer, project, fresh, there.values())
        project.tell(writer, "items_added", actor, {"added": len(fresh), "known_before": len(known) - len(fresh)})
    return len(fresh)


def item_payloads(items: pd.DataFrame) -> dict[str, dict[str, object]]:
    """Return what is known of each item, JSON-safe, by id.

    Raises
    ------
    ColumnError
        If ids are missing or occur twice.
    """
    frame = items.set_index("item") if "item" in items.columns else items
    ids = _ids(frame.index)
    problems = []
    missing = sum(i is None or not i.strip() for i in ids)
    if missing:
        problems.append(Problem(what=f"{counted(missing, 'row')} of items have no item id", parameter="item"))
    twice = pd.Index([i for i in ids if i is not None])
    twice = twice[twice.duplicated()].unique()
    if len(twice):
        what = f"{counted(len(twice), 'item')} occur twice, for example {twice[0]!r}"
        problems.append(Problem(what=what, parameter="item", value=twice[0], next_step="Keep one row an item."))
    if problems:
        raise ColumnError(problems)
    columns = [str(c) for c in frame.columns]
    rows = frame.itertuples(index=False, name=None)
    return {str(i): _known(columns, row) for i, row in zip(ids, rows, strict=True)}


def _ids(index: pd.Index) -> list[str | None]:
    """Return ids as text; numbers with gaps, which frames hold as 1.0, are the ids 1, 2, ... as in annotations."""
    if index.dtype.kind == "f":
        index = pd.Index(integral_as_int(index.to_series()))
    return [None if i is None or i is pd.NA or i != i else str(i) for i in index]


def add_item_records(
    writer: Writer, project: Project, known: Mapping[str, Mapping[str, object]], there: Iterable[ItemRecord] = ()
) -> None:
    """Store new items, a share of them held out by chance; a copy of what is there goes with it."""
    if not known:
        return
    settings = writer.project(project.name).settings
    share = float(str(settings["held_out"]))
    rng = np.random.default_rng([int(str(settings["seed"])), writer.count_items(project.id)])
    twins = {canonical_json(r.payload): r.held_out for r in there if r.payload}
    copies = [canonical_json(payload) if payload else item.encode() for item, payload in known.items()]
    chosen = _held_out(list(known), copies, share, rng)
    held = [twins.get(copy, bool(out)) for copy, out in zip(copies, chosen, strict=True)]
    writer.add_items(
        ItemRecord(project_id=project.id, item=item, payload=payload, held_out=out)
        for (item, payload), out in zip(known.items(), held, strict=True)
    )


def _held_out(
    items: Sequence[str], copies: Sequence[bytes], share: float, rng: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """Choose items (n,); copies of one text go together, so that none is seen beside its held-out twin."""
    if not share:
        return np.zeros(len(items), dtype=np.bool_)
    if len(set(copies)) < 2:
        return np.repeat(rng.random() < share, len(items))
    return split_held_out(items, share, rng, copies)


def import_rounds(writer: Writer, project: Project, annotations: Annotations, actor: str) -> None:
    """Store labels as closed rounds under the first version of the guideline, their annotators as people."""
    check_apart("annotator", annotations.annotators)
    for person in annotations.annotators.astype(str):
        if writer.person(project.id, person) is None:
            writer.put_person(PersonRecord(project_id=project.id, name=person, role=ANNOTATOR, added_by=actor))
    codes = np.zeros(len(annotations), dtype=np.int64) if annotations.round is None else np.asarray(annotations.round)
    for number, code in enumerate(np.unique(codes), start=1):
        at = np.flatnonzero(codes == code)
        said = list(_labels_of(writer, project, annotations, at, number))
        writer.add_round(
            RoundRecord(
                project_id=project.id,
                number=number,
                name="" if annotations.rounds is None else str(annotations.rounds[code]),
                purpose=IMPORTED,
                guideline_version=1,
                design={"annotators": sorted({label.annotator for label in said})},
                state="closed",
                created_by=actor,
            )
        )
        writer.add_labels(said)
        project.tell(writer, "round_closed", actor, {"round": number, "purpose": IMPORTED, "labels": len(said)})


def _labels_of(
    writer: Writer, project: Project, annotations: Annotations, at: npt.NDArray[np.intp], number: int
) -> Iterator[LabelRecord]:
    names = (annotations.items, annotations.annotators, annotations.schema.classes)
    items, people, classes = ([str(name) for name in some] for some in names)
    codes = (annotations.item[at].tolist(), annotations.annotator[at].tolist(), annotations.label[at].tolist())
    empty = np.full(len(at), np.nan)
    duration = (empty if annotations.duration is None else annotations.duration[at]).tolist()
    timestamp = empty.astype("datetime64[us]") if annotations.timestamp is None else annotations.timestamp[at]
    times = np.datetime_as_string(timestamp, unit="us").tolist()
    for item, person, label, seconds, time in zip(*codes, duration, times, strict=True):
        yield LabelRecord(
            project_id=project.id,
            uuid=writer.new_id(),
            item=items[item],
            annotator=people[person],
            label=classes[label],
            round=number,
            guideline_version=1,
            seconds=None if math.isnan(seconds) else seconds,
            created_utc="" if time == "NaT" else f"{time}+00:00",
        )


def known_items(annotations: Annotations | None, items: pd.DataFrame | None) -> dict[str, dict[str, object]]:
    """Return what is known of all items, by id."""
    known: dict[str, dict[str, object]] = {}
    if annotations is not None:
        check_apart("item", annotations.items)
        data = annotations.item_data.set_axis(annotations.items.astype(str), axis=0).rename_axis(None)
        known = item_payloads(data[[c for c in data.columns if c != "item"]])
    for item, payload in ({} if items is None else item_payloads(items)).items():
        known[item] = known.get(item, {}) | payload
    return known


def check_apart(role: str, names: Iterable[Hashable]) -> None:
    """Raise :class:`ColumnError` if two names are the same text, like 1 and "1": a project keeps names as text."""
    times = Counter(str(name) for name in names)
    twice = [name for name, n in times.items() if n > 1]
    if twice:
        what = f"{counted(len(twice), role)} would become one, as text: {shorten(map(repr, twice))}"
        step = "Give them names that differ as text."
        raise ColumnError(Problem(what=what, parameter=role, value=twice[0], next_step=step))


def _known(columns: Sequence[str], row: Sequence[object]) -> dict[str, object]:
    pairs = zip(columns, row, strict=True)
    return {c: v for c, v in ((c, json_safe(v)) for c, v in pairs) if v is not None}
