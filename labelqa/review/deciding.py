"""Decisions that a rule can rest on."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import pandas as pd

from labelqa.errors import ParameterError, Problem
from labelqa.review.lookup import decisions_now
from labelqa.review.project import Project
from labelqa.review.visibility import seen_annotations
from labelqa.store.records import DecisionRecord

ITEM_ALONE = ("slip", "confirmed")  # causes that say nothing of a class


def decisions_between(
    project: Project, classes: Iterable[str], *, actor: str, among: Collection[str] | None = None
) -> list[DecisionRecord]:
    """Return the decisions in force on items that were given all of these classes: what a rule about them rests on.

    Parameters
    ----------
    project : Project
        Which project.
    classes : iterable of str
        One class, or the two of a boundary.
    actor : str
        Who asks; a reviewer or lead.
    among : collection of str, optional
        Only decisions on these items: those of a slice, for example.

    Returns
    -------
    list of DecisionRecord
        Those whose item got each class in a label that is to be seen, or whose decision names all of them. Slips and
        confirmations come last, and else the latest first.

    Raises
    ------
    NotAllowedError
        If the actor may not read results.
    ParameterError
        If a class is not one of the project.
    """
    wanted = tuple(dict.fromkeys(classes))
    unknown = [name for name in wanted if name not in project.classes]
    if unknown:
        what = f"class {unknown[0]!r} is not one of the project"
        raise ParameterError(Problem(what=what, parameter="classes", value=unknown[0], allowed=project.classes))
    with project.reading(actor, "read_results") as reader:
        decided = decisions_now(reader, project)
        data = seen_annotations(reader, project, None)[0] if decided else None
    met: set[str] = set()
    if data is not None:
        items = list(decided)
        places = data.items.get_indexer(pd.Index(items, dtype=object))
        columns = [project.classes.index(name) for name in wanted]
        hit = (places >= 0) & (data.counts[places][:, columns] > 0).all(axis=1)
        met = {item for item, is_met in zip(items, hit.tolist(), strict=True) if is_met}
    found = [d for d in decided.values() if d.item in met or set(wanted) <= set(d.labels)]
    found = found if among is None else [d for d in found if d.item in among]
    return sorted(found, key=lambda d: (d.cause in ITEM_ALONE, -d.seq))
