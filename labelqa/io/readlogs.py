"""What is told of reading: the log that begins it, and the error where nothing was found."""

from __future__ import annotations

from collections.abc import Sequence

from labelqa.annotations.readlog import ReadLog
from labelqa.errors import LabelError, Problem, shorten
from labelqa.io.tables import Table


def log_of(tables: Sequence[Table], notes: Sequence[str]) -> ReadLog:
    """Return the log of files that were read and not yet understood."""
    return ReadLog(
        sources=tuple(t.source for t in tables if t.source is not None),
        n_rows_read=sum(t.n_rows_read for t in tables),
        set_aside=tuple(s for t in tables for s in t.set_aside),
    ).adding(notes=[*notes, *(n for t in tables for n in t.notes)])


def no_label(log: ReadLog) -> LabelError:
    """Return the error for rows of which none holds a label."""
    counts: dict[str, int] = {}
    for s in log.set_aside:
        counts[s.reason] = counts.get(s.reason, 0) + s.count
    reasons = shorten(f"{count:,} {reason}" for reason, count in counts.items())
    return LabelError(
        Problem(
            what=f"there is not one label in {log.n_rows_read:,} rows ({reasons})",
            file=log.sources[0].name if log.sources else None,
            parameter="label",
            next_step=f"Columns were read as {log.mapping_text()}: name others if that is wrong.",
        )
    )
