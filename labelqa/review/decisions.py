"""Decisions on items: who settled what, why, and by which rule; appended, never changed."""

from __future__ import annotations

import math
from collections.abc import Sequence

from labelqa.errors import ConflictError, NotAllowedError, ParameterError, Problem, is_between
from labelqa.review.ledger import CAUSES, DECIDE, UNDO, current_decisions
from labelqa.review.lookup import decisions_now, released
from labelqa.review.project import Project
from labelqa.review.revise import guideline_in
from labelqa.store.reader import Reader
from labelqa.store.records import DecisionRecord, VersionRecord
from labelqa.store.writer import Writer
from labelqa.text import counted


def decide(  # noqa: PLR0913  # the facts of a decision
    project: Project,
    item: str,
    labels: str | Sequence[str],
    cause: str,
    *,
    actor: str,
    rule_id: str | None = None,
    confidence: float | None = None,
    note: str = "",
    supersedes: str | None = None,
    uuid: str | None = None,
) -> DecisionRecord:
    """Settle an item: one final label, or several that are all valid.

    Parameters
    ----------
    project : Project
        Where.
    item : str
        Which item; one that is not held out.
    labels : str or sequence of str
        The class; more than one where each of them is valid.
    cause : str
        Why people disagreed, one of :data:`labelqa.review.ledger.CAUSES`.
    actor : str
        Who decides; a reviewer or lead.
    rule_id : str, optional
        The rule of the guideline that settles it.
    confidence : float, optional
        From 0 to 1.
    note : str
        In words.
    supersedes : str, optional
        Uuid of the decision in force that this one replaces.
    uuid : str, optional
        Id made by the client: sending the same decision twice stores it once.

    Returns
    -------
    DecisionRecord
        As it is stored.

    Raises
    ------
    ConflictError
        If somebody else settled the item meanwhile; nothing is stored, and the message says what is in force.
    NotAllowedError
        If the actor may not decide, or the item is held out.
    ParameterError
        If item, labels, cause, rule or confidence do not exist; all problems are listed.
    """
    with project.writing(actor, "adjudicate") as writer:
        version = writer.latest_version(project.id)
        record = DecisionRecord(
            project_id=project.id,
            uuid=uuid or writer.new_id(),
            item=item,
            labels=(labels,) if isinstance(labels, str) else tuple(labels),
            cause=cause,
            rule_id=rule_id,
            confidence=confidence,
            note=note,
            actor=actor,
            supersedes=supersedes,
            guideline_version=None if version is None else version.number,
        )
        stored = _again(writer, record)
        if stored is not None:
            return stored
        _check(writer, project, record, version)
        _check_in_force(writer, project, record)
        writer.add_decision(record)
        told = {"item": item, "labels": record.labels, "cause": cause, "rule_id": rule_id, "decision": record.uuid}
        project.tell(writer, "decided", actor, told)
        return _stored(writer, record)


def undo_decision(
    project: Project, decision: str, *, actor: str, note: str = "", uuid: str | None = None
) -> DecisionRecord:
    """Take back the decision in force on an item; what it superseded is in force again.

    Parameters
    ----------
    project : Project
        Where.
    decision : str
        Its uuid.
    actor : str
        Who undoes it; a reviewer or lead.
    note : str
        Why.
    uuid : str, optional
        Id made by the client: sending it twice stores it once.

    Raises
    ------
    ParameterError
        If there is no such decision.
    ConflictError
        If it is not in force any more.
    """
    with project.writing(actor, "adjudicate") as writer:
        found = writer.decision(project.id, decision)
        if found is None or found.kind != DECIDE:
            raise ParameterError(
                Problem(what=f"there is no decision {decision!r}", parameter="decision", value=decision)
            )
        record = DecisionRecord(
            project_id=project.id,
            uuid=uuid or writer.new_id(),
            item=found.item,
            kind=UNDO,
            note=note,
            actor=actor,
            supersedes=decision,
        )
        stored = _again(writer, record)
        if stored is not None:
            return stored
        _check_shown(writer, project, found.item, actor)
        _check_in_force(writer, project, record)
        writer.add_decision(record)
        project.tell(writer, "decision_undone", actor, {"item": found.item, "decision": decision})
        return _stored(writer, record)


def decision_of(project: Project, item: str, *, actor: str) -> DecisionRecord | None:
    """Return the decision in force on an item, or None."""
    with project.reading(actor, "read_results") as reader:
        return current_decisions(reader.decisions_of_item(project.id, item)).get(item)


