"""Labels of one kind seen as another: the one class of a set, the classes of an image, the class of each token."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from labelqa.annotations.readlog import Origin, SetAside
from labelqa.errors import LabelError, ParameterError, Problem, check_choice, shorten
from labelqa.io.formats.answers import free
from labelqa.io.tokens import SENTENCE, TOKEN, in_sentence

KINDS = ("classes", "sets", "spans", "boxes")
OUTSIDE = "O"  # what a token is that no span covers
NO_TEXT = "no text for these spans (kind='spans' reads them without)"
WHOLE_TEXT = (
    "the export does not say which text the spans are in: the class of the one span of an answer was read as the class "
    "of the whole item (kind='spans' reads the spans themselves)"
)
MAX_NAMED = 5
_TOKEN = re.compile(r"\S+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewed:
    """Rows with labels of the kind that was asked for.

    Attributes
    ----------
    frame : DataFrame
        The rows; of several labels in one, each has its row.
    origin : Origin
        Where each came from.
    set_aside : tuple of SetAside
        Rows that hold no label of that kind.
    notes : tuple of str
        What was done.
    """

    frame: pd.DataFrame
    origin: Origin
    set_aside: tuple[SetAside, ...] = ()
    notes: tuple[str, ...] = ()


class _Token(NamedTuple):
    start: int
    end: int
    word: str
    sentence: str


def viewed(frame: pd.DataFrame, origin: Origin, roles: Mapping[str, str], kind: str, wanted: str) -> Viewed:
    """Return labels of `kind` as labels of the kind `wanted`.

    Raises
    ------
    LabelError
        If an answer holds several classes where one is wanted.
    ParameterError
        If these labels cannot be seen that way.
    """
    check_choice("kind", wanted, KINDS)
    if kind == wanted:
        return Viewed(frame=frame, origin=origin)
    label = roles["label"]
    if wanted == "sets":
        return Viewed(
            frame=frame.assign(**{label: _objects([_classes_in(v, kind) for v in frame[label]])}), origin=origin
        )
    if wanted == "classes" and kind == "spans" and "text" in roles:
        return _tokens(frame, origin, roles)
    if wanted == "classes":
        seen = _single(frame, origin, label, kind)
        return replace(seen, notes=(WHOLE_TEXT,)) if kind == "spans" else seen
    raise ParameterError(
        Problem(
            what=f"these labels are {kind}, which cannot be read as {wanted}",
            parameter="kind",
            value=wanted,
            allowed=(kind, "sets", "classes"),
        )
    )


def _classes_in(value: Any, kind: str) -> list[Hashable] | None:  # noqa: ANN401  # a label of any kind
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return None
    if kind == "classes":
        return [value]
    found = value if kind == "sets" else [part[-1] for part in value]
    return list(dict.fromkeys(found))


def _single(frame: pd.DataFrame, origin: Origin, label: str, kind: str) -> Viewed:
    """Take the one class out of each answer."""
    sets = [_classes_in(v, kind) for v in frame[label]]
    several = [at for at, found in enumerate(sets) if found is not None and len(found) > 1]
    if several:
        raise _several(frame, origin, several, sets, kind)
    empty = np.asarray([at for at, found in enumerate(sets) if found is not None and not found], dtype=np.intp)
    cells = [found[0] if found else None for found in sets]
    aside = origin.set_aside(empty, f"nothing was marked (an answer with kind={kind!r})")
    keep = np.ones(len(frame), dtype=np.bool_)
    keep[empty] = False
    rows = np.flatnonzero(keep)
    seen = frame.assign(**{label: _objects(cells)}).take(rows).reset_index(drop=True)
    return Viewed(frame=seen, origin=origin.of_rows(rows), set_aside=tuple(aside))


def _several(
    frame: pd.DataFrame, origin: Origin, rows: Sequence[int], sets: Sequence[list[Hashable] | None], kind: str
) -> LabelError:
    measure = {"sets": "distance_agreement", "spans": "span_agreement", "boxes": "box_agreement"}[kind]
    step = f"Read them with read_annotations(..., kind={kind!r}), and measure with labelqa.{measure}."
    problems = []
    for row in rows[:MAX_NAMED]:
        file, number = origin.place(row)
        what = f"the answer holds several classes ({shorten(map(str, sets[row] or ()))}), where one is needed"
        problems.append(Problem(what=what, file=file, row=number, parameter="kind", value="classes"))
    more = "" if len(rows) <= MAX_NAMED else f"{len(rows):,} answers of {len(frame):,} do. "
    last = problems.pop()
    return LabelError([*problems, Problem(what=last.what, file=last.file, row=last.row, parameter="kind",
                                          value="classes", next_step=f"{more}{step}")])  # fmt: skip


def _tokens(frame: pd.DataFrame, origin: Origin, roles: Mapping[str, str]) -> Viewed:
    """Return a row for each token (what spaces separate) of each text, with the class of the span that covers it."""
    item, label, text = roles["item"], roles["label"], roles["text"]
    frame, origin, aside = _with_text(frame, origin, frame[label], frame[text])
    rows: list[int] = []
    items: list[str] = []
    labels: list[Hashable] = []
    tokens: list[_Token] = []
    known: dict[str, list[_Token]] = {}
    for at, (name, spans, words) in enumerate(zip(frame[item], frame[label], frame[text], strict=True)):
        found = known[words] if words in known else known.setdefault(words, _tokens_of(words))
        rows += [at] * len(found)
        items += [f"{name}:{token.start}-{token.end}" for token in found]
        labels += _covering(spans, found)
        tokens += found
    at_rows = np.asarray(rows, dtype=np.intp)
    seen = frame.drop(columns=text).take(at_rows).reset_index(drop=True)
    names = [free(name, (*seen.columns, *roles.values())) for name in (TOKEN, SENTENCE)]
    told = ([token.word for token in tokens], [token.sentence for token in tokens])
    seen = seen.assign(**{item: _objects(items), label: _objects(labels)})
    seen = seen.assign(**{name: _objects(cells) for name, cells in zip(names, told, strict=True)})
    note = (
        f"spans were read as the class of each token, {OUTSIDE} where there is none: item is text:start-end "
        "(kind='spans' reads the spans themselves)"
    )
    return Viewed(frame=seen, origin=origin.of_rows(at_rows), set_aside=aside, notes=(note,))


def _with_text(
    frame: pd.DataFrame, origin: Origin, labels: pd.Series, texts: pd.Series
) -> tuple[pd.DataFrame, Origin, tuple[SetAside, ...]]:
    """Return the answers that have spans and a text with tokens; the others are set aside."""
    no_spans = np.array([not isinstance(v, list | tuple) for v in labels], dtype=np.bool_)
    no_text = np.array([not isinstance(v, str) or not v.strip() for v in texts], dtype=np.bool_) & ~no_spans
    if not (no_spans | no_text).any():
        return frame, origin, ()
    aside = origin.set_aside(np.flatnonzero(no_spans), "no label")
    aside += origin.set_aside(np.flatnonzero(no_text), NO_TEXT)
    rows = np.flatnonzero(~(no_spans | no_text))
    return frame.take(rows).reset_index(drop=True), origin.of_rows(rows), tuple(aside)


def _tokens_of(text: str) -> list[_Token]:
    return [
        _Token(found.start(), found.end(), found.group(), in_sentence(text, found.start(), found.end()))
        for found in _TOKEN.finditer(text)
    ]


def _covering(spans: Sequence[tuple[int, int, Hashable]], tokens: Sequence[_Token]) -> list[Hashable]:
    """Return for each token the class of the span that covers most of it; the first of equals.

    Only its first and last token can a span cover in part. Those between are the span's unless an earlier one has them:
    `later` leads past these, so that long documents with many spans take no longer than they are.
    """
    starts, ends = [t.start for t in tokens], [t.end for t in tokens]
    found: list[Hashable] = [OUTSIDE] * len(tokens)
    shares = [0] * len(tokens)
    later = list(range(len(tokens) + 1))
    for start, end, name in spans:
        first, last = bisect_right(ends, start), bisect_left(starts, end) - 1
        for at in range(first, last + 1, max(last - first, 1)):
            share = min(end, ends[at]) - max(start, starts[at])
            if share > shares[at]:
                shares[at], found[at] = share, name
        at = _next(later, first + 1) if first + 1 < last else last
        while at < last:
            if shares[at] < ends[at] - starts[at]:
                shares[at], found[at] = ends[at] - starts[at], name
            later[at] = at + 1
            at = _next(later, at)
    return found


def _next(later: list[int], at: int) -> int:
    """Return the first token from `at` on that no span covers whole, and remember it for those on the way."""
    to = at
    while later[to] != to:
        to = later[to]
    while later[at] != to:
        later[at], at = to, later[at]
    return to


def _objects(cells: Sequence[Any]) -> pd.Series:
    return pd.Series(list(cells), dtype=object)
