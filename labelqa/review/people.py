"""The people of a project and their roles."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from labelqa.errors import ParameterError, Problem, check_choice
from labelqa.review.project import Project
from labelqa.review.roles import LEAD, ROLES
from labelqa.store.reader import Reader
from labelqa.store.records import PersonRecord
from labelqa.text import visible

UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")  # control and format (bidi) characters, halves of characters, ends of lines
JOINERS = "\u200c\u200d"  # some scripts write names with them


def put_person(project: Project, name: str, role: str, *, actor: str) -> None:
    """Add a person to a project, or change the role of one.

    Parameters
    ----------
    project : Project
        Where to.
    name : str
        The person, without outer blanks.
    role : {"annotator", "reviewer", "lead"}
        What the person may do; see :data:`labelqa.review.roles.ACTIONS`.
    actor : str
        Who does it; a lead.

    Raises
    ------
    NotAllowedError
        If the actor is not a lead.
    ParameterError
        If the name is no text, empty, holds control or bidi characters, or differs from that of another person only in
        case or blanks; the role is not known; or the project would be left without a lead.
    """
    check_choice("role", role, ROLES)
    name = text_name(name, "name")
    with project.writing(actor, "manage_people") as writer:
        people = writer.people(project.id)
        _check_new(name, [p.name for p in people])
        before = next((p.role for p in people if p.name == name), None)
        if before == LEAD and role != LEAD and sum(p.role == LEAD for p in people) == 1:
            step = "Make somebody else a lead first."
            raise ParameterError(
                Problem(what=f"{name!r} is the only lead", parameter="role", value=role, next_step=step)
            )
        writer.put_person(PersonRecord(project_id=project.id, name=name, role=role, added_by=actor))
        project.tell(writer, "person_put", actor, {"name": name, "role": role, "role_before": before})


def text_name(name: object, parameter: str) -> str:
    """Return a name without outer blanks.

    Raises
    ------
    ParameterError
        If it is no text, or empty.
    """
    if not isinstance(name, str):
        what = f"{parameter}={name!r} is no text"
        raise ParameterError(Problem(what=what, parameter=parameter, value=name, next_step="Give a name as text."))
    if not name.strip():
        what = f"{parameter} is empty"
        raise ParameterError(Problem(what=what, parameter=parameter, value=name, next_step="Name the person."))
    return name.strip()


def readable_name(name: object, parameter: str) -> str:
    """Return the name of a new person without outer blanks.

    Raises
    ------
    ParameterError
        If it is no text, empty, or holds characters that cannot be seen.

    Examples
    --------
    >>> readable_name(" Ana B. ", "name")
    'Ana B.'
    """
    found = text_name(name, parameter)
    unseen = [c for c in found if unicodedata.category(c) in UNSEEN and c not in JOINERS]
    if unseen:
        code = f"U+{ord(unseen[0]):04X}"
        what = f"{parameter} {visible(found)!r} holds a character that cannot be seen or turns text around ({code})"
        step = "Type the name anew, with letters, blanks and marks that can be seen."
        raise ParameterError(Problem(what=what, parameter=parameter, value=found, next_step=step))
    return found


def _check_new(name: str, known: Sequence[str]) -> None:
    """Raise :class:`ParameterError` for a new name that cannot be read or told from a known one."""
    if name in known:
        return
    readable_name(name, "name")
    like = next((other for other in known if _folded(other) == _folded(name)), None)
    if like is not None:
        what = f"name {name!r} differs only in case or blanks from {like!r}, who is there already"
        step = f"Write {like!r}, or give the other person another name."
        raise ParameterError(Problem(what=what, parameter="name", value=name, next_step=step))


def _folded(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def role_of(project: Project, name: str) -> str | None:
    """Return the role of a person; None for somebody whom the project does not know."""
    return project.people().get(name)


def people_of(project: Project) -> dict[str, str]:
    """Return the role of each person, by name."""
    return dict(project.people())


def unknown_people(reader: Reader, project: Project, names: tuple[str, ...]) -> list[Problem]:
    """Return a problem for each name that the project does not know."""
    known = tuple(p.name for p in reader.people(project.id))
    step = "Add the person with put_person, or labelqa project person."
    return [
        Problem(what=f"{n!r} is not one of the project's people", parameter="annotators", value=n, allowed=known,
                next_step=step)
        for n in names
        if n not in known
    ]  # fmt: skip
