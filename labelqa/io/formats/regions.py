"""Spans and boxes as tools write them, each checked; and the error for a value that a format cannot have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

from labelqa.annotations.schema import as_real
from labelqa.errors import FileFormatError, Problem
from labelqa.text import shortened

Span = tuple[int, int, Hashable]
Box = tuple[float, float, float, float, Hashable]
MAX_QUOTED = 40
MAX_OFFSET = 2**53  # beyond it whole numbers are not exact


@dataclass(slots=True)
class Regions:
    """Checks the spans and boxes of one file; what marks nothing is counted.

    Attributes
    ----------
    file : str
        Its name, for messages.
    left_out : Counter
        Kinds of marks that were left out, such as ``"boxes without area"``.
    n_astray : int
        Spans whose words, as the export gives them, do not stand at their place in the text.
    astray : str
        The first of them, in words.
    """

    file: str
    left_out: Counter[str] = field(default_factory=Counter)
    n_astray: int = 0
    astray: str = ""

    def span(self, row: int, start: Any, end: Any, label: Any) -> list[Span]:  # noqa: ANN401  # what JSON holds
        """Return the span as a list; an empty one where it has no length."""
        found = [as_real(v) if isinstance(v, int | float | str) and not isinstance(v, bool) else None
                 for v in (start, end)]  # fmt: skip
        if any(v is None or v != v // 1 or not 0 <= v < MAX_OFFSET for v in found):
            raise wrong(self.file, row, "a span has two whole numbers, where it starts and ends", (start, end))
        first, last = (int(v) for v in found if v is not None)
        if first >= last:
            self.left_out["spans without length"] += 1
            return []
        return [(first, last, class_of(self.file, row, label))]

    def compare(self, row: int, place: tuple[int, int], words: str, there: str | None) -> None:
        """Count a span whose words are others than those at its place in the text (None: there is no text)."""
        if there is None or same_words(words, there):
            return
        self.n_astray += 1
        if not self.astray:
            start, end = place
            self.astray = (
                f"row {row} marks {start} to {end}, where the text has {_quoted(there)} and the export {_quoted(words)}"
            )

    def box(self, row: int, corners: Sequence[Any], label: Any) -> list[Box]:  # noqa: ANN401  # what JSON holds
        """Return the box with the corners ``(x1, y1, x2, y2)`` as a list; an empty one where it has no area."""
        x1, y1, x2, y2 = (self.number(row, v) for v in corners)
        if not (x1 < x2 and y1 < y2):
            self.left_out["boxes without area"] += 1
            return []
        return [(x1, y1, x2, y2, class_of(self.file, row, label))]

    def sized(self, row: int, place: Sequence[Any], label: Any) -> list[Box]:  # noqa: ANN401  # what JSON holds
        """Return the box of ``(x, y, width, height)``, likewise."""
        x, y, width, height = (self.number(row, v) for v in place)
        return self.box(row, (x, y, x + width, y + height), label)

    def number(self, row: int, value: Any) -> float:  # noqa: ANN401  # what JSON holds
        """Return a number of a place.

        Raises
        ------
        FileFormatError
            If it is none.
        """
        number = as_real(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
        if number is None:
            raise wrong(self.file, row, "the place of a box is given by numbers", value)
        return number

    def notes(self) -> list[str]:
        """Return what was left out."""
        notes = [f"{count:,} {what} in {self.file} were left out" for what, count in self.left_out.items()]
        if self.n_astray:
            notes.append(
                f"{self.n_astray:,} spans in {self.file} hold other words than the export says: {self.astray}; they "
                "were read by their places, which may be counted in another way, or in another version of the text"
            )
        return notes


def same_words(words: str, there: str) -> bool:
    """Whether marked words are those in the text; tools write line ends and other spaces in their own way."""
    return words == there or words.replace("\\n", " ").split() == there.split()


def _quoted(text: str) -> str:
    return repr(shortened(text, MAX_QUOTED)) if text else "nothing"


def class_of(file: str, row: int, label: Any) -> Hashable:  # noqa: ANN401  # what JSON holds
    """Return the name of a class.

    Raises
    ------
    FileFormatError
        If it is missing, a list or an object.
    """
    if label is None or isinstance(label, dict | list) or (isinstance(label, str) and not label.strip()):
        raise wrong(file, row, "the name of a class is one text or number", label)
    return label  # type: ignore[no-any-return]  # what JSON has beside lists and objects can be compared


def wrong(file: str, row: int | None, what: str, value: object) -> FileFormatError:
    """Return the error for a value that the format does not have at that place."""
    return FileFormatError(
        Problem(
            what=f"{what}, and not {shortened(repr(value)[:200], 80)}",
            file=file,
            row=row,
            value=value,
            next_step="Export the labels again; if this is what the tool wrote, please report it with a sample.",
        )
    )
