"""What people who label again may see of an item: nothing of what was said of it before, and by whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from labelqa.annotations.table import Annotations
from labelqa.errors import shorten
from labelqa.io import words
from labelqa.io.tokens import CLOSES, OPENS, SENTENCE, TOKEN
from labelqa.io.writers import cells

PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".svg")
TEXTS = ("text", "content", "sentence", "body", "message", "review", "comment")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Items as they are shown: their names, what is known of each, the column that is looked at, notes."""

    items: list[str]
    records: list[dict[str, object]]
    main: str | None
    is_picture: bool
    notes: tuple[str, ...]


def shown(annotations: Annotations, columns: Sequence[str] | None) -> Shown:
    """Return the items without labels and names of annotators.

    A column is left out that is called as one of labels or people, or whose values are all classes or annotators;
    columns that the user has named are taken as they are.
    """
    data = cells.item_columns(annotations, columns)
    telling = [] if columns is not None else [c for c in data.columns if _tells(data[c], annotations)]
    data = data.drop(columns=telling)
    new = cells.titles(data.columns, ("item",))
    known = [[cells.plain(v) for v in data.iloc[:, at]] for at in range(len(new))]
    rows = zip(*known, strict=True) if known else ((),) * annotations.n_items
    records = [{n: v for n, v in zip(new, row, strict=True) if v is not None} for row in rows]
    main = _main(dict(zip(new, known, strict=True)))
    notes = cells.renamed_note(data.columns, new)
    if telling:
        notes.append(
            f"left out, since they may tell what others said: {shorten(telling)}; name the columns to show "
            "(columns=, --columns) if they do not"
        )
    if main is not None and TOKEN in new and _are_marked(main, known[new.index(main)]):
        notes.append(f"the token to label stands between {OPENS} and {CLOSES} in its {SENTENCE}")
    is_picture = main is not None and _are_pictures(known[new.index(main)])
    items = cells.names(annotations.items, "item")
    return Shown(items=items, records=records, main=main, is_picture=is_picture, notes=tuple(notes))


def _tells(column: pd.Series, annotations: Annotations) -> bool:
    name = words.take_apart(str(column.name))
    scores = (words.label_score(name), words.annotator_score(name))
    if words.is_reference(name) or max(scores) >= words.NAMED_NOUN:
        return True
    values = {cells.text(v) for v in column} - {None}
    secret = [set(annotations.schema.names), {str(a) for a in annotations.annotators}]
    return bool(values) and any(values <= names for names in secret)


def _main(columns: dict[str, list[object]]) -> str | None:
    """Return the column to look at: sentences with a marked token, what is called text, pictures, the longest texts."""
    marked = [c for c, values in columns.items() if TOKEN in columns and _are_marked(c, values)]
    named = marked or [c for n in TEXTS for c in columns if c.casefold() == n]
    if named:
        return named[0]
    pictures = [c for c, values in columns.items() if _are_pictures(values)]
    if pictures:
        return pictures[0]
    lengths = {c: sum(len(v) for v in values if isinstance(v, str)) for c, values in columns.items()}
    return max((c for c in lengths if lengths[c]), key=lambda c: lengths[c], default=None)


def _are_marked(name: str, values: Sequence[object]) -> bool:
    """Whether a column holds sentences with a token marked in each."""
    return name.startswith(SENTENCE) and all(isinstance(v, str) and OPENS in v for v in values)


def _are_pictures(values: Sequence[object]) -> bool:
    found = [v for v in values if v is not None]
    return bool(found) and all(isinstance(v, str) and v.casefold().endswith(PICTURES) for v in found)
