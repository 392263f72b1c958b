"""Queries on one state of a database. Those meant for a page ask for a page's worth, by an index."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, Table, exists, func, literal, select
from sqlalchemy.engine import CursorResult
from sqlalchemy.sql.base import Executable

from labelqa.errors import Problem, StoreError
from labelqa.store.failures import told
from labelqa.store.records import (
    AssignmentRecord,
    DecisionRecord,
    DraftRecord,
    EventRecord,
    ItemRecord,
    LabelRecord,
    PersonRecord,
    ProjectRecord,
    RoundRecord,
    VersionRecord,
)
from labelqa.store.schema import (
    RECORDS,
    assignments,
    decisions,
    drafts,
    events,
    guideline_versions,
    items,
    labels,
    people,
    projects,
    rounds,
)

if TYPE_CHECKING:
    import pandas as pd

Record = TypeVar("Record")
Value = TypeVar("Value")
Rows = Select[Any]

CHUNK = 1000  # values in one IN (...)
FRAME = ("item", "annotator", "label", "round", "assignment", "guideline_version", "seconds", "created_utc")


class Reader:
    """One consistent state of a database: what others write meanwhile is not seen.

    Lists are ordered by number, position or the order of storing; projects, people and drafts by name. Questions after
    one thing return None where there is none, except :meth:`project`.

    Examples
    --------
    >>> from labelqa.store.database import open_store
    >>> with open_store("memory:") as store, store.read() as reader:
    ...     reader.projects()
    []
    """

    def __init__(self, connect: Callable[[], Connection], place: str, *, state: object = None) -> None:
        self.state = state  # what Store.state() was when this read began; None for writers
        self._connect = connect  # asked at the first question: many reads are answered from memory
        self._place = place

    @property
    def _connection(self) -> Connection:
        return self._connect()

    # -- project

    def projects(self) -> list[ProjectRecord]:
        """Return all projects of the database."""
        return self._list(ProjectRecord, select(projects).order_by(projects.c.name))

    def project(self, name: str) -> ProjectRecord:
        """Return the project of that name, or of that id.

        Raises
        ------
        StoreError
            If there is none; the message lists those that there are.
        """
        found = self._one(ProjectRecord, select(projects).where(projects.c.name == name))
        found = found or self._one(ProjectRecord, select(projects).where(projects.c.id == name))
        if found is None:
            known = tuple(p.name for p in self.projects())
            raise StoreError(Problem(what=f"there is no project {name!r}", file=self._place, value=name, allowed=known))
        return found

    def people(self, project_id: str) -> list[PersonRecord]:
        """Return the people of a project."""
        return self._list(PersonRecord, _of(people, project_id).order_by(people.c.name))

    def person(self, project_id: str, name: str) -> PersonRecord | None:
        """Return one person."""
        return self._one(PersonRecord, _of(people, project_id).where(people.c.name == name))

    # -- items

    def items(
        self,
        project_id: str,
        ids: Iterable[str] | None = None,
        *,
        held_out: bool | None = None,
        after: int = -1,
        limit: int | None = None,
    ) -> list[ItemRecord]:
        """Return items by position.

        Parameters
        ----------
        project_id : str
            Project.
        ids : iterable of str, optional
            Only these; ids that do not exist are left out.
        held_out : bool, optional
            Only those that are (or are not) held out.
        after : int
            Only those at a later position: for pages.
        limit : int, optional
            At most so many.
        """
        query = _items(project_id, held_out).where(items.c.position > after).order_by(items.c.position)
        if ids is None:
            return self._list(ItemRecord, query.limit(limit))
        found = [
            record
            for part in chunks(dict.fromkeys(ids), CHUNK)
            for record in self._list(ItemRecord, query.where(items.c.item.in_(part)))
        ]
        return sorted(found, key=lambda record: record.position or 0)[:limit]

    def item(self, project_id: str, item: str) -> ItemRecord | None:
        """Return one item."""
        return self._one(ItemRecord, _of(items, project_id).where(items.c.item == item))

    def item_ids(self, project_id: str, *, held_out: bool | None = None) -> list[str]:
        """Return the ids of items by position, without their data."""
        query = _items(project_id, held_out).with_only_columns(items.c.item).order_by(items.c.position)
        return list(self._execute(query).scalars())

    def count_items(self, project_id: str, *, held_out: bool | None = None) -> int:
        """Return the number of items."""
        return self._count(_items(project_id, held_out))

    def last_position(self, project_id: str) -> int:
        """Return the position of the item that was added last; -1 while there is none."""
        found = self._execute(_of(items, project_id).with_only_columns(func.max(items.c.position))).scalar_one()
        return -1 if found is None else int(found)

    # -- labels

    def labels(
        self,
        project_id: str,
        *,
        round: int | None = None,
        item: str | None = None,
        annotator: str | None = None,
        superseded: bool = False,
    ) -> list[LabelRecord]:
        """Return labels in the order of storing; corrected ones only with ``superseded=True``."""
        return self._list(LabelRecord, _labels(project_id, superseded, round=round, item=item, annotator=annotator))

    def labels_frame(self, project_id: str, *, round: int | None = None, superseded: bool = False) -> pd.DataFrame:
        """Return labels as a frame, in the order of storing.

        Columns: item, annotator, label, round, assignment, guideline_version, seconds, created_utc. This is the fast
        way to many labels.
        """
        import pandas as pd

        query = _labels(project_id, superseded, round=round).with_only_columns(*(labels.c[n] for n in FRAME))
        with told(self._place), closing(self._execute(query)) as found:
            rows = found.cursor.fetchall()  # none of these columns has to be converted, so plain rows will do
        columns = zip(*rows, strict=True) if rows else ([] for _ in FRAME)
        frame = pd.DataFrame({n: pd.Series(c, dtype=object) for n, c in zip(FRAME, columns, strict=True)})
        return frame.astype({"round": "int64", "guideline_version": "Int64", "seconds": "float64"})

    def label(self, project_id: str, uuid: str) -> LabelRecord | None:
        """Return the label of that uuid."""
        return self._one(LabelRecord, _of(labels, project_id).where(labels.c.uuid == uuid))

    def labels_of_item(self, project_id: str, item: str, *, superseded: bool = False) -> list[LabelRecord]:
        """Return the labels of one item over all rounds."""
        return self.labels(project_id, item=item, superseded=superseded)

    def last_label(self, project_id: str, round: int) -> int:
        """Return the number in the log of the label of a round that was stored last; 0 while there is none."""
        query = _of(labels, project_id).where(labels.c.round == round).with_only_columns(func.max(labels.c.seq))
        return int(self._execute(query).scalar_one() or 0)

    def count_labels(self, project_id: str, *, round: int | None = None) -> dict[int, int]:
        """Return the number of labels of each round (or of one) that has any; corrected ones do not count."""
        every = _of(labels, project_id).with_only_columns(labels.c.round, func.count()).group_by(labels.c.round)
        every = every if round is None else every.where(labels.c.round == round)
        counts = {int(number): int(n) for number, n in self._execute(every.order_by(labels.c.round))}
        corrections = self._execute(every.where(labels.c.supersedes.is_not(None)))  # each corrects one of its round
        for number, n in corrections:
            counts[number] -= n
        return counts

    # -- guidelines

    def versions(self, project_id: str) -> list[VersionRecord]:
        """Return all versions of the guideline."""
        return self._list(VersionRecord, _of(guideline_versions, project_id).order_by(guideline_versions.c.number))

    def version(self, project_id: str, number: int) -> VersionRecord | None:
        """Return one version of the guideline."""
        query = _of(guideline_versions, project_id).where(guideline_versions.c.number == number)
        return self._one(VersionRecord, query)

    def latest_number(self, project_id: str) -> int:
        """Return the highest number of a version of the guideline; 0 while there is none."""
        query = _of(guideline_versions, project_id).with_only_columns(func.max(guideline_versions.c.number))
        return int(self._execute(query).scalar_one() or 0)

    def latest_version(self, project_id: str) -> VersionRecord | None:
        """Return the version of the guideline with the highest number."""
        query = _of(guideline_versions, project_id).order_by(guideline_versions.c.number.desc()).limit(1)
        return self._one(VersionRecord, query)

    def draft_authors(self, project_id: str) -> list[str]:
        """Return who has a draft."""
        query = _of(drafts, project_id).with_only_columns(drafts.c.author).order_by(drafts.c.author)
        return [str(author) for author in self._execute(query).scalars()]

    def drafts(self, project_id: str) -> list[DraftRecord]:
        """Return the drafts of all authors."""
        return self._list(DraftRecord, _of(drafts, project_id).order_by(drafts.c.author))

    def draft(self, project_id: str, author: str) -> DraftRecord | None:
        """Return the draft of one author."""
        return self._one(DraftRecord, _of(drafts, project_id).where(drafts.c.author == author))

    # -- rounds

    def rounds(self, project_id: str, *, design: bool = True) -> list[RoundRecord]:
        """Return all rounds; their designs are large, and empty with ``design=False``."""
        return self._list(RoundRecord, _rounds(project_id, design).order_by(rounds.c.number))

    def round(self, project_id: str, number: int, *, design: bool = True) -> RoundRecord | None:
        """Return one round; its design is large, and empty with ``design=False``."""
        return self._one(RoundRecord, _rounds(project_id, design).where(rounds.c.number == number))

    def assignments(self, project_id: str, round: int, annotator: str | None = None) -> list[AssignmentRecord]:
        """Return the assignments of a round, by annotator and position."""
        return self._list(AssignmentRecord, _assignments(project_id, round, annotator))

    def assignment(self, project_id: str, round: int, id: str) -> AssignmentRecord | None:  # noqa: A002  # the column
        """Return one assignment."""
        return self._one(AssignmentRecord, _assignments(project_id, round).where(assignments.c.id == id))

    def repeats(self, project_id: str, round: int | None = None) -> list[str]:
        """Return the ids of hidden repeats, of one round or of all."""
        query = _of(assignments, project_id).where(assignments.c.repeat_of.is_not(None))
        query = query if round is None else query.where(assignments.c.round == round)
        return list(self._execute(query.with_only_columns(assignments.c.id)).scalars())

    def next_assignment(self, project_id: str, round: int, annotator: str) -> AssignmentRecord | None:
        """Return the first assignment of an annotator that has no label, or None when all have one."""
        query = _assignments(project_id, round, annotator).where(~_is_answered()).limit(1)
        return self._one(AssignmentRecord, query)

    def workload(self, project_id: str, round: int) -> dict[str, tuple[int, int]]:
        """Return (assignments with a label, all assignments) of each annotator of a round."""
        total = self._by_annotator(_assignments(project_id, round))
        done = self._by_annotator(_assignments(project_id, round).where(_is_answered()))
        return {annotator: (done.get(annotator, 0), n) for annotator, n in total.items()}

    # -- decisions and events

    def decisions(
        self, project_id: str, *, item: str | None = None, after: int = 0, limit: int | None = None
    ) -> list[DecisionRecord]:
        """Return decisions (and undoings) in the order of storing, from the one behind `after`."""
        query = _of(decisions, project_id).where(decisions.c.seq > after).order_by(decisions.c.seq)
        query = query if item is None else query.where(decisions.c.item == item)
        return self._list(DecisionRecord, query.limit(limit))

    def decisions_of_item(self, project_id: str, item: str) -> list[DecisionRecord]:
        """Return the decisions on one item in the order of storing."""
        return self.decisions(project_id, item=item)

    def decision(self, project_id: str, uuid: str) -> DecisionRecord | None:
        """Return the decision of that uuid."""
        return self._one(DecisionRecord, _of(decisions, project_id).where(decisions.c.uuid == uuid))

    def count_decisions(self, project_id: str) -> int:
        """Return the number of decisions and undoings."""
        return self._count(_of(decisions, project_id))

    def events(
        self, project_id: str, *, kind: str | None = None, after: int = 0, limit: int | None = None
    ) -> list[EventRecord]:
        """Return events in their order, from the one behind `after`; all kinds, or one."""
        query = _of(events, project_id).where(events.c.seq > after).order_by(events.c.seq)
        query = query if kind is None else query.where(events.c.kind == kind)
        return self._list(EventRecord, query.limit(limit))

    def last_events(self, project_id: str, limit: int = 20) -> list[EventRecord]:
        """Return the newest events, newest first."""
        return self._list(EventRecord, _of(events, project_id).order_by(events.c.seq.desc()).limit(limit))

    def rows(self, table: Table, size: int) -> Iterator[list[dict[str, Any]]]:
        """Yield all rows of a table of all projects, by key, at most `size` at once: for exports."""
        query = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=size)
        names = [str(column.name) for column in table.c]  # plain text, which JSON takes as keys
        for part in self._execute(query).partitions(size):
            yield [dict(zip(names, row, strict=True)) for row in part]

    # -- how

    def _execute(
        self, statement: Executable, rows: Sequence[dict[str, Any]] | None = None
    ) -> CursorResult[*tuple[Any, ...]]:
        with told(self._place):
            return self._connection.execute(statement, rows)

    def _list(self, kind: type[Record], query: Rows) -> list[Record]:
        names = RECORDS[kind].c.keys()
        return [kind(**dict(zip(names, row, strict=True))) for row in self._execute(query)]

    def _one(self, kind: type[Record], query: Rows) -> Record | None:
        return next(iter(self._list(kind, query)), None)

    def _count(self, query: Rows) -> int:
        return int(self._execute(query.with_only_columns(func.count())).scalar_one())

    def _by_annotator(self, query: Rows) -> dict[str, int]:
        who = assignments.c.annotator
        counted = query.with_only_columns(who, func.count()).group_by(who).order_by(None).order_by(who)
        return {str(annotator): int(n) for annotator, n in self._execute(counted)}


def chunks(values: Iterable[Value], size: int) -> Iterable[list[Value]]:
    """Yield lists of at most `size` values.

    Examples
    --------
    >>> list(chunks("abcde", 2))
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    rest = iter(values)
    while part := list(islice(rest, size)):
        yield part


