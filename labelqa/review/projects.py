"""Making a project and opening one."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from labelqa.annotations.table import Annotations
from labelqa.counts.patterns import need_annotations
from labelqa.errors import ParameterError, Problem, is_between, is_whole
from labelqa.guidelines.document import Guideline
from labelqa.guidelines.starter import starter_guideline
from labelqa.guidelines.versions import next_version
from labelqa.review.intake import add_item_records, import_rounds, known_items
from labelqa.review.people import readable_name
from labelqa.review.project import Project, plain
from labelqa.review.roles import LEAD
from labelqa.store.database import Store, open_store
from labelqa.store.looks import left_behind
from labelqa.store.reader import Reader
from labelqa.store.records import PersonRecord, ProjectRecord, VersionRecord
from labelqa.store.writer import Writer

STARTED = "Start of the project"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSettings:
    """What is fixed when a project is made.

    Attributes
    ----------
    held_out : float
        Share of items that are kept away from everybody who writes rules, from 0 to 0.5: the proof rests on them.
    seed : int
        Source of all chance in the project.
    shown : tuple of str or None
        Columns of the items that annotators see, in their order; None is all of them.
    target : float or None
        Agreement that the project wants to reach.
    """

    held_out: float = 0.2
    seed: int = 0
    shown: tuple[str, ...] | None = None
    target: float | None = None

    def __post_init__(self) -> None:
        """Check every setting."""
        problems = []
        if not is_between(self.held_out, np.nextafter(0, -1), np.nextafter(0.5, 1)):
            problems.append(_setting("held_out", self.held_out, "a number from 0 to 0.5, for example 0.2"))
        if not is_whole(self.seed, 0):
            problems.append(_setting("seed", self.seed, "a whole number from 0 on"))
        if self.target is not None and not is_between(self.target, 0, 1):
            problems.append(_setting("target", self.target, "a number between 0 and 1, for example 0.8", "None"))
        if problems:
            raise ParameterError(problems)


def create_project(  # noqa: PLR0913  # what a project begins with
    url: str,
    name: str,
    *,
    actor: str,
    annotations: Annotations | None = None,
    items: pd.DataFrame | None = None,
    classes: Sequence[Hashable] | None = None,
    guideline: Guideline | None = None,
    settings: ProjectSettings | None = None,
    store: Store | None = None,
) -> Project:
    """Make a project from labels, items, or both; `actor` becomes its lead.

    Parameters
    ----------
    url : str
        A file, ``postgresql+psycopg://...`` or ``memory:``; see :func:`labelqa.store.database.open_store`.
    name : str
        Name of the project in this database.
    actor : str
        Who makes it.
    annotations : Annotations, optional
        Labels so far; each of their rounds becomes a closed round, their annotators become people of the project.
    items : DataFrame (n, columns), optional
        More items, by an ``item`` column (or the index); the other columns are what is known of them.
    classes : sequence, optional
        The classes; by default those of the guideline or of the annotations.
    guideline : Guideline, optional
        The labeling instruction so far; by default one with an empty definition for each class.
    settings : ProjectSettings, optional
        Held-out share, seed, columns to show, target.
    store : Store, optional
        An open store instead of `url`.

    Raises
    ------
    ParameterError
        If there are no classes, or classes, labels and guideline contradict each other.
    ConflictError
        If the database has a project of that name.

    Examples
    --------
    >>> import labelqa as lq
    >>> from labelqa.review.projects import create_project
    >>> frame = pd.DataFrame({"item": ["a", "b"], "ann": ["bug", "bug"], "ben": ["bug", "wish"]})
    >>> labels = lq.Annotations.from_wide(frame, item="item")
    >>> with create_project("memory:", "tickets", actor="lea", annotations=labels) as project:
    ...     project.classes
    ('bug', 'wish')
    """
    settings = settings or ProjectSettings()
    if annotations is not None:
        need_annotations(annotations)
    names, level = _classes(classes, annotations, guideline)
    guideline = guideline or starter_guideline(names)
    known = known_items(annotations, items)
    _check_shown(settings, known)
    actor = _check_names(name, actor)
    opened = store or open_store(url)
    try:
        with opened.write() as writer:
            record = writer.add_project(
                ProjectRecord(name=name, classes=names, level=level, settings=_as_settings(settings), created_by=actor)
            )
            project = Project(store=opened, id=record.id, name=name, classes=names, level=level)
            writer.put_person(PersonRecord(project_id=record.id, name=actor, role=LEAD, added_by=actor))
            project.tell(
                writer, "project_created", actor, {"items": len(known), "classes": names, **_as_settings(settings)}
            )
            _publish_first(writer, project, guideline, actor)
            add_item_records(writer, project, known)
            if annotations is not None:
                import_rounds(writer, project, annotations, actor)
        opened.checkpoint()
    except BaseException:
        if store is None:
            opened.close()
        raise
    return project


def open_project(url: str, name: str | None = None, *, store: Store | None = None) -> Project:
    """Open a project of a database; its name may be left out where there is only one.

    Parameters
    ----------
    url : str
        A file or ``postgresql+psycopg://...``; it must exist.
    name : str, optional
        Which project.
    store : Store, optional
        An open store instead of `url`.

    Raises
    ------
    StoreError
        If the database cannot be opened, or has no such project.
    ParameterError
        If it holds several projects and none is named.
    """
    opened = store or open_store(url, create=False)
    try:
        with opened.read() as reader:
            if name is None:
                name = _only_name(reader, "" if opened.kind != "sqlite" else left_behind(Path(opened.place)))
            record = reader.project(name)
    except BaseException:
        if store is None:
            opened.close()
        raise
    return Project(store=opened, id=record.id, name=record.name, classes=tuple(record.classes), level=record.level)


def _publish_first(writer: Writer, project: Project, guideline: Guideline, actor: str) -> None:
    """Store the first version of the guideline."""
    version = next_version((), guideline, author=actor, reason=STARTED, created_utc=writer.now())
    writer.add_version(
        VersionRecord(
            project_id=project.id,
            number=version.number,
            content_hash=version.content_hash,
            content=guideline.to_dict(),
            author=actor,
            reason=STARTED,
            created_utc=version.created_utc,
        )
    )


def _classes(
    classes: Sequence[Hashable] | None, annotations: Annotations | None, guideline: Guideline | None
) -> tuple[tuple[str, ...], str]:
    level = "nominal" if annotations is None else annotations.schema.level
    used = () if annotations is None else tuple(str(c) for c in annotations.schema.classes)
    ruled = () if guideline is None else guideline.classes
    names = tuple(str(c) for c in classes) if classes is not None else ruled or used
    if len(names) < 2 or len(set(names)) < len(names):
        what = "a project needs two classes or more" if len(names) < 2 else "two classes have the same name"
        step = "Pass classes=[...], a guideline, or labels with two classes."
        raise ParameterError(Problem(what=what, parameter="classes", value=names, next_step=step))
    problems = [
        Problem(what=f"{where} has the class {name!r}, which the project does not", parameter="classes", value=name,
                allowed=names, next_step="Name all classes with classes=[...].")
        for where, some in (("annotations", used), ("guideline", ruled))
        for name in some
        if name not in names
    ]  # fmt: skip
    if guideline is not None and not problems and set(ruled) != set(names):
        missing = next(n for n in names if n not in ruled)
        problems.append(Problem(what=f"guideline lacks the class {missing!r}", parameter="guideline", value=missing))
    if problems:
        raise ParameterError(problems)
    return names, level


def _as_settings(settings: ProjectSettings) -> dict[str, object]:
    return plain(dataclasses.asdict(settings))


def _check_shown(settings: ProjectSettings, known: Mapping[str, Mapping[str, object]]) -> None:
    if settings.shown is None or not known:
        return
    columns = sorted({c for payload in known.values() for c in payload})
    problems = [
        Problem(what=f"items have no column {c!r} to show", parameter="shown", value=c, allowed=tuple(columns))
        for c in settings.shown
        if c not in columns
    ]
    if problems:
        raise ParameterError(problems)


def _check_names(name: object, actor: object) -> str:
    """Return the name of the first lead, after checking that of the project too."""
    problems = []
    if not isinstance(name, str) or not name.strip():
        what = "name is empty" if isinstance(name, str) else f"name={name!r} is no text"
        problems.append(Problem(what=what, parameter="name", value=name, next_step="Name the project."))
    try:
        lead = readable_name(actor, "actor")
    except ParameterError as error:
        problems += error.problems
    if problems:
        raise ParameterError(problems)
    return lead


def _only_name(reader: Reader, hint: str) -> str:
    names = [record.name for record in reader.projects()]
    if len(names) != 1:
        what = "the database holds no project" if not names else "the database holds several projects"
        step = f"Make one with create_project.{hint}" if not names else "Name one of them."
        raise ParameterError(Problem(what=what, parameter="name", allowed=tuple(names), next_step=step))
    return names[0]


def _setting(name: str, value: object, *allowed: str) -> Problem:
    return Problem(what=f"{name}={value!r} is not possible", parameter=name, value=value, allowed=allowed)
