"""What was read, how it was understood, and what was set aside."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from labelqa.text import harmless

# Beginnings of entries that a report recognises: worded here once, so that writer and reader cannot drift apart.
EMPTY_CELL = "empty cell"
REPEATED_LABEL = "repeated label"
COLUMNS_NOT_KEPT = "columns that differ between the labels of an item were not kept: "
MAX_ROWS_LISTED = 1000  # row numbers kept per reason; the count is always exact


def repeated_reason(on_duplicate: str) -> str:
    """Return why a second label was set aside; `on_duplicate` says which one counts."""
    return f"{REPEATED_LABEL} of the same annotator for the same item (the {on_duplicate} one counts)"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One file that was read.

    Attributes
    ----------
    name : str
        File name without its folder.
    sha256 : str
        SHA-256 of the bytes of the file.
    format : str
        What the content turned out to be, for example ``"csv"``.
    stem : str
        The name without folder and endings: who labeled, where each annotator has a file.
    details : str
        Separator and encoding, or the sheet.
    rows : int
        Data rows in the file, including those set aside.
    """

    name: str
    sha256: str
    format: str
    stem: str = ""
    details: str = ""
    rows: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """Rows or labels that were read but not used, all for one reason.

    Attributes
    ----------
    reason : str
        Why, in plain words.
    count : int
        How many.
    rows : tuple of int
        Row numbers as a spreadsheet counts them (0-based positions for frames), the first 1,000.
    file : str or None
        The file they are in.
    """

    reason: str
    count: int
    rows: tuple[int, ...] = ()
    file: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where each row of a table came from, so that messages can name file and row.

    Attributes
    ----------
    files : tuple of str
        File names.
    file_of_row : int32 (rows,) or None
        Index into `files`; None where there is one file (or none).
    row_number : int64 (rows,) or None
        Row as a spreadsheet counts it; None stands for ``position + offset``.
    offset : int
        2 for files (the header is row 1), 0 for frames.
    """

    files: tuple[str, ...] = ("frame",)
    file_of_row: npt.NDArray[np.int32] | None = None
    row_number: npt.NDArray[np.int64] | None = None
    offset: int = 0

    def place(self, position: int) -> tuple[str, int]:
        """Return file name and row number of the row at `position`."""
        file = self.files[0 if self.file_of_row is None else int(self.file_of_row[position])]
        row = position + self.offset if self.row_number is None else int(self.row_number[position])
        return file, row

    def of_rows(self, rows: npt.NDArray[np.intp]) -> Origin:
        """Return where the rows at these positions came from; a row may be named more than once."""
        numbers = rows + self.offset if self.row_number is None else self.row_number[rows]
        files = None if self.file_of_row is None else self.file_of_row[rows]
        return replace(self, row_number=numbers.astype(np.int64), file_of_row=files)

    def with_files_renamed(self, names: Mapping[str, str]) -> Origin:
        """Return a copy in which files have the names that `names` (old to new) gives them."""
        return replace(self, files=tuple(names.get(f, f) for f in self.files))

    def set_aside(self, positions: npt.NDArray[np.intp], reason: str) -> list[SetAside]:
        """Return one :class:`SetAside` per file for the rows at `positions`; an empty list where there are none."""
        if positions.size == 0:
            return []
        file_of = np.zeros(positions.size, dtype=np.int32) if self.file_of_row is None else self.file_of_row[positions]
        numbers = positions + self.offset if self.row_number is None else self.row_number[positions]
        return [
            SetAside(
                reason=reason,
                count=int((file_of == f).sum()),
                rows=tuple(numbers[file_of == f][:MAX_ROWS_LISTED].tolist()),
                file=self.files[f],
            )
            for f in np.unique(file_of).tolist()
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLog:
    """How an input became annotations.

    Attributes
    ----------
    layout : {"long", "wide"}
        One row a label, or one column an annotator.
    mapping : mapping of str to str or tuple of str
        Role (item, annotator, label, ...) to the column that was taken for it.
    sources : tuple of SourceFile
        The files read; empty for frames.
    n_rows_read : int
        Data rows read.
    n_labels_used : int
        Labels that became annotations.
    set_aside : tuple of SetAside
        What was read but not used, with reasons and row numbers.
    notes : tuple of str
        Decisions a user should know of, such as labels 0.0/1.0 read as 0/1.
    """

    layout: str = "long"
    mapping: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    sources: tuple[SourceFile, ...] = ()
    n_rows_read: int = 0
    n_labels_used: int = 0
    set_aside: tuple[SetAside, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def n_set_aside(self) -> int:
        """Number of rows or labels that were read but not used."""
        return sum(s.count for s in self.set_aside)

    def adding(self, *, set_aside: Sequence[SetAside] = (), notes: Sequence[str] = ()) -> ReadLog:
        """Return a copy with more entries; a note already there is not repeated."""
        fresh = tuple(n for n in dict.fromkeys(notes) if n not in self.notes)
        return replace(self, set_aside=(*self.set_aside, *set_aside), notes=(*self.notes, *fresh))

    def with_people_renamed(self, names: Mapping[str, str]) -> ReadLog:
        """Return a copy in which annotators `names` (old to new) are not named: not as columns, files or in notes."""
        files = {s.name: s.name.replace(s.stem, names[s.stem]) for s in self.sources if s.stem in names}

        def note(text: str) -> str:
            for old, new in sorted({**files, **names}.items(), key=lambda pair: -len(pair[0])):  # longest names first
                if len(old) > 1 and old in text:  # a single letter names nobody, and would hit words such as "a"
                    text = re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", new, text)
            return text

        return replace(
            self,
            mapping={
                role: tuple(names.get(c, c) for c in col) if isinstance(col, tuple) else col
                for role, col in self.mapping.items()
            },
            sources=tuple(
                replace(s, name=files.get(s.name, s.name), stem=names.get(s.stem, s.stem)) for s in self.sources
            ),
            set_aside=tuple(
                replace(s, file=files.get(s.file, s.file), reason=note(s.reason)) if s.file else s
                for s in self.set_aside
            ),
            notes=tuple(note(n) for n in self.notes),
        )

    def mapping_text(self) -> str:
        """Return the mapping in one line, for example ``item=task, annotator=worker, label=label``."""
        return ", ".join(
            f"{role}={', '.join(col) if isinstance(col, tuple) else col}" for role, col in self.mapping.items()
        )

    def __str__(self) -> str:
        """Return the log as a few readable lines."""
        files = ", ".join(f"{s.name} ({s.format})" for s in self.sources) or "frame"
        lines = [f"{files}: {self.layout} layout, {self.mapping_text()}"]
        lines.append(f"{self.n_rows_read:,} rows read, {self.n_labels_used:,} labels used")
        lines += [f"set aside {s.count:,}: {s.reason}" for s in self.set_aside]
        return harmless("\n".join([*lines, *self.notes]))


def joint_log(logs: Sequence[ReadLog]) -> ReadLog:
    """Return what was read in all of `logs`, with the layout and mapping of the first."""
    whole = logs[0]
    for log in logs[1:]:
        whole = replace(
            whole,
            sources=(*whole.sources, *(s for s in log.sources if s not in whole.sources)),
            n_rows_read=whole.n_rows_read + log.n_rows_read,
            n_labels_used=whole.n_labels_used + log.n_labels_used,
        ).adding(set_aside=log.set_aside, notes=log.notes)
    return whole
