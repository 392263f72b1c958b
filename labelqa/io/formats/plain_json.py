"""JSON that no tool shaped: a list of flat objects, or one object a line, is a table with a row each."""

from __future__ import annotations

import numpy as np
import pandas as pd

from labelqa.annotations.frames import check_names
from labelqa.annotations.readlog import SourceFile
from labelqa.errors import FileFormatError, Problem
from labelqa.io.formats import registry
from labelqa.io.formats.answers import payload_frame
from labelqa.io.formats.documents import Document
from labelqa.io.tables import Table


def read(document: Document) -> Table:
    """Return the records as a table.

    Raises
    ------
    FileFormatError
        If they are no objects, or a single one.
    ColumnError
        If a name occurs twice once spaces around it are gone.
    """
    records = [record for _, record in document.decoded(object)]
    places = [document.place(at) for at in range(len(records))]
    wrong = [at for at, record in enumerate(records) if not isinstance(record, dict)]
    if document.single or wrong or not records:
        raise _no_records(document, places[wrong[0]] if wrong else None)
    frame = payload_frame(records, document.name)  # type: ignore[arg-type]  # each is a mapping
    frame.columns = pd.Index([str(c).strip() for c in frame.columns])
    check_names(list(frame.columns), document.name)
    return Table(
        frame=frame,
        name=document.name,
        stem=document.stem,
        row_number=np.asarray(places, dtype=np.int64),
        source=SourceFile(name=document.name, sha256="", format="json", stem=document.stem, rows=len(frame)),
    )


def _no_records(document: Document, row: int | None) -> FileFormatError:
    if row is not None:
        what = "this entry is no JSON object"
    elif not document.records:
        what = "the list is empty"
    else:
        what = "this JSON is one object, and no list of labels or tasks"
    return FileFormatError(
        Problem(
            what=what,
            file=document.name,
            row=row,
            value="JSON",
            next_step=f"Tried: {registry.tried('records')}; and a list of flat objects, one a label.",
        )
    )
