"""The queue of the app: items that people disagree on, with what they said, to be settled one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import pandas as pd

from labelqa.annotations.reshape import letters
from labelqa.annotations.table import Annotations
from labelqa.errors import ParameterError, Problem, check_whole
from labelqa.results import Result
from labelqa.review.lookup import CLOSED, decisions_now, released, rounds_of, shown_columns
from labelqa.review.measured import Measured, measured, measured_if_any
from labelqa.review.project import Project
from labelqa.review.visibility import class_values, hidden_name, payloads_of
from labelqa.store.reader import Reader
from labelqa.store.records import DecisionRecord
from labelqa.text import counted

COLUMNS = ("item", "disagreement", "labels", "decided", "decided_by")
LONGEST_CLASS = 500  # characters of a cell that are compared with the classes


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What one person said of an item.

    Attributes
    ----------
    who : str
        "A", "B", ... while the item is undecided, in an order of its own for each item; the name once it is decided.
    label : str
        The class.
    """

    who: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestedItem:
    """One item that people disagree on.

    Attributes
    ----------
    item : str
        Its id.
    payload : dict of str to object
        All that is known of it.
    shown : dict of str to object
        What of it may be looked at while it is undecided: the columns that annotators of the round saw; where the round
        came with its labels, all but those that hold mostly classes, such as stored labels or predictions.
    disagreement : float
        Share of the pairs of its labels that differ.
    opinions : tuple of Opinion
        What people said in the round.
    decision : DecisionRecord or None
        What is decided now.
    """

    item: str
    payload: Mapping[str, object]
    shown: Mapping[str, object]
    disagreement: float
    opinions: tuple[Opinion, ...]
    decision: DecisionRecord | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ContestedLabels:
    """What the contested items of a round were called, without names.

    Attributes
    ----------
    round : int or None
        The round; None where none is closed yet.
    labels : dict of str to tuple of str
        The classes of each item, one for each label, in the order in which the project names its classes; worst item
        first.
    n_shared : int
        Items of the round with two labels or more: those on which people could differ.
    """

    round: int | None
    labels: Mapping[str, tuple[str, ...]]
    n_shared: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ReviewQueue(Result):
    """One page of the contested items of a round, worst first.

    Attributes
    ----------
    round : int or None
        The round; None where none is closed yet.
    entries : tuple of ContestedItem
        The page.
    total : int
        Items of the whole queue.
    after : int
        Items of the queue before this page.
    undecided : int
        Contested items of the round (of the pair, if one is asked for) without a decision.
    """

    round: int | None
    entries: tuple[ContestedItem, ...]
    total: int
    after: int
    undecided: int

    def to_frame(self) -> pd.DataFrame:
        """Return one row an item: item, disagreement, labels, decided, decided_by."""
        rows = [
            {
                "item": e.item,
                "disagreement": e.disagreement,
                "labels": tuple(o.label for o in e.opinions),
                "decided": () if e.decision is None else e.decision.labels,
                "decided_by": "" if e.decision is None else e.decision.actor,
            }
            for e in self.entries
        ]
        return pd.DataFrame(rows, columns=list(COLUMNS))

    def summary(self) -> list[str]:
        """Return how many items there are to settle."""
        if self.round is None:
            return ["No round is closed: there is nothing to settle yet.", "  next: review.progress(project)"]
        first = self.after + 1 if self.entries else self.after
        return [
            f"Round {self.round}: {counted(self.total, 'contested item')} in the queue, {self.undecided:,} undecided",
            f"  this page: {first:,} to {self.after + len(self.entries):,}, worst first",
            "  next: review.decide(project, item, labels, cause, actor=...)",
        ]


