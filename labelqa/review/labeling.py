"""Labeling blind: an annotator is shown one item after the other, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from labelqa.errors import NotAllowedError, ParameterError, Problem, is_between
from labelqa.guidelines.document import Guideline
from labelqa.review.lookup import OPEN, round_of, rounds_of, shown_columns
from labelqa.review.project import Project
from labelqa.review.revise import version_of
from labelqa.store.reader import Reader
from labelqa.store.records import AssignmentRecord, LabelRecord, RoundRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One item as an annotator sees it.

    Attributes
    ----------
    assignment : str
        Opaque id; what :func:`save_label` takes.
    round : int
        Of which round.
    shown : dict of str to object
        The columns of the item that annotators may see.
    classes : tuple of str
        What to choose from.
    guideline : Guideline
        The version that the round is labeled by.
    guideline_version : int
        Its number.
    done, total : int
        Assignments of this annotator in the round that have a label, and all.
    """

    assignment: str
    round: int
    shown: Mapping[str, object]
    classes: tuple[str, ...]
    guideline: Guideline
    guideline_version: int
    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedLabel:
    """What is told of a stored label: nothing of its item, which would tell held-out items and repeats.

    Attributes
    ----------
    uuid : str
        Its id.
    assignment : str
        What was labeled.
    label : str
        The class.
    round, guideline_version : int
        In which round, by which version.
    created_utc : str
        When it was stored.
    """

    uuid: str
    assignment: str
    label: str
    round: int
    guideline_version: int | None
    created_utc: str


def open_rounds(project: Project, *, actor: str) -> tuple[int, ...]:
    """Return the numbers of the open rounds in which `actor` has assignments."""
    with project.reading(actor, "label") as reader:
        running = [r.number for r in rounds_of(reader, project, OPEN)]
        return tuple(number for number in running if actor in _annotators(reader, project, number))


def _annotators(reader: Reader, project: Project, round: int) -> frozenset[str]:
    """Return who labels in a round, which does not change when it is designed."""
    return project.while_same(("annotators", round), round, lambda: frozenset(reader.workload(project.id, round)))


def next_task(project: Project, round: int, *, actor: str) -> Task | None:
    """Return the next item that `actor` has not labeled, or None when all are.

    Raises
    ------
    ParameterError
        If there is no such round, or it is not open.
    NotAllowedError
        If the actor has no part in it.
    """
    with project.reading(actor, "label") as reader:
        found = round_of(reader, project, round)
        _check_open(found)
        done, total = _workload(reader, project, found, actor)
        assignment = reader.next_assignment(project.id, round, actor)
        return None if assignment is None else _task(reader, project, found, assignment, done, total)


def task_of(project: Project, round: int, assignment: str, *, actor: str) -> Task:
    """Return one assignment of `actor` again, for a correction.

    Raises
    ------
    NotAllowedError
        If it is nobody's, or somebody else's.
    """
    with project.reading(actor, "label") as reader:
        found = round_of(reader, project, round)
        own = _own(reader, project, round, assignment, actor)
        return _task(reader, project, found, own, *_workload(reader, project, found, actor))


def own_labels(project: Project, round: int, *, actor: str) -> dict[str, str]:
    """Return the labels that `actor` gave in a round, by assignment in the order they were asked."""
    with project.reading(actor, "label") as reader:
        given = {r.assignment: r.label for r in reader.labels(project.id, round=round, annotator=actor)}
        return {a.id: given[a.id] for a in reader.assignments(project.id, round, actor) if a.id in given}


def save_label(  # the facts of a label
    project: Project,
    round: int,
    assignment: str,
    label: str,
    *,
    actor: str,
    seconds: float | None = None,
    uuid: str | None = None,
) -> SavedLabel:
    """Store the label of one assignment; given again, it corrects the earlier one, which stays in the log.

    Parameters
    ----------
    project : Project
        Where.
    round : int
        Which round; it must be open.
    assignment : str
        One of the actor's own.
    label : str
        The class.
    actor : str
        Who labels.
    seconds : float, optional
        How long it took.
    uuid : str, optional
        Id made by the client: sending the same label twice stores it once.

    Returns
    -------
    SavedLabel
        What was stored.

    Raises
    ------
    NotAllowedError
        If the assignment is somebody else's.
    ParameterError
        If the round is not open, or label or seconds are not possible.
    """
    with project.writing(actor, "label") as writer:
        found = round_of(writer, project, round)
        own = _own(writer, project, round, assignment, actor)
        stored = None if uuid is None else writer.label(project.id, uuid)
        if stored is None:
            _check_open(found)
        _check_label(project, label, seconds)
        record = LabelRecord(
            project_id=project.id,
            uuid=uuid or writer.new_id(),
            item=own.item,
            annotator=actor,
            label=label,
            round=round,
            assignment=assignment,
            guideline_version=found.guideline_version,
            seconds=seconds,
        )
        writer.add_labels([record])
        kept = writer.label(project.id, record.uuid) or record
    return SavedLabel(
        uuid=kept.uuid,
        assignment=assignment,
        label=kept.label,
        round=round,
        guideline_version=kept.guideline_version,
        created_utc=kept.created_utc,
    )


def _task(
    reader: Reader, project: Project, found: RoundRecord, assignment: AssignmentRecord, done: int, total: int
) -> Task:
    item = reader.item(project.id, assignment.item)
    payload: Mapping[str, object] = {} if item is None else item.payload
    columns = project.once(("columns", found.number), lambda: shown_columns(reader, project, found.number))
    version = version_of(reader, project, found.guideline_version)
    return Task(
        assignment=assignment.id,
        round=found.number,
        shown={c: payload[c] for c in columns if c in payload},
        classes=project.classes,
        guideline=version.guideline,
        guideline_version=version.number,
        done=done,
        total=total,
    )


def _workload(reader: Reader, project: Project, found: RoundRecord, actor: str) -> tuple[int, int]:
    load = reader.workload(project.id, found.number)
    if actor not in load:
        what = f"{actor!r} has nothing to label in round {found.number}"
        raise NotAllowedError(Problem(what=what, parameter="actor", value=actor))  # who else labels is not told
    return load[actor]


def _own(reader: Reader, project: Project, round: int, assignment: str, actor: str) -> AssignmentRecord:
    found = reader.assignment(project.id, round, assignment)
    if found is None or found.annotator != actor:  # one message for both: ids of others are not confirmed
        what = f"{assignment!r} is no assignment of {actor!r} in round {round}"
        raise NotAllowedError(Problem(what=what, parameter="assignment", value=assignment))
    return found


def _check_open(found: RoundRecord) -> None:
    if found.state != OPEN:
        what = f"round {found.number} is {found.state}: it takes no labels"
        raise ParameterError(Problem(what=what, parameter="round", value=found.number))


def _check_label(project: Project, label: str, seconds: float | None) -> None:
    problems = []
    if label not in project.classes:
        problems.append(
            Problem(what=f"label {label!r} is not a class", parameter="label", value=label, allowed=project.classes)
        )
    if seconds is not None and seconds != 0 and not is_between(seconds, 0, float("inf")):
        problems.append(Problem(what=f"seconds={seconds!r} is no time", parameter="seconds", value=seconds))
    if problems:
        raise ParameterError(problems)
