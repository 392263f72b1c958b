"""COCO: images, categories and the boxes on them, of one annotator a file, or as Label Studio names them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import msgspec

from labelqa.io.formats.answers import Answers
from labelqa.io.formats.documents import Document, Record
from labelqa.io.formats.regions import Box, Regions, wrong
from labelqa.io.tables import Table

FIELDS = {"item": "file_name"}
PARTS = ("images", "annotations", "categories")
DROPPED = ("id", "license", "flickr_url")


class _Category(msgspec.Struct, gc=False):
    id: Any = None
    name: Any = None


class _Annotation(msgspec.Struct, gc=False):
    image_id: Any = None
    category_id: Any = None
    bbox: Any = None
    annotator: Any = None


class _File(msgspec.Struct, gc=False):
    images: list[dict[str, Any]]
    annotations: list[_Annotation]
    categories: list[_Category]


def fits(sample: list[Record]) -> bool:
    """Tell whether this is one object with images, annotations and categories."""
    return len(sample) == 1 and all(isinstance(sample[0].get(part), list) for part in PARTS)


def read(document: Document) -> Table:
    """Return the boxes on each image; an image without any is an answer too, where the file is of one annotator."""
    answers = Answers(name=document.name, stem=document.stem, format="coco", kind="boxes", fields=FIELDS)
    for row, file in document.decoded(_File):
        _read(answers, row, file)
    return answers.table()


def _read(answers: Answers, row: int, file: _File) -> None:
    boxes, notes = _boxes(answers.name, file)
    people = list(dict.fromkeys(who for marked in boxes.values() for who in marked)) or [None]
    files = [i.get("file_name") for i in file.images]
    is_named = all(isinstance(f, str) for f in files) and len(set(files)) == len(files)
    for image in file.images:
        answers.begin({k: v for k, v in image.items() if k not in DROPPED})
        marked_by = boxes.pop(_key(image.get("id")), {})
        for who in people if len(people) == 1 else marked_by:
            item = image["file_name"] if is_named else image.get("id")
            answers.add(row, item=item, annotator=who, label=marked_by.get(who, []))
    if boxes:
        raise wrong(answers.name, row, "an annotation names one of the images", next(iter(boxes)))
    answers.notes += notes
    if len(people) > 1:
        answers.notes.append(
            f"{answers.name} names several annotators: an image that one of them left empty counts as not seen"
        )


def _boxes(name: str, file: _File) -> tuple[dict[Any, dict[Any, list[Box]]], list[str]]:
    """Return the boxes of each image and annotator, and what was not read."""
    regions = Regions(name)
    names = {_key(c.id): c.name for c in file.categories}
    boxes: dict[Any, dict[Any, list[Box]]] = defaultdict(dict)
    without = 0
    for at, one in enumerate(file.annotations, 1):
        marked = boxes[_key(one.image_id)].setdefault(_key(one.annotator), [])
        category = _key(one.category_id)
        if category not in names:
            raise wrong(name, at, "an annotation names one of the categories", one.category_id)
        if isinstance(one.bbox, list) and len(one.bbox) == 4:
            marked += regions.sized(at, one.bbox, names[category])
        else:
            without += 1
    notes = [f"{without:,} annotations in {name} have no box and were not read"] if without else []
    return boxes, [*regions.notes(), *notes]


def _key(value: Any) -> Any:  # noqa: ANN401  # what JSON holds
    """Return an id to look up; an object or list is none, and equals only itself in writing."""
    return repr(value) if isinstance(value, dict | list) else value
