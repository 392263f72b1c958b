"""Prodigy tasks (JSONL) to label again with the interface "choice": no labels, no names."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from labelqa.annotations.table import Annotations
from labelqa.io.writers import cells
from labelqa.io.writers.blind import shown
from labelqa.io.writers.cells import Content

HASHES = 2**31


def write(annotations: Annotations, columns: Sequence[str] | None) -> Content:
    """Return the tasks: each item once, its name as ``item``, by which the new labels join the old ones."""
    found = shown(annotations, columns)
    classes = cells.names(annotations.schema.classes, "class")
    options = [{"id": name, "text": name} for name in classes]
    lines = []
    key = "image" if found.is_picture else "text"
    for item, record, hashed in zip(found.items, found.records, _hashes(found.items), strict=True):
        rest = {n: v for n, v in record.items() if n != found.main}
        main = record.get(found.main, "") if found.main else item
        task: dict[str, object] = {
            key: main if isinstance(main, str) else cells.text(main),
            "item": item,
            "options": options,
        }
        task |= {"meta": rest} if rest else {}
        lines.append(cells.as_json(task | {"_input_hash": hashed}))
    note = (
        "to label these tasks: prodigy mark DATASET FILE --loader jsonl --view-id choice (with \"choice_auto_accept\": "
        "true for one click a task)"
    )  # fmt: skip
    return Content(data="".join(f"{line}\n" for line in lines).encode(), n_rows=len(lines), notes=(*found.notes, note))


def _hashes(items: Sequence[str]) -> list[int]:
    """Return a number of its own for each item: Prodigy would take two items of the same text for one."""
    used: dict[int, None] = {}
    for item in items:
        number = zlib.crc32(item.encode()) % HASHES
        while number in used:
            number = (number + 1) % HASHES
        used[number] = None
    return list(used)
