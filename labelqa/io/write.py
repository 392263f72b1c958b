"""Write labels to files that other tools read: the one public entry."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from labelqa.annotations.table import Annotations
from labelqa.errors import ParameterError, Problem, check_choice
from labelqa.io.whole import write_whole
from labelqa.io.writers.cells import Content
from labelqa.io.writers.names import NAMES, TARGETS
from labelqa.text import counted, harmless


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class WrittenFile:
    """What was written.

    Attributes
    ----------
    path : Path
        The file.
    format : str
        Its format.
    n_rows : int
        Rows or records in it.
    notes : tuple of str
        What was left out, renamed or changed, and what to do with the file.
    """

    path: Path
    format: str
    n_rows: int
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        title = next(t.title for t in TARGETS if t.name == self.format)
        head = f"WrittenFile: {counted(self.n_rows, 'row')} in {self.path.name} ({title})"
        return harmless("\n".join([head, *(f"  {note}" for note in self.notes)]))


def write_annotations(
    annotations: Annotations,
    path: str | os.PathLike[str],
    format: str | None = None,
    *,
    columns: Sequence[str] | None = None,
) -> WrittenFile:
    """Write labels, or their items as tasks to label again, to a file; all of it or nothing.

    Parameters
    ----------
    annotations : Annotations
        What to write.
    path : path
        Where to. A file that is there is replaced.
    format : {"csv", "parquet", "wide_csv", "label_studio", "prodigy", "huggingface"}, optional
        By default what the ending says: ``.csv``, ``.parquet``, ``.json`` (Label Studio), ``.jsonl`` (Prodigy).
        ``csv`` and ``parquet`` have one row a label, ``wide_csv`` one row an item and one column an annotator.
        ``label_studio`` and ``prodigy`` are tasks to label again, blind: without labels and names. ``huggingface`` is
        Parquet with one row an item: the majority (-1 where there is none), ``soft_label`` with the share of each
        class, each label, and the names of the classes in the metadata.
    columns : list of str, optional
        Item columns to write. By default all; of tasks to label again those that do not tell what others said.

    Returns
    -------
    WrittenFile
        With notes on everything that the format could not hold as it was.

    Raises
    ------
    ParameterError
        If the format is not known, cannot hold what there is to write, or there is no such place.
    OSError
        If the file cannot be written; what was there is as before.

    Notes
    -----
    In CSV a text that a spreadsheet would run as a formula (it begins with =, +, -, @, a tab or a line end, and is no
    number) gets an apostrophe in front. :func:`read_annotations` takes one apostrophe away where such a text follows,
    in any CSV or Excel file, and its ``read_log`` counts them.

    Examples
    --------
    >>> import pandas as pd, tempfile, labelqa as lq
    >>> wide = pd.DataFrame({"ana": ["spam", "ham"], "ben": ["spam", "=1+1"]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     lq.write_annotations(lq.Annotations.from_wide(wide), f"{folder}/labels.csv")
    WrittenFile: 4 rows in labels.csv (long CSV: one row a label)
      1 cell begins like a spreadsheet formula (=, +, -, @) and got a ' in front, so that nothing is run when the file is opened; labelqa takes it away again on reading
    """  # noqa: E501  # the output of the example
    _check_type(annotations)
    name = format_of(path) if format is None else format
    check_choice("format", name, NAMES)
    content = content_of(annotations, name, columns)
    return WrittenFile(path=write_whole(path, content.data), format=name, n_rows=content.n_rows, notes=content.notes)


def _check_type(annotations: object) -> None:
    if not isinstance(annotations, Annotations):
        what = f"{type(annotations).__name__} was given, but Annotations are what can be written"
        raise ParameterError(Problem(what=what, parameter="annotations", value=type(annotations).__name__))


def content_of(annotations: Annotations, format: str, columns: Sequence[str] | None = None) -> Content:
    """Return what a file of one of the formats in ``NAMES`` is to hold."""
    target = next(t for t in TARGETS if t.name == format)
    content: Content = import_module(f"labelqa.io.writers.{target.module}").write(annotations, columns)
    return content


def format_of(path: str | os.PathLike[str]) -> str:
    """Return the format that the ending of a file names.

    Raises
    ------
    ParameterError
        If it names none.
    """
    ending = Path(path).suffix.lower()
    found = next((t.name for t in TARGETS if ending in t.endings), None)
    if found is None:
        endings = tuple(e for t in TARGETS for e in t.endings)
        raise ParameterError(
            Problem(
                what=f"the ending of {Path(path).name!r} names no format",
                parameter="format",
                value=ending,
                allowed=endings,
                next_step=f"Name the format: {', '.join(NAMES)}.",
            )
        )
    return found
