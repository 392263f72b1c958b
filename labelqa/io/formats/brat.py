"""brat's standoff files: a text, and beside it the spans that one annotator marked in it."""

from __future__ import annotations

import re
from collections import Counter

from labelqa.errors import FileFormatError, Problem
from labelqa.io.formats.answers import Answers
from labelqa.io.formats.regions import Regions, Span, wrong
from labelqa.io.streams import read_all
from labelqa.io.tables import Blob, Table
from labelqa.io.text import decode

FIELDS = {"item": "document", "annotator": "folder"}
OTHERS = {
    "R": "relations",
    "E": "events",
    "A": "attributes",
    "M": "attributes",
    "N": "normalisations",
    "#": "notes",
    "*": "equivalences",
}
_PLACES = r"\d+ \d+(?:;\d+ \d+)*"
_LINE = re.compile(rf"T\d+\t\S+ {_PLACES}(\t.*)?|[REAMN]\d+\t\S.*|#\S*\t\S.*|\*\t\S.*")
_SPAN = re.compile(rf"T\d+\t(\S+) ({_PLACES})(?:\t(.*))?")
_DOCUMENT = re.compile(r"[^/]+$")


def fits(head: str) -> bool:
    """Tell whether each line is an annotation as brat writes it, and one is a span."""
    lines = [line for line in head.splitlines() if line.strip()]
    return any(line.startswith("T") for line in lines) and all(_LINE.fullmatch(line.rstrip()) for line in lines)


def read(text: str, blob: Blob) -> Table:
    """Return the spans in one document; the folder that it lies in is who marked them."""
    answers = Answers(name=blob.name, stem=blob.stem, format="brat", kind="spans", fields=FIELDS)
    regions, counts = Regions(blob.name), Counter[str]()
    spans: list[Span] = []
    marked = _text(blob)
    for row, line in enumerate(text.split("\n"), 1):
        if line.startswith("T"):
            spans += _spans(line.rstrip(), row, regions, counts, marked)
        elif line.strip():
            counts[OTHERS.get(line[0], "lines of another kind")] += 1
    document = _stem(blob.name)
    answers.begin({})
    answers.add(1, item=document, annotator=blob.folder or blob.stem, label=spans, text=marked)
    answers.notes += regions.notes()
    answers.notes.append("the folder that a document lies in was read as its annotator")
    pieces = counts.pop("pieces", 0)
    if pieces:
        answers.notes.append(f"{pieces:,} spans in {blob.name} have gaps: each of their pieces was read as a span")
    if counts:
        others = ", ".join(f"{count:,} {what}" for what, count in sorted(counts.items()))
        answers.notes.append(f"not read in {blob.name}: {others}")
    return answers.table()


def _spans(line: str, row: int, regions: Regions, counts: Counter[str], text: str) -> list[Span]:
    found = _SPAN.fullmatch(line)
    if found is None:
        raise wrong(regions.file, row, "a span is written as 'T1<tab>class start end<tab>words'", line)
    places = [place.split(" ") for place in found[2].split(";")]
    counts["pieces"] += len(places) > 1
    spans = [span for start, end in places for span in regions.span(row, start, end, found[1])]
    if found[3] and spans:
        there = " ".join(text[start:end] for start, end, _ in spans)
        regions.compare(row, (spans[0][0], spans[-1][1]), found[3], there)
    return spans


def _text(blob: Blob) -> str:
    """Return the text that was labeled, from the file beside."""
    beside = blob.beside(".txt")
    if beside is None:
        document = _stem(blob.name)
        raise FileFormatError(
            Problem(
                what=f"the text that these spans are in is missing: there is no {document}.txt beside",
                file=blob.name,
                value=f"{document}.txt",
                next_step="Keep the .ann and the .txt file of a document together, under one name.",
            )
        )
    with beside.open() as stream:
        return decode(read_all(stream), beside.name).data.decode()


def _stem(name: str) -> str:
    last = _DOCUMENT.search(name)
    return (last.group() if last else name).rpartition(".")[0] or name
