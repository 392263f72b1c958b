"""CoNLL: a token a line with its tag in the last column, and blank lines between sentences."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from labelqa.errors import FileFormatError, Problem
from labelqa.io.formats.answers import Answers
from labelqa.io.formats.regions import Span
from labelqa.io.tables import Blob, Table
from labelqa.io.tokens import SENTENCE, TOKEN, in_sentence

FIELDS = {"item": "document:sentence"}
START = "-DOCSTART-"
OUTSIDE = ("O", "_")
MIN_LINES = 3
_TAG = re.compile(r"([BIESLUM])-(\S+)")
COMMENT = "# "  # how a comment begins, and the line of the token "#"
_SAYS = re.compile(r"# [\w.:-]+ = ")  # what a comment says in CoNLL-U, such as "# sent_id = 3"
BEGINS, ENDS = "BSU", "ESLU"


@dataclass(frozen=True, slots=True)
class _Sentence:
    """Tokens with their tags; `document` counts the documents before it in the file."""

    row: int
    document: int
    tokens: tuple[str, ...]
    tags: tuple[str, ...]


def fits(head: str) -> bool:
    """Tell whether lines are tokens with tags: in columns, between blank lines, or after ``-DOCSTART-``."""
    lines = [line.rstrip() for line in head.splitlines() if not line.startswith(COMMENT)]
    rows = [_cells(line) for line in lines if line.strip() and not line.startswith(START)]
    widths = {len(cells) for cells in rows}
    if len(widths) != 1 or widths == {1} or len(rows) < 1:
        return False
    tags = [cells[-1] for cells in rows]
    starts = any(line.startswith(START) for line in lines)
    is_spans = all(map(_may_mark, tags)) and any(_TAG.fullmatch(t) for t in tags)
    if is_spans or starts:
        return True
    gaps = sum(not line.strip() for line in "\n".join(lines).strip().split("\n"))
    by_spaces = not any("\t" in line for line in lines)
    return len(rows) >= MIN_LINES and gaps >= 1 and by_spaces and not any(re.search(r"[,;|\"]\S", ln) for ln in lines)


def read(text: str, blob: Blob) -> Table:
    """Return the spans of each sentence; of tags that are no spans, the class of each token."""
    comments: list[int] = []
    sentences = list(_sentences(text, blob.name, comments))
    is_spans = any(_TAG.fullmatch(t) for s in sentences for t in s.tags) or all(
        t in OUTSIDE for s in sentences for t in s.tags
    )
    kind = "spans" if is_spans else "classes"
    answers = Answers(name=blob.name, stem=blob.stem, format="conll", kind=kind, fields=FIELDS)
    own = PurePosixPath(blob.name).stem
    for number, sentence in enumerate(sentences, 1):
        document = own if blob.stem != own else str(max(sentence.document, 1))
        item = f"{document}:{number}"
        words = " ".join(sentence.tokens)
        if is_spans:
            answers.begin({})
            answers.add(sentence.row, item=item, label=_spans(sentence), text=words)
            continue
        start = 0
        for at, (token, tag) in enumerate(zip(sentence.tokens, sentence.tags, strict=True)):
            answers.begin({TOKEN: token, SENTENCE: in_sentence(words, start, start + len(token))})
            answers.add(sentence.row + at, item=f"{item}:{at + 1}", label=tag)
            start += len(token) + 1
    if comments:
        answers.notes.append(
            f"{len(comments):,} lines of {blob.name} that begin with {COMMENT!r} and are no token with a tag were not "
            f"read, as comments (the first is row {comments[0]})"
        )
    return answers.table()


def _cells(line: str) -> list[str]:
    return line.split("\t") if "\t" in line else line.split()


def _may_mark(tag: str) -> bool:
    """Whether a tag is one of those that mark spans."""
    return tag in OUTSIDE or _TAG.fullmatch(tag) is not None


def _sentences(text: str, name: str, comments: list[int]) -> Iterator[_Sentence]:
    """Yield the sentences; the numbers of lines that are comments go to `comments`."""
    rows: list[tuple[int, list[str]]] = []
    document = 0
    lines = text.split("\n")
    shape = _shape(lines)
    for number, line in enumerate([*lines, ""], 1):
        starts = line.startswith(START)
        if line.strip() and not starts:
            if line.startswith(COMMENT) and _is_comment(line, shape, first=not rows):
                comments.append(number)
            else:
                rows.append((number, _cells(line.rstrip())))
            continue
        if rows:
            yield _sentence(rows, document, name)
            rows = []
        document += starts


@dataclass(frozen=True, slots=True)
class _Shape:
    """How lines are written that cannot be comments: their usual number of cells, whether tabs part them, the tags."""

    width: int
    by_tabs: bool
    tags: frozenset[str]
    of_spans: bool


def _shape(lines: Sequence[str]) -> _Shape:
    certain = [ln.rstrip() for ln in lines if ln.strip() and not ln.startswith((COMMENT, START))]
    rows = [_cells(line) for line in certain]
    usual = Counter((len(cells), "\t" in line) for cells, line in zip(rows, certain, strict=True)).most_common(1)
    width, by_tabs = usual[0][0] if usual else (0, False)
    tags = frozenset(cells[-1].strip() for cells in rows)
    return _Shape(width, by_tabs, tags, all(_may_mark(tag) for tag in tags))


def _is_comment(line: str, shape: _Shape, *, first: bool) -> bool:
    """Whether a line that begins with ``# `` is a comment, and not the token ``#`` with its tag.

    Comments stand before the first token of a sentence; there the tag has to be one that other tokens have.
    """
    if first and _SAYS.match(line):
        return True
    cells = _cells(line.rstrip())
    if len(cells) != shape.width or ("\t" in line.rstrip()) != shape.by_tabs:
        return True
    tag = cells[-1].strip()
    if shape.of_spans:
        return not _may_mark(tag)
    return first and tag not in shape.tags and tag != COMMENT.strip()  # treebanks tag "#" as "#"


def _sentence(rows: Sequence[tuple[int, list[str]]], document: int, name: str) -> _Sentence:
    for number, cells in rows:
        if len(cells) < 2 or not cells[0].strip() or not cells[-1].strip():
            raise FileFormatError(
                Problem(
                    what="a line holds a token and, in its last column, a tag",
                    file=name,
                    row=number,
                    value=" ".join(cells),
                    next_step="Export the labels again, or mend the line.",
                )
            )
    tokens = tuple("_".join(cells[0].split()) for _, cells in rows)
    return _Sentence(rows[0][0], document, tokens, tuple(cells[-1].strip() for _, cells in rows))


def _spans(sentence: _Sentence) -> list[Span]:
    """Return the spans in the words joined by a space, for tags of any of the schemes BIO, IOB1, BIOES and BILOU."""
    spans: list[Span] = []
    start, name, at, ended = 0, "", 0, True
    for token, tag in zip(sentence.tokens, sentence.tags, strict=True):
        found = _TAG.fullmatch(tag)
        prefix, label = (found[1], found[2]) if found else ("", "" if tag in OUTSIDE else tag)
        goes_on = bool(label) and not ended and label == name and prefix not in BEGINS
        if goes_on and spans:
            spans[-1] = (start, at + len(token), name)
        elif label:
            start, name = at, label
            spans.append((start, at + len(token), name))
        ended = not label or prefix in tuple(ENDS)
        at += len(token) + 1
    return spans
