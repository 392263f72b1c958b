"""What is told of spans that were read: those that overlap, and those that reach outside their text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from labelqa.annotations.readlog import Origin
from labelqa.errors import shorten

Span = tuple[int, int, Any]


@dataclass(slots=True)
class _Told:
    """One kind of odd span: how many there are, in how many answers, and the first."""

    spans: int = 0
    answers: int = 0
    first: int = -1
    example: str = ""

    def add(self, row: int, found: Sequence[Span]) -> None:
        """Count the odd spans of one answer."""
        if not found:
            return
        self.spans += len(found)
        self.answers += 1
        if self.first < 0:
            self.first, self.example = row, shorten([f"{a}-{b} {str(name)!r}" for a, b, name in found], 2)


def notes_on(frame: pd.DataFrame, origin: Origin, roles: Mapping[str, str]) -> list[str]:
    """Return notes on spans of one answer that overlap, and on spans that reach outside the text they mark.

    Parameters
    ----------
    frame : DataFrame
        A row an answer: its label is a list of ``(start, end, class)``.
    origin : Origin
        Where each row comes from.
    roles : mapping of role to column
        ``"label"``, and ``"text"`` where the texts are known.
    """
    overlapping, outside = _Told(), _Told()
    texts = frame[roles["text"]].tolist() if "text" in roles else [None] * len(frame)
    for row, (spans, text) in enumerate(zip(frame[roles["label"]].tolist(), texts, strict=True)):
        if isinstance(spans, list) and spans:
            overlapping.add(row, _overlapping(spans))
            outside.add(row, [s for s in spans if s[1] > len(text)] if isinstance(text, str) else [])
    out = []
    if overlapping.spans:
        out.append(
            f"{_counted(overlapping)} overlap one of the same annotator {_where(overlapping, origin)}: of a token that "
            "several cover, the one that covers most of it counts"
        )
    if outside.spans:
        out.append(
            f"{_counted(outside)} reach outside the text {_where(outside, origin)}: their places are counted in "
            "another way, or the text was changed"
        )
    return out


def _overlapping(spans: Sequence[Span]) -> list[Span]:
    """Return the spans that begin before one with an earlier place has ended."""
    if len(spans) < 2:
        return []
    found, end = [], -1
    for span in sorted(spans, key=lambda s: (s[0], s[1])):
        found += [span] if span[0] < end else []
        end = max(end, span[1])
    return found


def _counted(told: _Told) -> str:
    spans = f"{told.spans:,} span{'s' * (told.spans != 1)}"
    return f"{spans} in {told.answers:,} answer{'s' * (told.answers != 1)}"


def _where(told: _Told, origin: Origin) -> str:
    file, row = origin.place(told.first)
    return f"(for example {file} row {row}: {told.example})"
