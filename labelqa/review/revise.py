"""The guideline of a project: its history, drafts that never overwrite, publishing and restoring."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Literal, cast

from labelqa.errors import ConflictError, NotAllowedError, ParameterError, Problem, shorten
from labelqa.guidelines.document import Guideline
from labelqa.guidelines.drafts import Draft, DraftConflict, check_base
from labelqa.guidelines.versions import GuidelineVersion, next_version, restore_version
from labelqa.review.lookup import released
from labelqa.review.project import Project
from labelqa.store.reader import Reader
from labelqa.store.records import DraftRecord, VersionRecord
from labelqa.store.writer import Writer

Edit = Literal["semantic", "minor"]
ANY = "any"  # whatever draft is stored


def guideline_history(project: Project, *, actor: str | None = None) -> tuple[GuidelineVersion, ...]:
    """Return all versions of the guideline, oldest first: annotators may read what they labeled by.

    Parameters
    ----------
    project : Project
        Where.
    actor : str, optional
        For whom; without a name it is for the program itself.

    Raises
    ------
    NotAllowedError
        If the project does not know the actor.
    """
    with _reading(project, actor) as reader:
        return history_of(reader, project)


def guideline_version(project: Project, number: int | None = None, *, actor: str | None = None) -> GuidelineVersion:
    """Return one version of the guideline; by default the one in force.

    Parameters
    ----------
    project : Project
        Where.
    number : int, optional
        Which version.
    actor : str, optional
        For whom; without a name it is for the program itself.

    Raises
    ------
    NotAllowedError
        If the project does not know the actor.
    ParameterError
        If there is no such version.
    """
    with _reading(project, actor) as reader:
        return version_of(reader, project, number)


def _reading(project: Project, actor: str | None) -> AbstractContextManager[Reader]:
    return project.store.read() if actor is None else project.reading(actor, "read_guideline")


def version_of(reader: Reader, project: Project, number: int | None) -> GuidelineVersion:
    """Return one version as :func:`guideline_version` does, from an open reader."""
    last = reader.latest_number(project.id) if number is None else number
    return project.while_same(("version", number), last, lambda: _version_of(reader, project, number))


def _version_of(reader: Reader, project: Project, number: int | None) -> GuidelineVersion:
    found = reader.latest_version(project.id) if number is None else reader.version(project.id, number)
    if found is None:
        allowed = tuple(str(v.number) for v in reader.versions(project.id))
        what = f"the guideline has no version {number!r}"
        raise ParameterError(Problem(what=what, parameter="number", value=number, allowed=allowed))
    return _version(found)


def history_of(reader: Reader, project: Project) -> tuple[GuidelineVersion, ...]:
    """Return all versions from an open reader."""
    return tuple(_version(record) for record in reader.versions(project.id))


def save_draft(
    project: Project, guideline: Guideline, *, base: int, actor: str, replaces: str | None = ANY
) -> DraftConflict | None:
    """Keep what `actor` has written so far; published it is only by :func:`publish_guideline`.

    Parameters
    ----------
    project : Project
        Where.
    guideline : Guideline
        The draft.
    base : int
        Number of the version that it was made from.
    actor : str
        Whose draft; a reviewer or lead.
    replaces : str, optional
        ``content_hash`` of the draft that it was made from, None where there was none: a draft that was stored
        meanwhile, in another window, is then not overwritten. By default it replaces whatever is stored.

    Returns
    -------
    DraftConflict or None
        None if it was saved. If another version was published since `base`, both texts and the difference: the draft is
        kept as it is (nothing is lost), but cannot be published before it is saved on the newer base.

    Raises
    ------
    ConflictError
        If another draft than `replaces` is stored; nothing was changed.
    NotAllowedError
        If the actor may not edit, or a rule cites a held-out item.
    ParameterError
        If there is no version `base`.
    """
    with project.writing(actor, "edit_draft") as writer:
        _check_replaced(writer, project, actor, replaces, guideline.content_hash)
        _check_cited(writer, project, guideline)
        conflict = _conflict(writer, project, guideline, base, actor)
        writer.put_draft(
            DraftRecord(project_id=project.id, author=actor, base_version=base, content=guideline.to_dict())
        )
    return conflict


def draft_of(project: Project, *, actor: str) -> Draft | None:
    """Return the draft of `actor`, or None."""
    with project.reading(actor, "edit_draft") as reader:
        found = reader.draft(project.id, actor)
        return None if found is None else _draft(reader, project, found)


def drafts_of(project: Project, *, actor: str) -> tuple[Draft, ...]:
    """Return the drafts of all people, by name: a lead publishes what a reviewer wrote.

    Parameters
    ----------
    project : Project
        Where.
    actor : str
        Who looks; a reviewer or lead.

    Raises
    ------
    NotAllowedError
        If the actor may not edit drafts.
    """
    with project.reading(actor, "edit_draft") as reader:
        return tuple(_draft(reader, project, record) for record in reader.drafts(project.id))


def draft_conflict(project: Project, draft: Draft, *, actor: str) -> DraftConflict | None:
    """Tell whether another version was published since the base of a draft, without saving anything.

    Parameters
    ----------
    project : Project
        Where.
    draft : Draft
        A draft that is stored, or one that somebody thinks of.
    actor : str
        Who asks; a reviewer or lead.

    Raises
    ------
    NotAllowedError
        If the actor may not edit drafts.
    """
    with project.reading(actor, "edit_draft") as reader:
        return check_base(draft, version_of(reader, project, None))


def drop_draft(project: Project, *, actor: str, replaces: str | None = ANY) -> None:
    """Throw the draft of `actor` away.

    Parameters
    ----------
    project : Project
        Where.
    actor : str
        Whose draft.
    replaces : str, optional
        ``content_hash`` of the draft that was read; by default whatever is stored is thrown away.

    Raises
    ------
    ConflictError
        If another draft than `replaces` is stored; nothing was changed.
    NotAllowedError
        If the actor may not edit drafts.
    """
    with project.writing(actor, "edit_draft") as writer:
        _check_replaced(writer, project, actor, replaces, None)
        writer.delete_draft(project.id, actor)
        project.tell(writer, "draft_dropped", actor, {})


def publish_guideline(
    project: Project,
    guideline: Guideline,
    *,
    base: int,
    actor: str,
    reason: str,
    edit: Edit | None = None,
) -> GuidelineVersion:
    """Publish a new version; the draft of `actor` is done with if it is what is published, and else it is kept.

    Parameters
    ----------
    project : Project
        Where.
    guideline : Guideline
        The new text.
    base : int
        Number of the version it was made from; it must be the one in force.
    actor : str
        Who publishes; a lead.
    reason : str
        Why, in words.
    edit : {"semantic", "minor"}, optional
        Whether people may label differently by it; suggested from the difference if not given.

    Raises
    ------
    ConflictError
        If another version was published since `base`; :func:`save_draft` returns both texts and the difference.
    NotAllowedError
        If the actor may not publish, or a rule cites a held-out item.
    ParameterError
        If nothing changed, the reason is empty, or the classes are not those of the project.
    """
    with project.writing(actor, "publish_guideline") as writer:
        _check_classes(project, guideline)
        _check_cited(writer, project, guideline)
        conflict = _conflict(writer, project, guideline, base, actor)
        if conflict is not None:
            step = "save_draft returns both texts and what differs; save on the newer base, then publish."
            raise ConflictError(Problem(what=conflict.summary()[0], parameter="base", value=base, next_step=step))
        history = history_of(writer, project)
        version = next_version(history, guideline, author=actor, reason=reason, created_utc=writer.now(), edit=edit)
        _store(writer, project, version)
        if _stored_hash(writer, project, actor) == version.content_hash:
            writer.delete_draft(project.id, actor)
    return version


def restore_guideline(project: Project, number: int, *, actor: str, reason: str) -> GuidelineVersion:
    """Publish the content of an earlier version again, as a new version.

    Raises
    ------
    ParameterError
        If there is no such version, or it is what is in force.
    NotAllowedError
        If the actor is not a lead.
    """
    with project.writing(actor, "publish_guideline") as writer:
        history = history_of(writer, project)
        version = restore_version(history, number, author=actor, reason=reason, created_utc=writer.now())
        _check_cited(writer, project, version.guideline)
        _store(writer, project, version)
    return version


def _draft(reader: Reader, project: Project, record: DraftRecord) -> Draft:
    base = version_of(reader, project, record.base_version)
    return Draft(author=record.author, base=base, guideline=guideline_in(record))


def _store(writer: Writer, project: Project, version: GuidelineVersion) -> None:
    rules = version.guideline.rules
    writer.add_version(
        VersionRecord(
            project_id=project.id,
            number=version.number,
            content_hash=version.content_hash,
            content=version.guideline.to_dict(),
            parent=version.parent,
            author=version.author,
            reason=version.reason,
            edit=version.edit,
            restored_from=version.restored_from,
            evidence={r.id: [[e.kind, e.ref] for e in r.evidence] for r in rules if r.evidence},
            created_utc=version.created_utc,
        )
    )
    project.tell(writer, "guideline_published", version.author, {"version": version.number, "reason": version.reason})


def _conflict(reader: Reader, project: Project, guideline: Guideline, base: int, actor: str) -> DraftConflict | None:
    draft = Draft(author=actor, base=version_of(reader, project, base), guideline=guideline)
    return check_base(draft, version_of(reader, project, None))


def _stored_hash(reader: Reader, project: Project, actor: str) -> str | None:
    found = reader.draft(project.id, actor)
    return None if found is None else guideline_in(found).content_hash


def _check_replaced(reader: Reader, project: Project, actor: str, replaces: str | None, wanted: str | None) -> None:
    """Raise :class:`ConflictError` unless the stored draft is the one that was seen, or already what is wanted."""
    if replaces == ANY:
        return
    now = _stored_hash(reader, project, actor)
    if now not in (replaces, wanted):
        what = f"the draft of {actor!r} was changed in another window meanwhile"
        step = "Nothing was overwritten: read it again."
        raise ConflictError(Problem(what=what, parameter="replaces", value=now, next_step=step))


def _check_cited(reader: Reader, project: Project, guideline: Guideline) -> None:
    found = reader.items(project.id, guideline.cited_items)
    held = [] if released(reader, project) else [record.item for record in found if record.held_out]
    if held:
        what = f"rules cite held-out items: {shorten(held)}"
        step = "Held-out items prove whether the rules work: nobody who writes rules sees them. Cite others."
        raise NotAllowedError(Problem(what=what, parameter="guideline", value=tuple(held), next_step=step))


def _check_classes(project: Project, guideline: Guideline) -> None:
    problems = [
        Problem(what=f"the guideline has the class {c!r}, which the project does not", parameter="guideline", value=c,
                allowed=project.classes)
        for c in guideline.classes
        if c not in project.classes
    ] + [
        Problem(what=f"the guideline lacks the class {c!r}", parameter="guideline", value=c)
        for c in project.classes
        if c not in guideline.classes
    ]  # fmt: skip
    if problems:
        raise ParameterError(problems)


def _version(record: VersionRecord) -> GuidelineVersion:
    return GuidelineVersion(
        number=record.number,
        guideline=guideline_in(record),
        parent=record.parent,
        author=record.author,
        reason=record.reason,
        edit=cast(Edit, record.edit),
        created_utc=record.created_utc,
        restored_from=record.restored_from,
    )


def guideline_in(record: VersionRecord | DraftRecord) -> Guideline:
    """Return the guideline that a stored version or draft holds."""
    return Guideline.from_dict(cast(Mapping[str, Any], record.content))
