"""Who may do what: the one table of roles and actions."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from labelqa.errors import NotAllowedError, Problem, check_choice

ANNOTATOR, REVIEWER, LEAD = "annotator", "reviewer", "lead"
ROLES = (ANNOTATOR, REVIEWER, LEAD)
_EVERYONE, _REVIEWERS, _LEADS = ROLES, (REVIEWER, LEAD), (LEAD,)

ACTIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "label": _EVERYONE,  # the actor's own assignments only: whose they are is checked where labels are saved
        "read_guideline": _EVERYONE,
        "read_results": _REVIEWERS,
        "adjudicate": _REVIEWERS,
        "edit_draft": _REVIEWERS,
        "publish_guideline": _LEADS,
        "design_round": _LEADS,
        "export_round": _LEADS,
        "import_labels": _LEADS,
        "close_round": _LEADS,
        "add_items": _LEADS,
        "manage_people": _LEADS,
        "export_gold": _LEADS,
        "export_project": _LEADS,
    }
)
_WORDS = {
    "label": "label items",
    "read_guideline": "read the guideline",
    "read_results": "read results",
    "adjudicate": "decide on items",
    "edit_draft": "edit a draft of the guideline",
    "publish_guideline": "publish a guideline",
    "design_round": "design a round",
    "export_round": "export the files of a round",
    "import_labels": "import labels",
    "close_round": "close a round",
    "add_items": "add items",
    "manage_people": "manage people and their roles",
    "export_gold": "export gold labels",
    "export_project": "export or back up the project",
}


def is_allowed(role: str | None, action: str) -> bool:
    """Whether people of this role may do it; None is somebody whom the project does not know.

    Raises
    ------
    ParameterError
        If the action is not in the table, or the role is not known.

    Examples
    --------
    >>> is_allowed("reviewer", "adjudicate"), is_allowed("annotator", "read_results"), is_allowed(None, "label")
    (True, False, False)
    """
    check_choice("action", action, tuple(ACTIONS))
    if role is None:
        return False
    check_choice("role", role, ROLES)
    return role in ACTIONS[action]


def check_allowed(role: str | None, action: str, actor: str) -> None:
    """Raise :class:`NotAllowedError` unless the role of `actor` allows the action; the message says who may.

    Parameters
    ----------
    role : {"annotator", "reviewer", "lead", None}
        Role of `actor`; None for somebody whom the project does not know.
    action : str
        One of :data:`ACTIONS`.
    actor : str
        Who wants to do it.

    Raises
    ------
    NotAllowedError
        If the role does not allow it.
    ParameterError
        If the action or the role is not known.

    Examples
    --------
    >>> check_allowed("lead", "publish_guideline", "ana")
    >>> check_allowed("annotator", "publish_guideline", "bo")
    Traceback (most recent call last):
        ...
    labelqa.errors.NotAllowedError: 'bo' is an annotator and may not publish a guideline. Only a lead may.
    """
    if is_allowed(role, action):
        return
    may = ACTIONS[action]
    who = f"{actor!r} is {_with_article(role)}" if role else f"{actor!r} is not one of the people of this project"
    everyone = "Everyone in the project may; a lead adds people." if may == ROLES else f"Only {_listed(may)} may."
    raise NotAllowedError(
        Problem(what=f"{who} and may not {_WORDS[action]}", parameter="actor", value=actor, next_step=everyone)
    )


def _with_article(role: str) -> str:
    return f"an {role}" if role[0] in "aeiou" else f"a {role}"


def _listed(roles: tuple[str, ...]) -> str:
    return " or ".join(_with_article(role) for role in roles)
