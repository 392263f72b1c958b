"""What the checks look at, and the places of what they find."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from labelqa.annotations.itemtexts import TEXT_NAMES, text_column
from labelqa.annotations.table import Annotations
from labelqa.text import shortened
from labelqa.validation.expect import Expectation
from labelqa.validation.result import Example, Finding

MOST_EXAMPLES = 20  # places kept of a finding; its count is exact
MEDIA_NAMES = ("image", "image_url", "img", "url", "audio", "audio_url", "video", "video_url", "file_name", "filename")
VALUE_LENGTH = 80
TOKEN = "token"  # the item column of a word that was labeled, as readers call it
Positions = npt.NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Annotations under examination.

    Attributes
    ----------
    annotations : Annotations
        The labels.
    expect : Expectation
        What should hold.
    payload : str or None
        Column of what the annotators saw: the text, or the address of a picture or sound.
    """

    annotations: Annotations
    expect: Expectation
    payload: str | None

    @property
    def of_tokens(self) -> bool:
        """Whether items are tokens, which share their sentence with others."""
        return TOKEN in self.annotations.item_data.columns and self.payload is not None

    @cached_property
    def first_of_item(self) -> Positions:
        """Position of the first annotation of each item, (n,); -1 for items without."""
        item = self.annotations.item
        first = np.full(self.annotations.n_items, -1, dtype=np.intp)
        first[item[::-1]] = np.arange(item.size - 1, -1, -1)
        return first

    @cached_property
    def n_of_class(self) -> npt.NDArray[np.intp]:
        """Number of labels of each class, (k,)."""
        return np.bincount(self.annotations.label, minlength=self.annotations.schema.k)

    @cached_property
    def n_of_annotator(self) -> npt.NDArray[np.intp]:
        """Number of labels of each annotator, (m,)."""
        return np.bincount(self.annotations.annotator, minlength=self.annotations.n_annotators)

    @cached_property
    def items_of_annotator(self) -> list[Positions]:
        """The items that each annotator labeled, each item once, m arrays."""
        found = self.annotations
        key = np.unique(found.annotator.astype(np.int64) * max(found.n_items, 1) + found.item)
        who, item = np.divmod(key, max(found.n_items, 1))
        return np.split(item.astype(np.intp), np.searchsorted(who, np.arange(1, found.n_annotators)))

    @cached_property
    def labeled(self) -> Positions:
        """Items that have a label."""
        return np.flatnonzero(self.first_of_item >= 0)

    def label(self, position: int, value: str) -> Example:
        """Return the annotation at `position` as an example."""
        found = self.annotations
        file, row = self._place(position)
        return Example(
            value=value,
            item=_plain(found.items[found.item[position]]),
            annotator=_plain(found.annotators[found.annotator[position]]),
            file=file,
            row=row,
        )

    def item(self, item: int, value: object) -> Example:
        """Return an item as an example, at the place where it is first labeled."""
        first = int(self.first_of_item[item])
        file, row = (None, None) if first < 0 else self._place(first)
        text = shortened(value, VALUE_LENGTH)
        return Example(value=text, item=_plain(self.annotations.items[item]), file=file, row=row)

    def class_uses(self, code: int) -> Example:
        """Return where a class is first used, and how often."""
        name = shortened(repr(str(self.annotations.schema.classes[code])), VALUE_LENGTH)
        return self._first(self.annotations.label, code, f"{name}: {_uses(int(self.n_of_class[code]))}")

    def annotator_uses(self, code: int) -> Example:
        """Return where an annotator first labels, and how often."""
        name = shortened(repr(str(self.annotations.annotators[code])), VALUE_LENGTH)
        return self._first(self.annotations.annotator, code, f"{name}: {_uses(int(self.n_of_annotator[code]))}")

    def _first(self, codes: npt.NDArray[np.int32], code: int, value: str) -> Example:
        at = int(np.argmax(codes == code)) if codes.size else 0
        return self.label(at, value) if codes.size and codes[at] == code else Example(value=value)

    def _place(self, position: int) -> tuple[str | None, int | None]:
        if self.annotations.origin is None:
            return None, None
        file, row = self.annotations.origin.place(position)
        return (None if file == "frame" else file), row


def finding_on(
    at: Sequence[Any] | Positions,
    place: Callable[[Any], Example],
    what: tuple[str, str, str],
    next_step: str,
    *,
    count: int | None = None,
) -> list[Finding]:
    """Return one finding on all that stands `at` some positions, or none where there are none.

    Parameters
    ----------
    at : sequence
        Positions, or names.
    place : callable
        Returns one of them as an example; the first :data:`MOST_EXAMPLES` are kept.
    what : (str, str, str)
        Severity, code, and sentences.
    next_step : str
        What to do.
    count : int, optional
        How many are concerned, where that is not the number of positions.
    """
    few = list(at[:MOST_EXAMPLES])
    if not few:
        return []
    severity, code, text = what
    return [
        Finding(
            severity=severity,
            code=code,
            what=text,
            count=len(at) if count is None else count,
            examples=tuple(place(i.item() if isinstance(i, np.generic) else i) for i in few),
            next_step=next_step,
        )
    ]


def payload_column(item_data: pd.DataFrame) -> str | None:
    """Return the column of what the annotators saw: texts, else addresses of pictures or sounds, by its name.

    A column with long values that few items differ in (a source, a category) is no payload unless its name says so.
    """
    text = text_column(item_data)
    if text is not None and (_is_named_text(text) or item_data[text].astype(str).nunique() * 2 > len(item_data)):
        return text
    by_name = {str(c).strip().casefold(): str(c) for c in reversed(item_data.columns.tolist())}
    return next((by_name[n] for n in MEDIA_NAMES if n in by_name), None)


def texts_of(column: pd.Series) -> list[str | None]:
    """Return the cells of a column as texts; None for those that are missing or no text."""
    return [v if isinstance(v, str) else None for v in column.astype(object).tolist()]


def _is_named_text(column: str) -> bool:
    return column.strip().casefold() in TEXT_NAMES


def _plain(name: Hashable) -> Hashable:
    return name.item() if isinstance(name, np.generic) else name


def _uses(n: int) -> str:
    return f"{n:,} label" if n == 1 else f"{n:,} labels"
