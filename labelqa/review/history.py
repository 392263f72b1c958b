"""What happened in a project, in words; its log of decisions; and a copy of everything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from labelqa.errors import StoreError
from labelqa.review.gold import DECISIONS
from labelqa.review.lookup import held_out_items
from labelqa.review.project import Project, allow, plain
from labelqa.store.records import EventRecord
from labelqa.text import counted

Detail = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One event.

    Attributes
    ----------
    at_utc : str
        When.
    actor : str
        Who did it.
    text : str
        What, in words, without the actor: ``closed round 2``.
    """

    at_utc: str
    actor: str
    text: str


def last_happened(project: Project, *, actor: str, limit: int = 20) -> list[Happened]:
    """Return the last events of a project in words, the newest first.

    Parameters
    ----------
    project : Project
        Where.
    actor : str
        Who asks; a reviewer or lead.
    limit : int
        How many.

    Raises
    ------
    NotAllowedError
        If the actor may not read results.

    Examples
    --------
    >>> from labelqa.review.projects import create_project
    >>> with create_project("memory:", "tickets", actor="lea", classes=["bug", "wish"]) as project:
    ...     last_happened(project, actor="lea")[-1].text
    'made the project with 0 items'
    """
    with project.reading(actor, "read_results") as reader:
        events = reader.last_events(project.id, limit)
    newest = sorted(events, key=lambda e: -e.seq)
    return [Happened(at_utc=e.at_utc, actor=e.actor, text=in_words(e.kind, e.detail)) for e in newest]


def decision_log(project: Project, *, actor: str) -> pd.DataFrame:
    """Return all decisions and undoings, oldest first; those on held-out items once these are released.

    Raises
    ------
    NotAllowedError
        If the actor may not read results.
    """
    with project.reading(actor, "read_results") as reader:
        away = held_out_items(reader, project)
        found = [d for d in reader.decisions(project.id) if d.item not in away]
    rows = [[getattr(d, name) for name in DECISIONS] for d in found]
    return pd.DataFrame(rows, columns=list(DECISIONS), dtype=object)


def back_up(project: Project, path: str | Path, *, actor: str) -> Path:
    """Copy the SQLite database, with all of its projects, to a new file while others go on working.

    Parameters
    ----------
    project : Project
        Of which database.
    path : path
        The file to make.
    actor : str
        A lead of every project in the database, as all of them are copied.

    Raises
    ------
    NotAllowedError
        If the actor is not a lead of one of them.
    StoreError
        If the file exists or cannot be written, or the database is on PostgreSQL.
    """
    _check_leads_all(project, actor)
    written = project.store.backup(path)
    _tell_copied(project, "backed_up", actor, {"file": written.name})
    return written


def export_all(project: Project, folder: str | Path, *, actor: str, format: str = "jsonl") -> Path:
    """Write the whole database, with all of its projects, to a folder of plain files with counts and hashes.

    Parameters
    ----------
    project : Project
        Of which database.
    folder : path
        The folder to make.
    actor : str
        A lead of every project in the database, as all of them are written, held-out items and names too.
    format : {"jsonl", "parquet"}
        Lines of JSON, or Parquet.

    Raises
    ------
    NotAllowedError
        If the actor is not a lead of one of them.
    StoreError
        If the folder holds files or cannot be written.
    """
    _check_leads_all(project, actor)
    written = project.store.export(folder, format=format)
    _tell_copied(project, "database_exported", actor, {"folder": written.name, "format": format})
    return written


def _check_leads_all(project: Project, actor: str) -> None:
    with project.store.read() as reader:
        for record in reader.projects():
            one = Project(
                store=project.store, id=record.id, name=record.name, classes=tuple(record.classes), level=record.level
            )
            allow(reader, one, actor, "export_project")


def _tell_copied(project: Project, kind: str, actor: str, detail: Mapping[str, object]) -> None:
    """Note in every project that all of it was copied; a full disk or a read-only place takes no copy away."""
    with suppress(StoreError), project.store.write() as writer:
        for record in writer.projects():
            writer.add_event(EventRecord(project_id=record.id, kind=kind, actor=actor, detail=plain(detail)))


def in_words(kind: str, detail: Detail) -> str:
    """Return what happened, without who did it.

    Examples
    --------
    >>> in_words("person_put", {"name": "bo", "role": "annotator", "role_before": None})
    'added bo (annotator)'
    >>> in_words("something_new", {})
    'something new'
    """
    say = _WORDS.get(kind)
    return kind.replace("_", " ") if say is None else say(detail)


def _person(d: Detail) -> str:
    if d.get("role_before") is None:
        return f"added {d.get('name')} ({d.get('role')})"
    return f"changed {d.get('name')} from {d.get('role_before')} to {d.get('role')}"


def _closed(d: Detail) -> str:
    if d.get("purpose") == "import":
        return f"brought round {d.get('round')} with {counted(int(d.get('labels', 0)), 'label')}"
    missing = int(d.get("missing", 0))
    return f"closed round {d.get('round')}" + (f" with {counted(missing, 'label')} missing" if missing else "")


def _designed(d: Detail) -> str:
    return f"opened round {d.get('round')} with {counted(sum(d.get('counts', {}).values()), 'item')}"


def _proved(d: Detail) -> str:
    rounds = [str(r) for r in d.get("rounds", ())]
    return "compared rounds " + " and ".join(rounds)


_WORDS: Mapping[str, Callable[[Detail], str]] = MappingProxyType(
    {
        "project_created": lambda d: f"made the project with {counted(int(d.get('items', 0)), 'item')}",
        "person_put": _person,
        "items_added": lambda d: f"added {counted(int(d.get('added', 0)), 'item')}",
        "round_designed": _designed,
        "round_closed": _closed,
        "round_cancelled": lambda d: f"cancelled round {d.get('round')}: {d.get('reason')}",
        "guideline_published": lambda d: f"published guideline version {d.get('version')}: {d.get('reason')}",
        "draft_dropped": lambda _: "dropped a draft of the guideline",
        "decided": lambda d: f"decided on item {d.get('item')}",
        "decision_undone": lambda d: f"undid the decision on item {d.get('item')}",
        "proved": _proved,
        "gold_exported": lambda d: f"exported gold labels of {counted(int(d.get('items', 0)), 'item')}",
        "held_out_released": lambda d: (
            f"released {counted(int(d.get('items', 0)), 'held-out item')}: {d.get('reason')}"
        ),
        "round_exported": lambda d: f"exported the files of round {d.get('round')} ({d.get('format')})",
        "database_exported": lambda d: f"exported the whole database to {d.get('folder')} as {d.get('format')}",
        "backed_up": lambda d: f"backed the whole database up to {d.get('file')}",
        "labels_imported": lambda d: f"imported labels of round {d.get('round')}",
    }
)
