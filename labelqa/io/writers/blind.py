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

    A column is left out that is called as one of labels or people, or after a class or an annotator, or whose values
    are all classes or annotators; columns that the user has named are taken as they are.
    """
    data = cells.item_columns(annotations, columns)
    secret = _Secret.of(annotations)
    telling = [] if columns is not None else [c for c in data.columns if _tells(data[c], secret)]
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


@dataclass(frozen=True, slots=True)
class _Secret:
    """What nobody who labels again may see: names, and those that name columns, as the words that they consist of."""

    classes: frozenset[str]
    people: frozenset[str]
    named: frozenset[tuple[str, ...]]

    @classmethod
    def of(cls, annotations: Annotations) -> _Secret:
        classes = frozenset(annotations.schema.names)
        people = frozenset(str(a) for a in annotations.annotators)
        before_at = {p.partition("@")[0] for p in people}  # of addresses
        return cls(classes, people, frozenset(words.take_apart(n).words for n in {*classes, *people, *before_at}))

    def is_in(self, name: words.Name) -> bool:
        """Whether a column is called after a class or an annotator, alone or among other words.

        Numbers and single letters are too common for that: ``text_1``, ``answer_b``.
        """
        if name.words in self.named:
            return True
        n = len(name.words)
        parts = (name.words[a:b] for a in range(n) for b in range(a + 1, n + 1))
        return any(part in self.named and len("".join(part)) > 1 and not "".join(part).isdigit() for part in parts)


def _tells(column: pd.Series, secret: _Secret) -> bool:
    name = words.take_apart(str(column.name))
    scores = (words.label_score(name), words.annotator_score(name))
    if words.is_reference(name) or max(scores) >= words.NAMED_NOUN:
        return True
    if str(column.name).casefold() not in TEXTS and name.words and secret.is_in(name):
        return True
    values = {cells.text(v) for v in column} - {None}
    return bool(values) and any(values <= names for names in (secret.classes, secret.people))


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
