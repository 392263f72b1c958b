"""Label Studio tasks to label again: no labels, no names."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

from labelqa.annotations.table import Annotations
from labelqa.io.writers import cells
from labelqa.io.writers.blind import Shown, shown
from labelqa.io.writers.cells import Content


def write(annotations: Annotations, columns: Sequence[str] | None) -> Content:
    """Return the tasks: each item once, its name as ``data.item``, by which the new labels join the old ones."""
    found = shown(annotations, columns)
    tasks = [{"data": {"item": item} | record} for item, record in zip(found.items, found.records, strict=True)]
    notes = (*found.notes, f"a labeling interface for these tasks: {_interface(annotations, found)}")
    return Content(data=f"{cells.as_json(tasks, indent=1)}\n".encode(), n_rows=len(tasks), notes=notes)


def _interface(annotations: Annotations, found: Shown) -> str:
    main = found.main or "item"
    tag = f'<{"Image" if found.is_picture else "Text"} name="shown" value={quoteattr("$" + main)}/>'
    choices = "".join(f"<Choice value={quoteattr(n)}/>" for n in cells.names(annotations.schema.classes, "class"))
    return f'<View>{tag}<Choices name="label" toName="shown" choice="single">{choices}</Choices></View>'
