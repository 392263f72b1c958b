"""CVAT for images 1.1: an XML file with the tags and shapes on each image, of one annotator."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from labelqa.errors import FileFormatError, Problem
from labelqa.io.formats.answers import Answers
from labelqa.io.formats.regions import Regions, class_of, wrong
from labelqa.io.tables import Blob, Table

FIELDS = {"item": "name"}
MAX_DEPTH = 50  # CVAT's own files have less than ten levels
# Possessive (*+): a comment ends at the first "-->", and nothing is tried again, however many there are.
_START = re.compile(r"\s*+(<\?xml[^>]*+>\s*+)?(<!--((?!-->).)*+-->\s*+)*+<annotations[\s>]", re.DOTALL)
_IMAGES = re.compile(r"<(version|meta|image)[\s>/]")


class _Builder(TreeBuilder):
    """Builds the tree and gives up where it is deep, or declares types and entities."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._depth = 0

    def start(self, tag: str, attrs: dict[Any, Any]) -> Element:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _damaged("it is nested too deeply", self._name)
        return super().start(tag, attrs)

    def end(self, tag: str) -> Element:
        self._depth -= 1
        return super().end(tag)

    def doctype(self, *_: str | None) -> None:
        raise _damaged("it declares a document type, as CVAT does not, and which is not safe to read", self._name)


def fits(head: str) -> bool:
    """Tell whether an XML file begins as CVAT's does."""
    return _START.match(head) is not None and _IMAGES.search(head) is not None


def read(text: str, blob: Blob) -> Table:
    """Return the boxes on each image, or the tags where no image has a box."""
    root = _parsed(text, blob.name)
    images = root.findall("image")
    if not images:
        what = "tracks of a video" if root.find("track") is not None else "no image"
        raise _damaged(f"it holds {what}", blob.name, "Export as CVAT for images 1.1.")
    has_boxes = any(i.find("box") is not None for i in images)
    has_tags = any(i.find("tag") is not None for i in images)
    answers = Answers(
        name=blob.name, stem=blob.stem, format="cvat", kind="boxes" if has_boxes else "sets", fields=FIELDS
    )
    answers.kinds |= {"tags": "sets", "boxes": "boxes"}
    regions, others = Regions(blob.name), Counter[str]()
    for row, image in enumerate(images, 1):
        others.update(shape.tag for shape in image if shape.tag not in ("tag", "box"))
        answers.begin({k: v for k, v in image.attrib.items() if k not in ("id", "name")})
        name = image.get("name") or image.get("id")
        both = has_boxes and has_tags
        if has_tags or not has_boxes:
            tags = [class_of(blob.name, row, t.get("label")) for t in image.findall("tag")]
            answers.add(row, item=name, label=list(dict.fromkeys(tags)), question="tags" if both else None)
        if has_boxes:
            boxes = [b for shape in image.findall("box") for b in _box(shape, row, regions)]
            answers.add(row, item=name, label=boxes, question="boxes" if both else None)
    if others:
        shapes = ", ".join(f"{count:,} {tag}" for tag, count in sorted(others.items()))
        answers.notes.append(f"shapes in {blob.name} that are no boxes were not read: {shapes}")
    answers.notes += regions.notes()
    return answers.table()


def _box(shape: Element, row: int, regions: Regions) -> list[tuple[object, ...]]:
    corners = [shape.get(k) for k in ("xtl", "ytl", "xbr", "ybr")]
    if None in corners:
        raise wrong(regions.file, row, "a box has the corners xtl, ytl, xbr, ybr", shape.attrib)
    return list(regions.box(row, corners, shape.get("label")))


def _parsed(text: str, name: str) -> Element:
    """Return the root of the tree; nothing outside the text is ever opened."""
    declared = re.match(r"\s*<\?xml[^>]*\?>", text)
    body = text[declared.end() :] if declared else text  # it may declare another encoding than the text has now
    parser = XMLParser(target=_Builder(name))  # refuses document types, and with them entities
    try:
        for at in range(0, len(body), 1 << 20):
            parser.feed(body[at : at + (1 << 20)])
        root = parser.close()
    except (ParseError, ValueError, RecursionError) as error:
        raise _damaged(str(error), name) from None
    if not isinstance(root, Element):
        raise _damaged("it is empty", name)
    return root


def _damaged(why: str, name: str, step: str = "Export the labels again.") -> FileFormatError:
    what = f"this is not the XML of CVAT for images that was expected: {why}"
    return FileFormatError(Problem(what=what, file=name, value=why, next_step=step))
