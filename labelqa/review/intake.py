"""What comes into a project: items, a share of them held out, and the rounds of labels that exist already."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.table import Annotations
from labelqa.errors import ColumnError, Problem
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
        there = set(writer.item_ids(project.id))
        fresh = {i: p for i, p in known.items() if i not in there}
        writer.add_items(ItemRecord(project_id=project.id, item=i, payload=p) for i, p in known.items() if i in there)
        add_item_records(writer, project, fresh)
        project.tell(writer, "items_added", actor, added=len(fresh), known_before=len(known) - len(fresh))
    return len(fresh)


def item_payloads(items: pd.DataFrame) -> dict[str, dict[str, object]]:
    """Return what is known of each item, JSON-safe, by id.

    Raises
    ------
    ColumnError
        If ids are missing or occur twice.
    """
    frame = items.set_index("item") if "item" in items.columns else items
    ids = [None if pd.isna(i) else str(i) for i in frame.index]
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


def add_item_records(writer: Writer, project: Project, known: Mapping[str, Mapping[str, object]]) -> None:
    """Store new items, a share of them held out by chance."""
    if not known:
        return
    settings = writer.project(project.name).settings
    share = float(str(settings["held_out"]))
    rng = np.random.default_rng([int(str(settings["seed"])), writer.count_items(project.id)])
    held = _held_out(known, share, rng)
    writer.add_items(
        ItemRecord(project_id=project.id, item=item, payload=payload, held_out=bool(out))
        for (item, payload), out in zip(known.items(), held, strict=True)
    )


def _held_out(
    known: Mapping[str, Mapping[str, object]], share: float, rng: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """Choose items (n,); copies of one text go together, so that none is seen beside its held-out twin."""
    groups = [canonical_json(payload) if payload else item.encode() for item, payload in known.items()]
    if not share:
        return np.zeros(len(known), dtype=np.bool_)
    if len(set(groups)) < 2:
        return np.repeat(rng.random() < share, len(known))
    return split_held_out(list(known), share, rng, groups)


def import_rounds(writer: Writer, project: Project, annotations: Annotations, actor: str) -> None:
    """Store labels as closed rounds under the first version of the guideline, their annotators as people."""
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
        project.tell(writer, "round_closed", actor, round=number, purpose=IMPORTED, labels=len(said))


def _labels_of(
    writer: Writer, project: Project, annotations: Annotations, at: npt.NDArray[np.intp], number: int
) -> Iterator[LabelRecord]:
    items, people = annotations.items.astype(str), annotations.annotators.astype(str)
    classes = [str(c) for c in annotations.schema.classes]
    times = None if annotations.timestamp is None else np.datetime_as_string(annotations.timestamp, unit="us")
    for row in at:
        seconds = math.nan if annotations.duration is None else float(annotations.duration[row])
        yield LabelRecord(
            project_id=project.id,
            uuid=writer.new_id(),
            item=items[annotations.item[row]],
            annotator=people[annotations.annotator[row]],
            label=classes[annotations.label[row]],
            round=number,
            guideline_version=1,
            seconds=None if math.isnan(seconds) else seconds,
            created_utc="" if times is None or times[row] == "NaT" else f"{times[row]}Z",
        )


def known_items(annotations: Annotations | None, items: pd.DataFrame | None) -> dict[str, dict[str, object]]:
    """Return what is known of all items, by id."""
    known: dict[str, dict[str, object]] = {}
    if annotations is not None:
        data = annotations.item_data.set_axis(annotations.items.astype(str), axis=0).rename_axis(None)
        known = item_payloads(data[[c for c in data.columns if c != "item"]])
    for item, payload in ({} if items is None else item_payloads(items)).items():
        known[item] = known.get(item, {}) | payload
    return known


def _known(columns: Sequence[str], row: Sequence[object]) -> dict[str, object]:
    pairs = zip(columns, row, strict=True)
    return {c: v for c, v in ((c, json_safe(v)) for c, v in pairs) if v is not None}
