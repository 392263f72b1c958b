"""The people of a project and their roles."""

from __future__ import annotations

from labelqa.errors import ParameterError, Problem, check_choice
from labelqa.review.project import Project
from labelqa.review.roles import LEAD, ROLES
from labelqa.store.reader import Reader
from labelqa.store.records import PersonRecord


def put_person(project: Project, name: str, role: str, *, actor: str) -> None:
    """Add a person to a project, or change the role of one.

    Parameters
    ----------
    project : Project
        Where to.
    name : str
        The person.
    role : {"annotator", "reviewer", "lead"}
        What the person may do; see :data:`labelqa.review.roles.ACTIONS`.
    actor : str
        Who does it; a lead.

    Raises
    ------
    NotAllowedError
        If the actor is not a lead.
    ParameterError
        If the name is empty, the role is not known, or the project would be left without a lead.
    """
    check_choice("role", role, ROLES)
    if not name.strip():
        raise ParameterError(Problem(what="name is empty", parameter="name", value=name))
    with project.writing(actor, "manage_people") as writer:
        people = writer.people(project.id)
        before = next((p.role for p in people if p.name == name), None)
        if before == LEAD and role != LEAD and sum(p.role == LEAD for p in people) == 1:
            step = "Make somebody else a lead first."
            raise ParameterError(
                Problem(what=f"{name!r} is the only lead", parameter="role", value=role, next_step=step)
            )
        writer.put_person(PersonRecord(project_id=project.id, name=name, role=role, added_by=actor))
        project.tell(writer, "person_put", actor, {"name": name, "role": role, "role_before": before})


def role_of(project: Project, name: str) -> str | None:
    """Return the role of a person; None for somebody whom the project does not know."""
    with project.store.read() as reader:
        person = reader.person(project.id, name)
    return None if person is None else person.role


def people_of(project: Project) -> dict[str, str]:
    """Return the role of each person, by name."""
    with project.store.read() as reader:
        return {p.name: p.role for p in reader.people(project.id)}


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
