"""An open project: the store it is kept in, and who may do what in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from threading import RLock
from types import TracebackType
from typing import Any, Self, TypeVar, cast

from labelqa.errors import ParameterError, Problem
from labelqa.results import json_safe
from labelqa.review.ledger import Stack
from labelqa.review.roles import check_allowed
from labelqa.store.database import Store
from labelqa.store.reader import Reader
from labelqa.store.records import DecisionRecord, EventRecord
from labelqa.store.writer import Writer
from labelqa.text import counted

KEPT = 256  # answers about what does not change any more
Value = TypeVar("Value")
Decided = tuple[int, Mapping[str, Stack], Mapping[str, DecisionRecord]]  # the last of the log, all, those in force
NUMERIC = ("interval", "ratio")
MOST_GRADES = 12  # values up to which numbers are grades of a scale, each with a meaning of its own


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Project:
    """An open project; :func:`create_project` and :func:`open_project` make it.

    Attributes
    ----------
    store : Store
        Where it is kept.
    id, name : str
        Which one.
    classes : tuple of str, length k
        Its classes in their order.
    level : str
        nominal | ordinal | interval | ratio.
    """

    store: Store
    id: str
    name: str
    classes: tuple[str, ...]
    level: str
    _kept: dict[object, object] = field(default_factory=dict)
    _fresh: dict[object, tuple[object, object]] = field(default_factory=dict)
    _locks: dict[object, AbstractContextManager[object]] = field(default_factory=dict)
    _log: list[Decided] = field(default_factory=list)

    def __repr__(self) -> str:
        """Return what it is and what to call next."""
        return (
            f"Project {self.name!r} in {self.store.place} ({counted(len(self.classes), 'class', 'classes')})\n"
            "  next: review.progress(project, actor=...)"
        )

    @property
    def is_numeric(self) -> bool:
        """Whether labels are numbers."""
        return self.level in NUMERIC

    @property
    def has_measurements(self) -> bool:
        """Whether labels are numbers of more values than a scale has: no two are mixed up, they are near or far."""
        return self.is_numeric and len(self.classes) > MOST_GRADES

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the store of the project."""
        self.store.close()

    def once(self, key: object, find: Callable[[], Value]) -> Value:
        """Return what `find` returned for this key before; only for what does not change, like a closed round.

        Threads that ask at the same time wait for one of them to find it. A database in memory lends its one connection
        to one thread at a time, who would wait for each other: there each finds it alone.
        """
        if key in self._kept:
            return cast(Value, self._kept[key])
        alone = self._locks.setdefault(key, RLock()) if self.store.kind != "memory" else nullcontext()
        with alone:
            if key not in self._kept:
                found = find()
                while len(self._kept) >= KEPT:
                    self._kept.pop(next(iter(list(self._kept))), None)
                self._kept[key] = found
            self._locks.pop(key, None)
            return cast(Value, self._kept[key])

    def until_stored(self, key: object, find: Callable[[], Value]) -> Value:
        """Return what `find` returned for this key before, unless anybody stored anything since.

        The answer must not depend on who asks. Inside a write nothing is kept: what a writer sees may still be undone.
        """
        state = self.store.state()  # first: what is found after it is at least as new
        return find() if state is None else self.while_same(key, state, find)

    def while_same(self, key: object, token: object, find: Callable[[], Value]) -> Value:
        """Return what `find` returned for this key before, if the token was the same; one answer a key is kept."""
        if self.store.state() is None:  # inside a write
            return find()
        kept = self._fresh.get(key)
        if kept is not None and kept[0] == token:
            return cast(Value, kept[1])
        found = find()
        if len(self._fresh) >= KEPT:
            self._fresh.clear()
        self._fresh[key] = token, found
        return found

    @property
    def decided(self) -> Decided:
        """How much of the log of decisions was read, and what it came to: a log that is only appended to."""
        return self._log[-1] if self._log else (0, {}, {})

    def keep_decided(self, decided: Decided) -> None:
        """Keep what the log came to, for the next who asks."""
        self._log[:] = [decided]

    def settings(self) -> Mapping[str, Any]:
        """Return the settings as they are now."""
        with self.store.read() as reader:
            return reader.project(self.name).settings

    @contextmanager
    def reading(self, actor: str, action: str) -> Iterator[Reader]:
        """Yield a reader, if `actor` may do `action`."""
        check_allowed(self.role_of(actor), action, actor)
        with self.store.read() as reader:
            yield reader

    @contextmanager
    def writing(self, actor: str, action: str) -> Iterator[Writer]:
        """Yield a writer that is alone until the end, if `actor` may do `action`."""
        with self.store.write() as writer:
            allow(writer, self, actor, action)
            yield writer

    def people(self) -> Mapping[str, str]:
        """Return the role of each person, by name, as it is now."""

        def find() -> Mapping[str, str]:
            with self.store.read() as reader:
                return {p.name: p.role for p in reader.people(self.id)}

        return self.until_stored("people", find)

    def role_of(self, actor: object) -> str | None:
        """Return the role of a person as it is now; None for somebody whom the project does not know."""
        return self.people().get(check_actor(actor))

    def tell(self, writer: Writer, kind: str, actor: str, detail: Mapping[str, object]) -> None:
        """Append an event to the log of the project."""
        writer.add_event(EventRecord(project_id=self.id, kind=kind, actor=actor, detail=plain(detail)))


def allow(reader: Reader, project: Project, actor: object, action: str) -> None:
    """Raise :class:`NotAllowedError` unless `actor` may do `action` in the project, by what this reader sees."""
    actor = check_actor(actor)
    person = reader.person(project.id, actor)
    check_allowed(None if person is None else person.role, action, actor)


def check_actor(actor: object) -> str:
    """Return `actor`, which must be a text."""
    if isinstance(actor, str):
        return actor
    what, step = f"actor={actor!r} is no text", "Name the person who does it."
    raise ParameterError(Problem(what=what, parameter="actor", value=actor, next_step=step))


def plain(detail: Mapping[str, object]) -> dict[str, object]:
    """Return facts as JSON holds them."""
    return {key: json_safe(value) for key, value in detail.items()}
