"""What a closed round says, measured once: a closed round does not change any more."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from labelqa.ambiguity.confusions import class_confusions
from labelqa.annotations.table import Annotations
from labelqa.errors import ParameterError, Problem
from labelqa.reliability.estimate import agreement
from labelqa.reliability.levels import weights_of_level
from labelqa.reliability.names import KRIPPENDORFF
from labelqa.review.lookup import CLOSED, released, round_of
from labelqa.review.project import Project
from labelqa.review.visibility import class_values, seen_annotations
from labelqa.store.reader import Reader


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measured:
    """A closed round as people who write rules may see it: without held-out items.

    Attributes
    ----------
    annotations : Annotations
        Its labels, without what is known of the items: reading that takes longer than all the rest.
    estimate, low, high : float
        Krippendorff's alpha with its interval, with the weights that fit the level of the project; nan where undefined.
    undefined_because : str or None
        Why.
    pairs : tuple of (str, str)
        Pairs of classes that are flagged, worst first.
    contested : dict of str to float
        Share of split label pairs of each item on which people disagree, worst first.
    n_hidden : int
        Held-out items that are left out.
    """

    annotations: Annotations
    estimate: float
    low: float
    high: float
    undefined_because: str | None
    pairs: tuple[tuple[str, str], ...]
    contested: dict[str, float]
    n_hidden: int


def measured(project: Project, round: int, *, actor: str) -> Measured:
    """Return what a closed round says; measured once, then from memory.

    Raises
    ------
    NotAllowedError
        If the actor may not read results.
    ParameterError
        If the round is not closed, has no labels, or all of its items are held out.
    """
    with project.reading(actor, "read_results") as reader:
        found = round_of(reader, project, round)
        if found.state != CLOSED:
            what = f"round {round} is {found.state}: results are read when it is closed"
            raise ParameterError(Problem(what=what, parameter="round", value=round))
        known = measured_if_any(reader, project, found.number)
        if known is None:
            what = f"round {round} has no labels that can be shown"
            raise ParameterError(Problem(what=what, parameter="round", value=round))
        return known


def measured_if_any(reader: Reader, project: Project, round: int) -> Measured | None:
    """Return what a closed round says from an open reader; None if it has no labels that can be shown."""
    key = ("measured", round, released(reader, project))
    return project.once(key, lambda: _measured(reader, project, round))


def weights_in_words(level: str) -> str:
    """Return the weights that results of a project count differences with; empty where all count alike.

    Examples
    --------
    >>> weights_in_words("ordinal"), weights_in_words("nominal")
    ('ordinal weights', '')
    """
    return "" if level == "nominal" else f"{level} weights"


def _measured(reader: Reader, project: Project, round: int) -> Measured | None:
    annotations, hidden = seen_annotations(reader, project, round, data=False)
    if annotations is None:
        return None
    found = agreement(annotations, KRIPPENDORFF, weights=weights_of_level(project.level)[KRIPPENDORFF])
    interval = found.confidence_interval()
    return Measured(
        annotations=annotations,
        estimate=float(found.estimate),
        low=float(interval.low),
        high=float(interval.high),
        undefined_because=found.undefined_because,
        pairs=() if project.has_measurements else _unclear_pairs(project, annotations),
        contested=_contested(annotations),
        n_hidden=hidden,
    )


def _unclear_pairs(project: Project, annotations: Annotations) -> tuple[tuple[str, str], ...]:
    pairs = class_confusions(annotations).frame
    flagged = pairs[pairs["flagged"].astype(bool)]
    called = dict(zip(class_values(project), project.classes, strict=True))
    return tuple((called[a], called[b]) for a, b in zip(flagged["class_a"], flagged["class_b"], strict=True))


def _contested(annotations: Annotations) -> dict[str, float]:
    counts = annotations.counts
    total = counts.sum(axis=1)
    alike = (counts * (counts - 1)).sum(axis=1)
    pairs = total * (total - 1)
    split = np.flatnonzero(alike < pairs)
    scores = (1 - alike[split] / pairs[split]).tolist()
    found = [(s, str(annotations.items[at])) for s, at in zip(scores, split.tolist(), strict=True)]
    return {item: score for score, item in sorted(found, key=lambda s: (-s[0], s[1])) if not math.isnan(score)}
