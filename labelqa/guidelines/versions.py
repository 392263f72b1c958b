"""Versions of a guideline: numbered, with author and reason; nothing is ever overwritten."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from labelqa.errors import ParameterError, Problem, check_kind, is_whole
from labelqa.guidelines.diff import diff_guidelines
from labelqa.guidelines.document import Guideline
from labelqa.guidelines.rule import Rule

EDITS = ("semantic", "minor")


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidelineVersion:
    """A published guideline.

    Attributes
    ----------
    number : int
        1, 2, 3, ...
    guideline : Guideline
        The content.
    parent : int or None
        Number of the version it was made from; None for the first.
    author, reason : str
        Who published it, and why.
    edit : {"semantic", "minor"}
        Whether it can change how people label.
    created_utc : str
        When, ISO 8601 in UTC.
    restored_from : int or None
        The earlier version whose content this one repeats, if it was made to.

    Raises
    ------
    ParameterError
        With all problems.
    """

    number: int
    guideline: Guideline
    parent: int | None
    author: str
    reason: str
    edit: Literal["semantic", "minor"]
    created_utc: str
    restored_from: int | None = None

    def __post_init__(self) -> None:
        problems = list(_problems(self))
        if problems:
            raise ParameterError(problems)

    @property
    def content_hash(self) -> str:
        """Hash of the content; two versions may share it (a restored one does)."""
        return self.guideline.content_hash


def next_version(
    history: Sequence[GuidelineVersion],
    guideline: Guideline,
    *,
    author: str,
    reason: str,
    created_utc: str,
    edit: Literal["semantic", "minor"] | None = None,
) -> GuidelineVersion:
    """Return the version that publishing `guideline` after `history` makes.

    Parameters
    ----------
    history : sequence of GuidelineVersion
        All versions so far, in order.
    guideline : Guideline
        What to publish.
    author, reason : str
        Who publishes, and why.
    created_utc : str
        When, ISO 8601 in UTC.
    edit : {"semantic", "minor"} or None
        Whether it can change how people label; None takes what the difference suggests.

    Raises
    ------
    ParameterError
        If nothing changed, if the id of a removed rule is given to another rule, or author or reason is missing.

    Examples
    --------
    >>> from labelqa.guidelines.starter import starter_guideline
    >>> start = starter_guideline(["bug"])
    >>> first = next_version((), start, author="ana", reason="start", created_utc="2024-05-01T09:00:00+00:00")
    >>> first.number, first.parent, first.edit
    (1, None, 'semantic')
    """
    check_kind(
        "guideline", guideline, Guideline, allowed="a Guideline", next_step="For a version, pass its .guideline."
    )
    parent = history[-1] if history else None
    problems = list(_reused_ids(history, guideline))
    if parent is not None and parent.content_hash == guideline.content_hash:
        what = f"nothing changed since version {parent.number}"
        problems.append(Problem(what=what, parameter="guideline", next_step="Change a rule before you publish."))
    if problems:
        raise ParameterError(problems)
    suggested = "semantic" if parent is None else diff_guidelines(parent.guideline, guideline).suggested_edit
    return GuidelineVersion(
        number=parent.number + 1 if parent else 1,
        guideline=guideline,
        parent=parent.number if parent else None,
        author=author,
        reason=reason,
        edit=suggested if edit is None else edit,
        created_utc=created_utc,
    )


def restore_version(
    history: Sequence[GuidelineVersion], number: int, *, author: str, reason: str, created_utc: str
) -> GuidelineVersion:
    """Return the new version that has the content of an earlier one.

    Parameters
    ----------
    history : sequence of GuidelineVersion
        All versions so far, in order.
    number : int
        The version to restore.
    author, reason, created_utc : str
        Who restores it, why and when.

    Raises
    ------
    ParameterError
        If there is no such version, or its content is the current one.
    """
    found = next((v for v in history if v.number == number), None)
    current = history[-1] if history else None
    if found is None or current is None or found.content_hash == current.content_hash:
        what = f"there is no version {number!r}" if found is None else f"version {number} is what is in force"
        allowed = tuple(str(v.number) for v in history if current and v.content_hash != current.content_hash)
        raise ParameterError(Problem(what=what, parameter="number", value=number, allowed=allowed))
    return GuidelineVersion(
        number=current.number + 1,
        guideline=found.guideline,
        parent=current.number,
        author=author,
        reason=reason,
        edit=diff_guidelines(current.guideline, found.guideline).suggested_edit,
        created_utc=created_utc,
        restored_from=number,
    )


def _reused_ids(history: Sequence[GuidelineVersion], guideline: Guideline) -> Iterator[Problem]:
    """Yield rules that have the id of a rule that was removed, but are not that rule brought back."""
    past: dict[str, Rule] = {r.id: r for v in history for r in v.guideline.rules}
    current = set(history[-1].guideline.ids) if history else set()
    for rule in guideline.rules:
        gone = past.get(rule.id) if rule.id not in current else None
        if gone is not None and (gone.class_name, gone.kind, gone.text) != (rule.class_name, rule.kind, rule.text):
            free = guideline.next_id(v.guideline for v in history)
            yield Problem(
                what=f"rule {rule.id!r} ({rule.title}) has the id of a removed rule ({gone.title})",
                parameter="id",
                value=rule.id,
                next_step=f"Results of the old rule would count for the new one: give it the id {free}.",
            )


def _problems(version: GuidelineVersion) -> Iterator[Problem]:
    number = version.number if is_whole(version.number, 1) else 1
    checks: dict[str, tuple[Callable[[object], bool], tuple[str, ...]]] = {
        "number": (lambda v: is_whole(v, 1), ("a whole number from 1 on",)),
        "guideline": (lambda v: isinstance(v, Guideline), ("a Guideline",)),
        "author": (_is_filled, ("a text that is not empty",)),
        "reason": (_is_filled, ("a text that is not empty",)),
        "edit": (lambda v: v in EDITS, EDITS),
        "created_utc": (_is_time, ("a time in UTC as ISO 8601 text, for example 2024-05-01T09:00:00+00:00",)),
        "parent": (lambda v: _is_earlier(v, number), ("None", f"the number of a version before {number}")),
        "restored_from": (lambda v: _is_earlier(v, number), ("None", f"the number of a version before {number}")),
    }
    for name, (is_right, allowed) in checks.items():
        value = getattr(version, name)
        if not is_right(value):
            yield Problem(what=f"{name}={value!r} is not allowed", parameter=name, value=value, allowed=allowed)


def _is_filled(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_earlier(value: object, number: int) -> bool:
    return value is None or (isinstance(value, int) and is_whole(value, 1) and value < number)


def _is_time(value: object) -> bool:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return False
    offset = moment.utcoffset()
    return isinstance(value, str) and (offset is None or not offset)
