"""Markdown view: GitHub-flavoured, for pull requests and wikis; charts are left to the HTML."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from labelqa.report import cells
from labelqa.report.blocks import Block, Details, Figure, Notice, Points, Prose, Section, Table
from labelqa.report.document import Document
from labelqa.report.render.arguments import arguments_shown
from labelqa.text import visible

_SPECIAL = re.compile(r"[\\`*_\[\]|~#!$]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_LEADING = re.compile(r"^([-+=:]|\d+(?=[.)](?:\s|$)))")
_AUTOLINK = re.compile(r"(?i)(?<=[a-z])(?=://)|(?<=www)(?=\.)")
MARKS = {"problem": "**Problem:**", "caution": "**Caution:**", "info": "**Note:**"}


def escape(value: object) -> str:
    r"""Return `value` as Markdown that shows exactly that text.

    Examples
    --------
    >>> print(escape("a|b <script> [x](y)"))
    a\|b &lt;script&gt; \[x\](y)
    """
    text = re.sub(r"[&<>]", lambda m: _ENTITIES[m[0]], visible(value))
    text = _AUTOLINK.sub(r"\\", _SPECIAL.sub(r"\\\g<0>", text))
    return _LEADING.sub(_escaped_start, text)


def render(document: Document) -> str:
    """Return `document` as Markdown."""
    return "\n\n".join(_parts(document)) + "\n"


def _parts(document: Document) -> Iterator[str]:
    headline = document.headline
    yield f"# {escape(document.title)}"
    yield f"**{escape(headline.statement)}** {escape(headline.verdict)}".rstrip()
    if headline.facts:
        yield " · ".join(f"{escape(value)} {escape(name)}" for name, value in headline.facts)
    if document.notices:
        yield "\n".join(f"- {_notice(n)}" for n in document.notices)
    for section in document.sections:
        yield from _section(section)
    yield from _run(document)


def _section(section: Section) -> Iterator[str]:
    yield f"## {escape(section.title)}"
    yield escape(section.lead)
    for block in section.blocks:
        yield from _block(block)
    if section.how_to_read:
        yield f"> **How to read this.** {escape(section.how_to_read)}"


def _block(block: Block) -> Iterator[str]:
    match block:
        case Table():
            yield _table(block)
        case Figure():
            return  # the table beside it holds the same numbers
        case Prose():
            yield escape(block.text)
        case Points():
            yield from _points(block)
        case Notice():
            yield f"> {_notice(block)}"
        case Details():
            yield from _details(block)


def _points(points: Points) -> Iterator[str]:
    if points.title:
        yield f"### {escape(points.title)}"
    marks = [f"{i + 1}." if points.ordered else "-" for i in range(len(points.items))]
    yield "\n".join(f"{mark} {escape(item)}" for mark, item in zip(marks, points.items, strict=True))


def _details(details: Details) -> Iterator[str]:
    parts = [part for inner in details.blocks for part in _block(inner)]
    if not parts:
        return  # nothing but charts, which this view leaves out
    yield f"<details><summary>{html.escape(visible(details.title))}</summary>"
    yield from parts
    yield "</details>"


def _notice(notice: Notice) -> str:
    return f"{MARKS[notice.level]} {escape(notice.title)}. {escape(notice.text)}"


def _table(table: Table) -> str:
    numeric = [c.kind != "text" for c in table.columns]
    lines = [f"**{escape(table.title)}**", ""]
    lines += ["| " + " | ".join(escape(c.title) for c in table.columns) + " |"]
    lines += ["|" + "|".join("---:" if n else ":---" for n in numeric) + "|"]
    lines += ["| " + " | ".join(escape(c) for c in row) + " |" for row in cells.body(table)]
    remarks = [escape(t) for t in (cells.shortfall(table), table.note) if t]
    return "\n".join([*lines, "", *remarks]).rstrip()


def _run(document: Document) -> Iterator[str]:
    run = document.run
    yield "---"
    inputs = "; ".join(f"{escape(i.name)} ({i.rows:,} rows, SHA-256 {escape(i.sha256)})" for i in run.inputs)
    versions = f"labelqa {run.labelqa}, Python {run.python}, numpy {run.numpy}, pandas {run.pandas}"
    arguments = ", ".join(f"{escape(k)}={escape(v)}" for k, v in arguments_shown(run))
    lines = [f"Made {run.created_utc} with {escape(versions)}; seed {run.seed}."]
    lines += [f"Input: {inputs}."] if inputs else []
    lines += [f"Arguments: {arguments}."] if arguments else []
    yield "<sub>" + " ".join(lines) + "</sub>"


def _escaped_start(match: re.Match[str]) -> str:
    start = match[0]
    return f"\\{start}" if not start.isdecimal() else f"{start}\\"