def _of(table: Table, project_id: str) -> Rows:
    return select(table).where(table.c.project_id == project_id)


def _items(project_id: str, held_out: bool | None) -> Rows:
    query = _of(items, project_id)
    return query if held_out is None else query.where(items.c.held_out == held_out)


def _rounds(project_id: str, design: bool) -> Rows:
    columns = [c if design or c is not rounds.c.design else literal({}, c.type) for c in rounds.c]
    return _of(rounds, project_id).with_only_columns(*columns)


def _labels(project_id: str, superseded: bool, **wanted: object) -> Rows:
    query = _of(labels, project_id).order_by(labels.c.seq)
    for name, value in wanted.items():
        query = query if value is None else query.where(labels.c[name] == value)
    return query if superseded else query.where(is_current(project_id))


def is_current(project_id: str) -> ColumnElement[bool]:
    """Return the condition that no later label corrects this one: few are corrected, so those are listed."""
    later = labels.alias("later")
    corrected = select(later.c.supersedes).where(later.c.project_id == project_id, later.c.supersedes.is_not(None))
    return labels.c.uuid.not_in(corrected)


def _assignments(project_id: str, round: int, annotator: str | None = None) -> Rows:
    query = _of(assignments, project_id).where(assignments.c.round == round)
    query = query if annotator is None else query.where(assignments.c.annotator == annotator)
    return query.order_by(assignments.c.annotator, assignments.c.position, assignments.c.id)


def _is_answered() -> ColumnElement[bool]:
    mine, theirs = assignments.c, labels.c
    return exists().where(
        theirs.project_id == mine.project_id, theirs.round == mine.round, theirs.assignment == mine.id
    )