def review_queue(  # which part of the queue
    project: Project,
    round: int | None = None,
    *,
    actor: str,
    pair: Sequence[str] | None = None,
    undecided: bool = True,
    after: int = 0,
    limit: int = 50,
) -> ReviewQueue:
    """Return a page of the items that people disagree on, worst first; held-out items never appear.

    Who said what is hidden until an item is decided, so that the decision is on the item and not on the people.

    Parameters
    ----------
    project : Project
        Where.
    round : int, optional
        A closed round; by default the last one that has labels.
    actor : str
        Who looks; a reviewer or lead.
    pair : (str, str), optional
        Only items that some gave the one class and some the other.
    undecided : bool
        Whether decided items are left out.
    after : int
        Items to skip: for pages.
    limit : int
        At most so many.

    Raises
    ------
    NotAllowedError
        If the actor may not read results.
    ParameterError
        If the round is not closed or has nothing to show, or the pair is not two classes.

    Examples
    --------
    >>> import labelqa as lq
    >>> from labelqa.review.projects import ProjectSettings, create_project
    >>> frame = pd.DataFrame({"item": ["a", "b"], "ann": ["bug", "bug"], "ben": ["bug", "wish"]})
    >>> data, settings = lq.Annotations.from_wide(frame, item="item"), ProjectSettings(held_out=0)
    >>> with create_project("memory:", "tickets", actor="lea", annotations=data, settings=settings) as project:
    ...     queue = review_queue(project, actor="lea")
    >>> [(e.item, sorted(o.label for o in e.opinions)) for e in queue.entries]
    [('b', ['bug', 'wish'])]
    """
    check_whole("after", after, 0, what="is not a number of items", usual="0")
    check_whole("limit", limit, 1, what="is not a number of items", usual="50")
    wanted = _pair(project, pair)
    with project.reading(actor, "read_results") as reader:
        number = _last_round(reader, project) if round is None else round
        if number is None:
            return ReviewQueue(round=None, entries=(), total=0, after=after, undecided=0)
        now = measured(project, number, actor=actor)
        part = (number, released(reader, project))
        queue = _contested(project, now, wanted, part)
        decided = decisions_now(reader, project)
        left = project.until_stored(
            ("undecided", *part, wanted), lambda: len(queue) - len(queue.keys() & decided.keys())
        )
        chosen = (item for item in queue if item not in decided) if undecided else iter(queue)
        return ReviewQueue(
            round=number,
            entries=_entries(reader, project, (number, now), list(islice(chosen, after, after + limit))),
            total=left if undecided else len(queue),
            after=after,
            undecided=left,
        )


def contested_labels(project: Project, round: int | None = None, *, actor: str) -> ContestedLabels:
    """Return the classes that each contested item of a round was given; who gave them is not told.

    The whole queue of :func:`review_queue` in one piece, without the data of items: for filters and counts.

    Parameters
    ----------
    project : Project
        Where.
    round : int, optional
        A closed round; by default the last one that has labels.
    actor : str
        Who looks; a reviewer or lead.

    Raises
    ------
    NotAllowedError
        If the actor may not read results.
    ParameterError
        If the round is not closed or has nothing to show.

    Examples
    --------
    >>> import labelqa as lq
    >>> from labelqa.review.projects import ProjectSettings, create_project
    >>> frame = pd.DataFrame({"item": ["a", "b"], "ann": ["bug", "wish"], "ben": ["bug", "bug"]})
    >>> data, settings = lq.Annotations.from_wide(frame, item="item"), ProjectSettings(held_out=0)
    >>> with create_project("memory:", "tickets", actor="lea", annotations=data, settings=settings) as project:
    ...     contested_labels(project, actor="lea").labels
    {'b': ('bug', 'wish')}
    """
    with project.reading(actor, "read_results") as reader:
        number = _last_round(reader, project) if round is None else round
        if number is None:
            return ContestedLabels(round=None, labels={}, n_shared=0)
        now = measured(project, number, actor=actor)
        key = ("contested labels", number, released(reader, project))
        return project.once(key, lambda: _contested_labels(project, number, now))


def _contested_labels(project: Project, number: int, now: Measured) -> ContestedLabels:
    shared = int((now.annotations.counts.sum(axis=1) > 1).sum())
    return ContestedLabels(round=number, labels=_labels_of(project, now), n_shared=shared)


def _pair(project: Project, pair: Sequence[str] | None) -> tuple[str, str] | None:
    if pair is None:
        return None
    names = tuple(pair)
    if len(names) != 2 or names[0] == names[1] or any(n not in project.classes for n in names):
        wrong = next((n for n in names if n not in project.classes), names)
        what = f"pair={names!r} is not two of the classes"
        raise ParameterError(Problem(what=what, parameter="pair", value=wrong, allowed=project.classes))
    return names[0], names[1]


def _last_round(reader: Reader, project: Project) -> int | None:
    closed = [r.number for r in rounds_of(reader, project, CLOSED)]
    return next((n for n in reversed(closed) if measured_if_any(reader, project, n) is not None), None)


