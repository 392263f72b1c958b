"""Names that differ so little that they may be one: two spellings of a person make two annotators."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from labelqa.annotations.build import Parts
from labelqa.annotations.names import groups_by, plain_name
from labelqa.errors import shorten

MOST_NAMES = 100_000  # more distinct ones are not compared


def notes_on(parts: Parts) -> list[str]:
    """Return notes on annotators that differ only in case or spaces, and on items that differ only in outer spaces."""
    notes = []
    people = _near(parts.annotators, plain_name)
    if people:
        notes.append(
            f"annotators that differ only in case or spaces were kept apart: {shorten(people)}; if they are one, give "
            "them one name in the file"
        )
    items = _near(parts.items, str.strip)
    if items:
        notes.append(
            f"items that differ only in spaces around them were kept apart: {shorten(items)}; if they are one, give "
            "them one name in the file"
        )
    return notes


def _near(names: pd.Index, key: Callable[[str], str]) -> list[str]:
    """Return the groups of names that share a key, each as one text."""
    if len(names) > MOST_NAMES or not pd.api.types.is_string_dtype(names.dtype):
        return []
    return [" and ".join(f"'{names[i]}'" for i in group) for group in groups_by(names, key)]
