"""Writes, each by the only writer there is: what it read is still so. What was said is appended, never changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, delete, func, insert, select, update
from sqlalchemy.sql.base import Executable

from labelqa.errors import ConflictError, Problem, StoreError, shorten
from labelqa.store.failures import told
from labelqa.store.reader import CHUNK, Reader, chunks, is_current
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
from labelqa.store.rows import Row, rows_of
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
from labelqa.store.values import canonical_json

Stored = TypeVar("Stored", ProjectRecord, VersionRecord, RoundRecord, EventRecord)
Key = tuple[str, str, int, str | None]

BATCH = 10_000  # rows sent at once
FEW = 200  # labels for which it is faster to ask for each than for the whole round
# What a repeated write has to have in common with the stored one. The rest is derived (numbers, times, what was current
# then) or measured by a clock, and differs in an honest repetition.
SAID = {
    labels: ("item", "annotator", "label", "round", "assignment"),
    decisions: ("item", "kind", "labels", "cause", "rule_id", "confidence", "note", "actor"),
    events: ("kind", "actor", "detail"),
}


class Writer(Reader):
    """A :class:`Reader` that also writes; all of it is committed together when its block ends.

    Examples
    --------
    >>> from labelqa.store.database import open_store
    >>> with open_store("memory:") as store, store.write() as writer:
    ...     project = writer.add_project(ProjectRecord(id="p1", name="tickets"))
    ...     writer.add_items([ItemRecord(project_id="p1", item="t1", payload={"text": "It crashes"})])
    1
    """

    def __init__(
        self, connection: Connection, place: str, *, now: Callable[[], str], new_id: Callable[[], str]
    ) -> None:
        super().__init__(lambda: connection, place)
        self.now = now
        self.new_id = new_id

    @contextmanager
    def part(self) -> Iterator[None]:
        """Undo what is written inside, and only that, if an exception leaves the block."""
        with told(self._place), self._connection.begin_nested():
            yield

    # -- project

    def add_project(self, project: ProjectRecord) -> ProjectRecord:
        """Store a new project and return it with its id and time.

        Raises
        ------
        ConflictError
            If there is one of that name.
        """
        if self._execute(select(projects.c.id).where(projects.c.name == project.name)).first():
            raise self._taken(f"there is a project {project.name!r} already", "Open it, or choose another name.")
        done = replace(project, id=project.id or self.new_id(), created_utc=project.created_utc or self.now())
        return self._stored(done)

    def set_settings(self, project_id: str, settings: Mapping[str, object]) -> None:
        """Replace the settings of a project."""
        self._change(update(projects).where(projects.c.id == project_id).values(settings=dict(settings)), "project")

    def put_person(self, person: PersonRecord) -> None:
        """Store a person, or the new role of one."""
        row = rows_of([replace(person, added_utc=person.added_utc or self.now())])[0]
        self._replace(people, row, ("project_id", "name"))

    # -- items

    def add_items(self, records: Iterable[ItemRecord]) -> int:
        """Store items, at the end where they have no position; those stored before with the same data are passed over.

        Returns
        -------
        int
            How many were not there before.

        Raises
        ------
        StoreError
            If an item is there with other data.
        """
        return sum(self._add_items(p, rs) for p, rs in _by_project(records).items())

    def hold_out(self, project_id: str, item_ids: Iterable[str]) -> None:
        """Mark items as held out."""
        mine = update(items).where(items.c.project_id == project_id).values(held_out=True)
        wanted = list(dict.fromkeys(item_ids))
        self._refuse_unknown_items(project_id, wanted)
        for part in chunks(wanted, CHUNK):
            self._execute(mine.where(items.c.item.in_(part)))

    # -- guidelines

    def add_version(self, version: VersionRecord) -> VersionRecord:
        """Store the next version of the guideline.

        Raises
        ------
        ConflictError
            If its number is not the next one: somebody else published meanwhile.
        """
        numbers = select(func.coalesce(func.max(guideline_versions.c.number), 0))
        last = int(self._execute(numbers.where(guideline_versions.c.project_id == version.project_id)).scalar_one())
        if version.number != last + 1:
            what = f"version {version.number} of the guideline cannot follow version {last}"
            raise self._taken(what, f"Read version {last} and publish on top of it.")
        return self._stored(replace(version, created_utc=version.created_utc or self.now()))

    def put_draft(self, draft: DraftRecord) -> None:
        """Store the draft of an author in place of the one before."""
        row = rows_of([replace(draft, updated_utc=draft.updated_utc or self.now())])[0]
        self._replace(drafts, row, ("project_id", "author"))

    def delete_draft(self, project_id: str, author: str) -> None:
        """Drop the draft of an author, if there is one."""
        self._execute(delete(drafts).where(drafts.c.project_id == project_id, drafts.c.author == author))

    # -- rounds

    def add_round(self, round: RoundRecord) -> RoundRecord:
        """Store a new round.

        Raises
        ------
        ConflictError
            If there is one of that number.
        """
        if self.round(round.project_id, round.number) is not None:
            raise self._taken(f"there is a round {round.number} already", "Design the next one.")
        return self._stored(replace(round, created_utc=round.created_utc or self.now()))

    def set_round_state(self, project_id: str, number: int, state: str) -> None:
        """Store the new state of a round."""
        mine = update(rounds).where(rounds.c.project_id == project_id, rounds.c.number == number)
        self._change(mine.values(state=state), f"round {number}")

    def add_assignments(self, records: Iterable[AssignmentRecord]) -> int:
        """Store the assignments of a round, and return how many."""
        rows = rows_of(list(records))
        self._insert(assignments, rows)
        return len(rows)

    # -- what was said

    def add_labels(self, records: Iterable[LabelRecord]) -> int:
        """Append labels; a label supersedes the one that its annotator gave in the same place before.

        The same place is the same item, round and assignment. Labels stored before under the same uuid are passed over.

        Returns
        -------
        int
            How many were not there before.

        Raises
        ------
        StoreError
            If a uuid is there with another label, or an item is unknown.
        ConflictError
            If ``supersedes`` is given, and is not what is current.
        """
        return sum(self._add_labels(p, rs) for p, rs in _by_project(records).items())

    def add_decision(self, decision: DecisionRecord) -> bool:
        """Append a decision, as :meth:`add_decisions` does, and return whether it was not there before."""
        return bool(self.add_decisions([decision]))

    def add_decisions(self, records: Iterable[DecisionRecord]) -> int:
        """Append decisions; those stored before under the same uuid are passed over.

        Returns
        -------
        int
            How many were not there before.

        Raises
        ------
        StoreError
            If a uuid is there with another decision, or an item, or what is superseded, is unknown.
        """
        return sum(self._add_decisions(p, rs) for p, rs in _by_project(records).items())

    def add_event(self, event: EventRecord) -> EventRecord:
        """Append an event and return it as it is stored; one stored before under the same uuid is passed over.

        Raises
        ------
        StoreError
            If its uuid is there with another event.
        """
        done = replace(event, uuid=event.uuid or self.new_id(), at_utc=event.at_utc or self.now())
        rows = self._new(events, rows_of([done]))
        self._append(events, rows, "at_utc")
        stored = select(events).where(events.c.project_id == done.project_id, events.c.uuid == done.uuid)
        return self._list(EventRecord, stored)[0]

    def insert_rows(self, table: Table, rows: Sequence[Row]) -> None:
        """Store rows of an export as they are."""
        self._insert(table, rows)

    # -- how

    def _add_items(self, project_id: str, records: list[ItemRecord]) -> int:
        start = self._next(items, "position", project_id)
        known: dict[str, tuple[str, bool]] = {}
        if start:
            found = self.items(project_id, [r.item for r in records])
            known = {r.item: (canonical_json(r.payload), r.held_out) for r in found}
        new: list[ItemRecord] = []
        for record in records:
            here = canonical_json(record.payload), record.held_out
            if record.item not in known:
                place = start + len(new) if record.position is None else record.position
                new.append(replace(record, position=place))
            elif known[record.item] != here:
                what = f"item {record.item!r} is stored with other data"
                raise StoreError(Problem(what=what, file=self._place, value=record.item, next_step="Give it a new id."))
            known[record.item] = here
        self._insert(items, rows_of(new))
        return len(new)

    def _add_labels(self, project_id: str, records: list[LabelRecord]) -> int:
        rows = self._new(labels, rows_of(records))
        self._refuse_unknown_items(project_id, list(dict.fromkeys(row["item"] for row in rows)))
        latest = self._current_labels(project_id, rows)
        for row in rows:
            key = _place_of(row)
            before = latest.get(key)
            if row["supersedes"] not in (None, before):
                what = f"{row['annotator']} has changed the label of item {row['item']!r} meanwhile"
                raise self._taken(what, "Read it again.")
            row["supersedes"] = before
            latest[key] = row["uuid"]
        self._append(labels, rows, "created_utc")
        return len(rows)

    def _add_decisions(self, project_id: str, records: list[DecisionRecord]) -> int:
        rows = self._new(decisions, rows_of(records))
        self._refuse_unknown_items(project_id, list(dict.fromkeys(row["item"] for row in rows)))
        before: set[str] = set()
        for row in rows:
            target = row["supersedes"]
            if target is not None and target not in before and self.decision(project_id, target) is None:
                what = f"decision {row['uuid']!r} supersedes {target!r}, which is not stored"
                raise StoreError(Problem(what=what, file=self._place, value=target))
            before.add(row["uuid"])
        self._append(decisions, rows, "created_utc")
        return len(rows)

    def _current_labels(self, project_id: str, rows: list[Row]) -> dict[Key, str]:
        """Return the uuid of the current label in the places that `rows` are for."""
        c = labels.c
        columns = (c.item, c.annotator, c.round, c.assignment, c.uuid)
        query = select(*columns).where(c.project_id == project_id, is_current(project_id))
        if len(rows) <= FEW:
            pairs = dict.fromkeys((row["item"], row["round"]) for row in rows)
            parts = [query.where(c.item == item, c.round == number) for item, number in pairs]
        else:
            parts = [query.where(c.round == number) for number in dict.fromkeys(row["round"] for row in rows)]
        found = (row for part in parts for row in self._execute(part))
        return {(item, annotator, number, at): uuid for item, annotator, number, at, uuid in found}

    def _new(self, table: Table, rows: list[Row]) -> list[Row]:
        """Return the rows whose uuid is not stored yet, each once; refuse those that say something else."""
        known: dict[str, tuple[object, ...]] = {}
        said = SAID[table]
        columns = [table.c[n] for n in ("uuid", *said)]
        if rows and self._next(table, "seq", rows[0]["project_id"]) > 0:
            query = select(*columns).where(table.c.project_id == rows[0]["project_id"])
            for part in chunks([row["uuid"] for row in rows], CHUNK):
                known |= {uuid: tuple(rest) for uuid, *rest in self._execute(query.where(table.c.uuid.in_(part)))}
        new: list[Row] = []
        for row in rows:
            here = tuple(row[n] for n in said)
            before = known.setdefault(row["uuid"], here)
            if before is here:
                new.append(row)
            elif not _is_same(before, here):
                what = f"{table.name}: {row['uuid']!r} is stored with other content"
                raise StoreError(Problem(what=what, file=self._place, value=row["uuid"], next_step="Use a new uuid."))
        return new

    def _append(self, table: Table, rows: list[Row], time: str) -> None:
        if not rows:
            return
        now, first = self.now(), self._next(table, "seq", rows[0]["project_id"]) or 1
        for seq, row in enumerate(rows, start=first):
            row["seq"] = seq
            row[time] = row[time] or now
        self._insert(table, rows)

    def _next(self, table: Table, column: str, project_id: str) -> int:
        """Return the number behind the highest one, or 0 where there is none."""
        query = select(func.max(table.c[column])).where(table.c.project_id == project_id)
        last = self._execute(query).scalar()
        return 0 if last is None else int(last) + 1

    def _insert(self, table: Table, rows: Sequence[Row]) -> None:
        for part in chunks(rows, BATCH):
            self._execute(insert(table), part)

    def _replace(self, table: Table, row: Row, key: tuple[str, ...]) -> None:
        mine = [table.c[n] == row[n] for n in key]
        if not self._execute(update(table).where(*mine).values(row)).rowcount:
            self._insert(table, [row])

    def _change(self, statement: Executable, what: str) -> None:
        if not self._execute(statement).rowcount:
            raise StoreError(Problem(what=f"there is no such {what}", file=self._place))

    def _stored(self, record: Stored) -> Stored:
        self._insert(RECORDS[type(record)], rows_of([record]))
        return record

    def _refuse_unknown_items(self, project_id: str, wanted: list[str]) -> None:
        query = select(items.c.item).where(items.c.project_id == project_id)
        known: set[str] = set()
        for part in chunks(wanted, CHUNK):
            known.update(self._execute(query.where(items.c.item.in_(part))).scalars())
        unknown = [item for item in wanted if item not in known]
        if unknown:
            what = f"the project has no item {shorten(map(repr, unknown))}"
            raise StoreError(Problem(what=what, file=self._place, value=unknown[0], next_step="Add the items first."))

    def _taken(self, what: str, next_step: str) -> ConflictError:
        return ConflictError(Problem(what=what, file=self._place, next_step=next_step))


def _by_project(records: Iterable[Any]) -> dict[str, list[Any]]:
    out: dict[str, list[Any]] = {}
    for record in records:
        out.setdefault(record.project_id, []).append(record)
    return out


def _place_of(row: Row) -> Key:
    return row["item"], row["annotator"], row["round"], row["assignment"]


def _is_same(before: tuple[object, ...], here: tuple[object, ...]) -> bool:
    return before == here or canonical_json(before) == canonical_json(here)
