"""What the readers of all formats return: one record for each answer, before anything is judged."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """One row, task or line of a filled file.

    Attributes
    ----------
    row : int
        Row of a spreadsheet (the header is row 1), number of a task, or line.
    assignment, manifest : str
        Id of the assignment and hash of the manifest as the file states them; empty where it does not.
    labels : tuple of str
        What was answered: none, one, or, against the rules, several.
    comment : str
        What the annotator noted.
    skipped : str
        Why there is no label although the item was seen: how the tool calls it; empty where it was not skipped.
    seconds : float or None
        Time taken.
    answered_utc : str or None
        When, as the tool states it.
    shown : tuple of str
        The texts beside the answer, in the order asked for; none where they were not.
    """

    row: int
    assignment: str
    manifest: str
    labels: tuple[str, ...] = ()
    comment: str = ""
    skipped: str = ""
    seconds: float | None = None
    answered_utc: str | None = None
    shown: tuple[str, ...] = ()
