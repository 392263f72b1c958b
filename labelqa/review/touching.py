"""Which labeled items a change of the guideline touches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labelqa.guidelines.diff_result import GuidelineDiff
from labelqa.review.contested import contested_labels
from labelqa.review.project import Project
from labelqa.review.visibility import seen_annotations


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """A class, or a pair of classes, that a change touches.

    Attributes
    ----------
    classes : tuple of str
        The class, or the two.
    items : tuple of str
        Items that somebody gave the class in any closed round (of a pair: both classes), without held-out ones.
    contested : tuple of str
        Those of them on which people disagree in the round that is looked at, worst first.
    """

    classes: tuple[str, ...]
    items: tuple[str, ...]
    contested: tuple[str, ...]


def touched_items(
    project: Project, diff: GuidelineDiff, *, actor: str, round: int | None = None
) -> tuple[Touched, ...]:
    """Return the classes and pairs that a change touches with their labeled items: their labels rest on the old rule.

    Parameters
    ----------
    project : Project
        Where.
    diff : GuidelineDiff
        The change.
    actor : str
        Who looks; a reviewer or lead.
    round : int, optional
        The closed round that tells what is contested; by default the last one that has labels.

    Raises
    ------
    NotAllowedError
        If the actor may not read results.
    ParameterError
        If the round is not closed.
    """
    touched = [*((name,) for name in diff.touched_classes), *diff.touched_pairs]
    split = contested_labels(project, round, actor=actor).labels
    with project.reading(actor, "read_results") as reader:
        data, _ = seen_annotations(reader, project, None)
    if data is None:
        return ()
    found = []
    for classes in touched:
        at = [project.classes.index(name) for name in classes]
        hit = np.flatnonzero((data.counts[:, at] > 0).all(axis=1))
        contested = tuple(item for item, labels in split.items() if set(classes) <= set(labels))
        found.append(Touched(classes=classes, items=tuple(map(str, data.items[hit])), contested=contested))
    return tuple(found)
