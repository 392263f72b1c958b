"""The guideline that a project starts with."""

from __future__ import annotations

from collections.abc import Sequence

from labelqa.errors import ParameterError
from labelqa.guidelines.checks import document_problems
from labelqa.guidelines.document import Guideline
from labelqa.guidelines.rule import Rule


def starter_guideline(classes: Sequence[str], *, title: str = "", introduction: str = "") -> Guideline:
    """Return a guideline with an empty definition for each class, for people to fill.

    Parameters
    ----------
    classes : sequence of str
        Names of the classes, in reading order.
    title, introduction : str
        What stands above the classes.

    Raises
    ------
    ParameterError
        If `classes` is empty, is one text, or names a class twice.

    Examples
    --------
    >>> [(rule.id, rule.title) for rule in starter_guideline(["bug", "billing"]).rules]
    [('R1', 'definition of bug'), ('R2', 'definition of billing')]
    """
    found = document_problems(classes, (), title, introduction)
    if found:
        raise ParameterError([f.problem for f in found])
    rules = tuple(Rule(id=f"R{i}", class_name=c, kind="definition", text="") for i, c in enumerate(classes, start=1))
    return Guideline(classes=tuple(classes), rules=rules, title=title, introduction=introduction)
