"""Whether the revised instruction helped: two rounds of a project, compared where they can be compared."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace

import pandas as pd

from labelqa.errors import ParameterError, Problem
from labelqa.guidelines.diff import diff_guidelines
from labelqa.reliability.names import KRIPPENDORFF
from labelqa.review.lookup import CANCELLED, CLOSED, OPEN, round_of, rounds_of
from labelqa.review.project import Project
from labelqa.review.proving.measuring import measure_change
from labelqa.review.proving.result import RoundProof
from labelqa.review.proving.rules import ChangedRule
from labelqa.review.revise import version_of
from labelqa.review.rounds import strata_of
from labelqa.review.visibility import annotations_of, seen_frame
from labelqa.store.reader import Reader
from labelqa.store.records import RoundRecord

BROUGHT = (
    "Round {round} was brought with its labels: how its items were chosen is not known. Take the answer with care, if "
    "they were not drawn at random, or if whoever wrote the rules saw them before."
)


def prove(  # noqa: PLR0913  # which rounds, and the usual options of a comparison
    project: Project,
    round_a: int,
    round_b: int,
    *,
    actor: str,
    target: float | None = None,
    coefficient: str = KRIPPENDORFF,
    confidence: float = 0.95,
    rng: int = 0,
) -> RoundProof:
    """Compare a round with an earlier one: whether people agree better, on which class, and by which rule.

    Parameters
    ----------
    project : Project
        Where.
    round_a, round_b : int
        The earlier round and the later one. While the later one is open, only its target is worth reading.
    actor : str
        Who asks; a reviewer or lead. Nothing item by item is told: held-out items stay held out.
    target : float, optional
        Agreement to reach; by default that of the project.
    coefficient, confidence, rng
        As for :func:`labelqa.compare_agreement`.

    Returns
    -------
    RoundProof
        One answer and what it rests on: overall, by class, by changed rule, learning, target.

    Raises
    ------
    ParameterError
        If a round does not exist, was cancelled, or has no labels yet.
    """
    with project.reading(actor, "read_results") as reader:
        earlier, later = round_of(reader, project, round_a), round_of(reader, project, round_b)
        _check(earlier, later, tuple(str(r.number) for r in rounds_of(reader, project, OPEN, CLOSED)))
        frames = [_frame(reader, project, r.number) for r in (earlier, later)]
        before, after = (annotations_of(reader, project, frame, data=False) for frame in frames)
        designed = strata_of(reader, project, round_b)
        strata = designed or _as_labeled(*frames)
        earlier_strata = strata_of(reader, project, round_a)
        rules = changed_rules(reader, project, earlier, later)
        goal = target if target is not None else reader.project(project.name).settings.get("target")
    found = measure_change(
        before,
        after,
        strata=strata,
        changed_rules=rules,
        earlier_strata=earlier_strata,
        target=None if goal is None else float(str(goal)),
        complete=later.state == CLOSED,
        coefficient=coefficient,
        confidence=confidence,
        rng=rng,
    )
    found = found if designed else replace(found, cautions=(BROUGHT.format(round=round_b), *found.cautions))
    with project.writing(actor, "read_results") as writer:
        told = {"verdict": found.verdict, "credit": found.credit, "complete": later.state == CLOSED}
        told |= {} if found.target is None else {"target": goal, "reached": found.target_reached}
        project.tell(writer, "proved", actor, {"rounds": [round_a, round_b], **told})
    return found


def changed_rules(reader: Reader, project: Project, earlier: RoundRecord, later: RoundRecord) -> Sequence[ChangedRule]:
    """Return the rules that differ between the guidelines of two rounds: id, class, other class of a border."""
    old, new = (version_of(reader, project, r.guideline_version or 1).guideline for r in (earlier, later))
    changed = set(diff_guidelines(old, new).changed_rules)
    rules = {r.id: r for guideline in (old, new) for r in guideline.rules}
    return [(r.id, r.class_name, r.other) for r in rules.values() if r.id in changed]


def _as_labeled(before: pd.DataFrame, after: pd.DataFrame) -> dict[Hashable, tuple[str, float | None]]:
    """Return how the items of a round count that was brought with its labels: those of the earlier one again."""
    known = set(before["item"])
    return {item: ("paired" if item in known else "fresh", None) for item in after["item"]}


def _frame(reader: Reader, project: Project, round: int) -> pd.DataFrame:
    frame, _ = seen_frame(reader, project, "proof", round)
    if frame.empty:
        what = f"round {round} has no labels yet"
        raise ParameterError(Problem(what=what, parameter="round", value=round))
    return frame


def _check(earlier: RoundRecord, later: RoundRecord, known: tuple[str, ...]) -> None:
    problems = [
        Problem(what=f"round {r.number} was cancelled", parameter="round", value=r.number, allowed=known)
        for r in (earlier, later)
        if r.state == CANCELLED
    ]
    if earlier.number >= later.number:
        what = f"round_a={earlier.number} is not earlier than round_b={later.number}"
        problems.append(Problem(what=what, parameter="round_a", value=earlier.number))
    if problems:
        raise ParameterError(problems)
