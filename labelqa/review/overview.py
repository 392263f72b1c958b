"""What a round asks of each person, and what each version of the guideline did."""

from __future__ import annotations

import math
from dataclasses import dataclass

from labelqa.guidelines.versions import GuidelineVersion
from labelqa.review.lookup import proofs_of, round_of, rounds_of
from labelqa.review.project import Project
from labelqa.review.revise import guideline_history
from labelqa.review.schedule import number_of_repeats


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedLoad:
    """What each person will have to label in a round.

    Attributes
    ----------
    n_fewest, n_most : int
        Different items of a person; persons differ by one at most.
    n_repeats : int
        Of them, how many come a second time, unannounced.
    """

    n_fewest: int
    n_most: int
    n_repeats: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionEffect:
    """A version of the guideline, and what the last comparison of its first round with an earlier one said.

    Attributes
    ----------
    version : GuidelineVersion
        The version.
    rounds : tuple of int
        Rounds that were labeled by it.
    compared : (int, int) or None
        The rounds compared; None where none were.
    verdict : str or None
        As of :class:`labelqa.review.RoundProof`.
    credit : str or None
        To what an improvement is credited, as of the same proof.
    """

    version: GuidelineVersion
    rounds: tuple[int, ...]
    compared: tuple[int, int] | None = None
    verdict: str | None = None
    credit: str | None = None


def round_workload(project: Project, round: int, *, actor: str) -> dict[str, tuple[int, int]]:
    """Return how many labels each person of a round has given, and of how many.

    Parameters
    ----------
    project : Project
        Where.
    round : int
        Which round; one that was brought with its labels has nobody.
    actor : str
        Who asks; a reviewer or lead.

    Raises
    ------
    NotAllowedError
        If the actor may not read results.
    ParameterError
        If there is no such round.
    """
    with project.reading(actor, "read_results") as reader:
        return dict(reader.workload(project.id, round_of(reader, project, round).number))


def expected_load(n_items: int, n_annotators: int, *, annotators_per_item: int, repeat_share: float) -> ExpectedLoad:
    """Return what each person will have to label in a round that is not designed yet.

    Parameters
    ----------
    n_items, n_annotators : int
        Items and people of the round.
    annotators_per_item : int
        Labels that each item gets.
    repeat_share : float
        Share of the items of a person that are asked a second time.

    Examples
    --------
    >>> expected_load(28, 2, annotators_per_item=2, repeat_share=0.05)
    ExpectedLoad(n_fewest=28, n_most=28, n_repeats=1)
    """
    labels = n_items * annotators_per_item
    fewest = labels // n_annotators
    return ExpectedLoad(
        n_fewest=fewest,
        n_most=math.ceil(labels / n_annotators),
        n_repeats=number_of_repeats(fewest, repeat_share),
    )


def version_effects(project: Project, *, actor: str) -> tuple[VersionEffect, ...]:
    """Return each version of the guideline with its rounds and what its proof said, the newest first.

    Parameters
    ----------
    project : Project
        Where.
    actor : str
        Who asks; a reviewer or lead.

    Raises
    ------
    NotAllowedError
        If the actor may not read results.
    """
    with project.reading(actor, "read_results") as reader:
        proofs = [e.detail for e in proofs_of(reader, project) if e.detail.get("complete")]
        labeled_by = {r.number: r.guideline_version for r in rounds_of(reader, project)}
    found = []
    for version in reversed(guideline_history(project, actor=actor)):
        own = tuple(number for number, by in labeled_by.items() if by == version.number)
        told = [(pair, d) for d in proofs if (pair := _pair(d.get("rounds"))) and pair[1] in own and pair[0] not in own]
        compared, detail = told[-1] if told else (None, {})
        verdict, credit = (str(detail[name]) if name in detail else None for name in ("verdict", "credit"))
        effect = VersionEffect(version=version, rounds=own, compared=compared, verdict=verdict, credit=credit)
        found.append(effect)
    return tuple(found)


def _pair(rounds: object) -> tuple[int, int] | None:
    return (int(rounds[0]), int(rounds[1])) if isinstance(rounds, list | tuple) and len(rounds) == 2 else None
