"""The answers in one file, collected while its records are read, as a table that knows its own columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
import pandas as pd

from labelqa.annotations.readlog import MAX_ROWS_LISTED, SetAside, SourceFile
from labelqa.errors import FileFormatError, Problem
from labelqa.io.tables import Table
from labelqa.io.words import item_score, take_apart

OWN_ITEM = 3.5  # a name score that says item, and can be little else
TOOL_ITEM = "item of the tool"  # what Table.metadata calls the column of the tool's own ids
ANSWERS = "answers"  # likewise where they are: in "columns" like those of the data
ROLES = ("item", "annotator", "label", "timestamp", "duration", "round", "question", "text")
MAX_KEYS = 2000  # columns of items: with a key for each record a table would be the square of the file


@dataclass(slots=True, kw_only=True)
class Answers:
    """Answers of people, one after the other, and what their items hold.

    Attributes
    ----------
    name, stem : str
        What messages call the file, and its name without endings.
    format : str
        Name of the format.
    kind : {"classes", "sets", "spans", "boxes"}
        What the labels are, as :class:`labelqa.io.tables.Table` has them.
    kinds : mapping of question to kind
        Likewise, for questions whose labels are of another kind.
    fields : mapping of role to str
        What the file calls what is read: shown as the mapping, in the read log.
    payload : list of mapping
        What is known of each item, in the order of :meth:`begin`.
    """

    name: str
    stem: str
    format: str
    kind: str = "classes"
    kinds: dict[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    details: str = ""
    payload: list[Mapping[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _cells: dict[str, list[Any]] = field(default_factory=lambda: {role: [] for role in ROLES})
    _row: list[int] = field(default_factory=list)
    _of: list[int] = field(default_factory=list)
    _aside: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def begin(self, payload: Mapping[str, Any]) -> None:
        """Start an item: the answers that follow are on it; `payload` is what is known of it beside its name."""
        self.payload.append(payload)

    def add(  # noqa: PLR0913  # one keyword a role
        self,
        row: int,
        *,
        item: object,
        label: object,
        annotator: object = None,
        timestamp: object = None,
        duration: object = None,
        round: object = None,
        question: object = None,
        text: object = None,
    ) -> None:
        """Take one answer in; `row` is the number of its record, as messages give it."""
        cells = self._cells
        cells["item"].append(item)
        cells["label"].append(label)
        cells["annotator"].append(annotator)
        cells["timestamp"].append(timestamp)
        cells["duration"].append(duration)
        cells["round"].append(round)
        cells["question"].append(question)
        cells["text"].append(text)
        self._row.append(row)
        self._of.append(len(self.payload) - 1)

    def extend(self, rows: Sequence[int], of: Sequence[int], cells: Mapping[str, Sequence[Any]]) -> None:
        """Take many answers in at once: the number of each record, the position of its item, and a column a role."""
        for role, column in self._cells.items():
            column += cells[role] if role in cells else [None] * len(rows)
        self._row += rows
        self._of += of

    def set_aside(self, row: int, reason: str) -> None:
        """Count one answer that is not used."""
        self._aside[reason].append(row)

    def keep_gold(self, gold: Sequence[tuple[int, str, Any]]) -> None:
        """Keep adjudications, of an item and a question each, as columns of the items; they are no answers."""
        taken = {key for one in self.payload for key in one} if gold else set()
        several = len({name for _, name, _ in gold}) > 1
        names = {name: free(f"gold {name}" if several else "gold", taken) for _, name, _ in gold}
        for at, name, cell in gold:
            self.payload[at] = {**self.payload[at], names[name]: cell}

    def table(self) -> Table:
        """Return all answers, one row each.

        Raises
        ------
        FileFormatError
            If there is none.
        """
        if not self._row:
            raise self._nothing()
        frame, own = self._payload()
        roles: dict[str, str] = {}
        for role, cells in self._cells.items():
            if role not in ("item", "label") and all(c is None for c in cells):
                continue
            title = self.fields.get(role, role)
            is_told = role != "question" and title in frame.columns
            if is_told and frame[title].tolist() == cells:  # the item's own column says the same
                roles[role] = title
                continue
            name = title if title not in frame.columns else free(f"({title})", frame.columns)
            frame[name] = pd.Series(cells, index=frame.index, dtype=object)
            roles[role] = name
        known = {TOOL_ITEM: roles["item"]}
        roles |= {} if own is None else {"item": own}
        rows = np.asarray(self._row, dtype=np.int64)
        aside = tuple(
            SetAside(reason=reason, count=len(at), rows=tuple(at[:MAX_ROWS_LISTED]), file=self.name)
            for reason, at in self._aside.items()
        )
        return Table(
            frame=frame,
            name=self.name,
            stem=self.stem,
            row_number=rows,
            source=SourceFile(
                name=self.name, sha256="", format=self.format, stem=self.stem, details=self.details, rows=len(frame)
            ),
            set_aside=aside,
            notes=tuple(self.notes),
            roles=roles,
            kind=self.kind,
            kinds=self.kinds,
            metadata=known,
        )

    def _payload(self) -> tuple[pd.DataFrame, str | None]:
        """Return what is known of the item of each answer, and the column that names items better than the tool."""
        of = np.asarray(self._of, dtype=np.intp)
        items = payload_frame(self.payload, self.name)
        own = own_item(items)
        return items.take(np.maximum(of, 0)).reset_index(drop=True), own

    def _nothing(self) -> FileFormatError:
        reasons = "; ".join(f"{len(at):,} {reason}" for reason, at in self._aside.items())
        return FileFormatError(
            Problem(
                what=f"there is not one answer in this file of format {self.format}"
                + (f" ({reasons})" * bool(reasons)),
                file=self.name,
                value=self.format,
                next_step="Export the finished annotations, not only the tasks.",
            )
        )


def payload_frame(payload: Sequence[Mapping[str, Any]], file: str | None) -> pd.DataFrame:
    """Return one row a mapping; lists and objects become JSON text, which compares and prints.

    Raises
    ------
    FileFormatError
        If there are more different keys than `MAX_KEYS`.
    """
    names: dict[str, None] = {}
    for one in payload:
        if not names.keys() >= one.keys():
            names |= dict.fromkeys(one)
        if len(names) > MAX_KEYS:
            what = f"the records have more than {MAX_KEYS:,} different keys, as if each had its own"
            step = "Give the same thing the same key in all records; what differs belongs into values."
            raise FileFormatError(Problem(what=what, file=file, next_step=step))
    columns = {str(n): pd.Series(_flat([one.get(n) for one in payload]), dtype=object) for n in names}
    return pd.DataFrame(columns, index=pd.RangeIndex(len(payload)))


def own_item(items: pd.DataFrame) -> str | None:
    """Return the column that names the items in the user's own words: called so, and another one for each item.

    The tools number their tasks; a name that came with the data joins with the user's other files.
    """
    named = [c for c in items.columns if item_score(take_apart(c)) >= OWN_ITEM]
    fit = [c for c in named if items[c].notna().all() and items[c].nunique() == len(items) > 0]
    return max(fit, key=lambda c: item_score(take_apart(c)), default=None)


def _flat(cells: list[Any]) -> list[Any]:
    if {dict, list}.isdisjoint(map(type, cells)):
        return cells
    encode = msgspec.json.Encoder(order="sorted").encode
    return [encode(c).decode() if isinstance(c, dict | list) else c for c in cells]


def free(name: str, taken: Iterable[str]) -> str:
    """Return `name`, or one made of it that is not taken."""
    used = set(taken)
    return next(n for n in (name, *(f"{name} {i}" for i in range(2, len(used) + 3))) if n not in used)