def _contested(
    project: Project, now: Measured, pair: tuple[str, str] | None, key: tuple[int, bool]
) -> Mapping[str, float]:
    """Return the contested items of a round (of a pair, if one is asked for), worst first."""
    if pair is None:
        return now.contested
    return project.once(("contested", *key, pair), lambda: _of_pair(project, now, pair))


def _of_pair(project: Project, now: Measured, pair: tuple[str, str]) -> Mapping[str, float]:
    counts = now.annotations.counts
    at = [project.classes.index(name) for name in pair]
    both = np.flatnonzero((counts[:, at] > 0).all(axis=1))
    among = {str(item) for item in now.annotations.items[both]}
    return {item: score for item, score in now.contested.items() if item in among}


def _labels_of(project: Project, now: Measured) -> dict[str, tuple[str, ...]]:
    """Return the classes of each contested item in their order, one for each label."""
    codes = np.array(_codes(now.annotations, now.contested), dtype=np.intp)
    counts = now.annotations.counts[codes].astype(np.int64)
    classes = np.array(project.classes, dtype=object)
    labels = np.repeat(np.tile(classes, len(codes)), counts.ravel()).tolist()
    ends = np.cumsum(counts.sum(axis=1)).tolist()
    spans = zip(now.contested, [0, *ends][:-1], ends, strict=True)
    return {item: tuple(labels[start:end]) for item, start, end in spans}


def _entries(
    reader: Reader, project: Project, round: tuple[int, Measured], items: Sequence[str]
) -> tuple[ContestedItem, ...]:
    number, now = round
    decided, said = decisions_now(reader, project), _said(project, now, items)
    columns = _columns(reader, project, number, now)
    payload = {r.item: r.payload for r in reader.items(project.id, items)}
    return tuple(
        ContestedItem(
            item=item,
            payload=payload[item],
            shown={name: value for name, value in payload[item].items() if name in columns},
            disagreement=now.contested[item],
            opinions=_opinions(project, item, said[item], named=item in decided),
            decision=decided.get(item),
        )
        for item in items
    )


def _columns(reader: Reader, project: Project, round: int, now: Measured) -> frozenset[str]:
    """Return the columns of items that may be looked at while an item is undecided."""

    def find() -> frozenset[str]:
        designed = shown_columns(reader, project, round)
        return frozenset(designed) if designed else _without_tellers(reader, project, now.annotations.items)

    return project.once(("columns to decide by", round, released(reader, project)), find)


def _without_tellers(reader: Reader, project: Project, items: Iterable[str]) -> frozenset[str]:
    """Return the columns but those that hold mostly classes: these could give away what others said, or a model."""
    classes = {name.strip().casefold() for name in project.classes}
    cells: Counter[str] = Counter()
    told: Counter[str] = Counter()
    for payload in payloads_of(reader, project, items).values():
        for name, value in payload.items():
            cells[name] += value is not None
            told[name] += str(value)[:LONGEST_CLASS].strip().casefold() in classes
    return frozenset(name for name, n in cells.items() if 2 * told[name] <= n)


def _said(project: Project, now: Measured, items: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """Return who said what of each item."""
    data = now.annotations
    called = dict(zip(class_values(project), project.classes, strict=True))
    said: dict[str, list[tuple[str, str]]] = {}
    for code in _codes(data, items):
        rows = np.flatnonzero(data.item == code).tolist()
        said[str(data.items[code])] = [
            (str(data.annotators[data.annotator[row]]), called[data.schema.classes[data.label[row]]]) for row in rows
        ]
    return said


def _codes(data: Annotations, items: Iterable[str]) -> list[int]:
    return [int(code) for code in data.items.get_indexer(pd.Index(list(items), dtype=object))]


def _opinions(project: Project, item: str, said: Sequence[tuple[str, str]], *, named: bool) -> tuple[Opinion, ...]:
    """Return what people said, in an order that tells nothing of who they are."""
    mixed = sorted(said, key=lambda s: hidden_name(project, "order", item, s[0]))
    called = [who for who, _ in mixed] if named else letters([f"{at:06}" for at in range(len(mixed))])
    return tuple(Opinion(who=who, label=label) for who, (_, label) in zip(called, mixed, strict=True))
