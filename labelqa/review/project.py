"""An open project: the store it is kept in, and who may do what in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypeVar, cast

from labelqa.errors import ParameterError, Problem
from labelqa.results import json_safe
from labelqa.review.ledger import Stack
from labelqa.review.roles import check_allowed
from labelqa.store.database import Store
from labelqa.store.reader import Reader
from labelqa.store.records import EventRecord
from labelqa.store.writer import Writer
from labelqa.text import counted

KEPT = 256  # answers about what does not change any more
Value = TypeVar("Value")


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
    _log: list[tuple[int, Mapping[str, Stack]]] = field(default_factory=list)

    def __repr__(self) -> str:
        """Return what it is and what to call next."""
        return (
            f"Project {self.name!r} in {self.store.place} ({counted(len(self.classes), 'class', 'classes')})\n"
            "  next: review.progress(project, actor=...)"
        )

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
        """Return what `find` returned for this key before; only for what does not change, like a closed round."""
        if key not in self._kept:
            found = find()
            while len(self._kept) >= KEPT:
                self._kept.pop(next(iter(list(self._kept))), None)
            self._kept[key] = found
            return found
        return cast(Value, self._kept[key])

    @property
    def decided(self) -> tuple[int, Mapping[str, Stack]]:
        """How much of the log of decisions was read, and what it came to: a log that is only appended to."""
        return self._log[-1] if self._log else (0, {})

    def keep_decided(self, read: int, stacks: Mapping[str, Stack]) -> None:
        """Keep what the log came to, for the next who asks."""
        self._log[:] = [(read, stacks)]

    def settings(self) -> Mapping[str, Any]:
        """Return the settings as they are now."""
        with self.store.read() as reader:
            return reader.project(self.name).settings

    @contextmanager
    def reading(self, actor: str, action: str) -> Iterator[Reader]:
        """Yield a reader, if `actor` may do `action`."""
        with self.store.read() as reader:
            allow(reader, self, actor, action)
            yield reader

    @contextmanager
    def writing(self, actor: str, action: str) -> Iterator[Writer]:
        """Yield a writer that is alone until the end, if `actor` may do `action`."""
        with self.store.write() as writer:
            allow(writer, self, actor, action)
            yield writer

    def tell(self, writer: Writer, kind: str, actor: str, detail: Mapping[str, object]) -> None:
        """Append an event to the log of the project."""
        writer.add_event(EventRecord(project_id=self.id, kind=kind, actor=actor, detail=plain(detail)))


def allow(reader: Reader, project: Project, actor: object, action: str) -> None:
    """Raise :class:`NotAllowedError` unless `actor` may do `action` in the project."""
    if not isinstance(actor, str):
        what, step = f"actor={actor!r} is no text", "Name the person who does it."
        raise ParameterError(Problem(what=what, parameter="actor", value=actor, next_step=step))
    person = reader.person(project.id, actor)
    check_allowed(None if person is None else person.role, action, actor)


def plain(detail: Mapping[str, object]) -> dict[str, object]:
    """Return facts as JSON holds them."""
    return {key: json_safe(value) for key, value in detail.items()}