def decisions_in_force(project: Project, *, actor: str) -> dict[str, DecisionRecord]:
    """Return the decision in force on each item that has one."""
    with project.reading(actor, "read_results") as reader:
        return dict(decisions_now(reader, project))


def decision_history(project: Project, item: str, *, actor: str) -> list[DecisionRecord]:
    """Return every decision on an item and every undoing, oldest first."""
    with project.reading(actor, "read_results") as reader:
        return reader.decisions_of_item(project.id, item)


def _again(writer: Writer, record: DecisionRecord) -> DecisionRecord | None:
    """Return the stored decision if this one was sent before: a retry succeeds whatever happened since."""
    stored = writer.decision(record.project_id, record.uuid)
    if stored is not None:
        same_version = DecisionRecord(
            **{f: getattr(record, f) for f in record.__slots__ if f != "guideline_version"},
            guideline_version=stored.guideline_version,
        )
        writer.add_decision(same_version)  # raises if it says something else under the same uuid
    return stored


def _stored(reader: Reader, record: DecisionRecord) -> DecisionRecord:
    stored = reader.decision(record.project_id, record.uuid)
    return record if stored is None else stored


def _check(reader: Reader, project: Project, record: DecisionRecord, version: VersionRecord | None) -> None:
    _check_shown(reader, project, record.item, record.actor)
    problems = []
    if not record.labels or len(set(record.labels)) < len(record.labels):
        what = "labels name a class twice" if record.labels else "labels are empty: one class or more is valid"
        problems.append(Problem(what=what, parameter="labels", value=record.labels, allowed=project.classes))
    problems += [
        Problem(what=f"label {name!r} is not a class", parameter="labels", value=name, allowed=project.classes)
        for name in record.labels
        if name not in project.classes
    ]
    if record.cause not in CAUSES:
        what = f"cause={record.cause!r} is not known"
        problems.append(Problem(what=what, parameter="cause", value=record.cause, allowed=tuple(CAUSES)))
    known = () if record.rule_id is None or version is None else _rules(project, version)
    if record.rule_id is not None and record.rule_id not in known:
        what = f"the guideline has no rule {record.rule_id!r}"
        problems.append(Problem(what=what, parameter="rule_id", value=record.rule_id, allowed=known))
    sure = record.confidence
    if sure is not None and not is_between(sure, math.nextafter(0, -1), math.nextafter(1, 2)):
        what = f"confidence={sure!r} is not possible"
        problems.append(Problem(what=what, parameter="confidence", value=sure, allowed=("a number from 0 to 1",)))
    if problems:
        raise ParameterError(problems)


def _rules(project: Project, version: VersionRecord) -> tuple[str, ...]:
    """Return the ids of the rules of a version; kept by its content, which is the same for ever."""
    return project.once(("rules", version.content_hash), lambda: guideline_in(version).ids)


def _check_shown(reader: Reader, project: Project, item: str, actor: str) -> None:
    found = reader.item(project.id, item)
    if found is None:
        step = f"The project has {counted(reader.count_items(project.id), 'item')}."
        raise ParameterError(Problem(what=f"there is no item {item!r}", parameter="item", value=item, next_step=step))
    if found.held_out and not released(reader, project):
        step = "Held-out items prove later whether the rules work: nobody sees them before. Choose another item."
        raise NotAllowedError(
            Problem(what=f"item {item!r} is held out, and {actor!r} may not decide on it", parameter="item",
                    value=item, next_step=step)
        )  # fmt: skip


def _check_in_force(reader: Reader, project: Project, record: DecisionRecord) -> None:
    now = current_decisions(reader.decisions_of_item(project.id, record.item)).get(record.item)
    if (None if now is None else now.uuid) == record.supersedes:
        return
    if now is None:
        what = f"item {record.item!r} has no decision in force that could be replaced or undone"
        raise ConflictError(Problem(what=what, parameter="supersedes", value=record.supersedes))
    what = f"item {record.item!r} was settled by {now.actor!r} ({now.created_utc[:16]}): {', '.join(now.labels)}"
    step = f"Read it; to replace it pass supersedes={now.uuid!r}. Nothing was stored."
    raise ConflictError(Problem(what=what, parameter="supersedes", value=now.uuid, next_step=step))
